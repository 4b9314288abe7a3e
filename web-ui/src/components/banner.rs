//! What is said when the module's second part cannot be fetched: what was typed waits, and the person can try again.

use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use crate::hooks::use_event;
use crate::text::use_text;

#[wasm_bindgen]
extern "C" {
    /// boot.js: fetches the second part once more.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn again();

    /// boot.js: takes the newer version that waits, and loads the page anew.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn renew();

    /// boot.js: `failed`, `gone` where a newer version is served, `new` where one waits to be taken, or nothing.
    #[wasm_bindgen(js_namespace = layerlab, js_name = restState)]
    fn rest_state() -> String;
}

/// The banner; nothing while all goes well.
#[component]
pub(crate) fn Banner() -> Html {
    let text = use_text();
    let state = use_state_eq(rest_state);
    let set = state.setter();
    let first = set.clone();
    use_event("layerlab-rest", move |_| set.set(rest_state()));
    // It may have failed after the state was read and before the event was listened to.
    use_effect_with((), move |()| first.set(rest_state()));
    let (what, act) = match state.as_str() {
        "failed" => ("rest.failed", "rest.again"),
        "gone" => ("rest.gone", "rest.reload"),
        "new" => ("rest.new", "rest.reload"),
        _ => return Html::default(),
    };
    let is_new = *state == "new";
    let press = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| match state.as_str() {
            "new" => renew(),
            // A page can always be asked for anew.
            "gone" => _ = gloo::utils::window().location().reload(),
            _ => again(),
        })
    };
    let later = Callback::from(move |_: MouseEvent| state.set(String::new()));
    html! {
        <div class="banner" role="alert">
            <p>{ text.get(what) }</p>
            <button type="button" class="btn main" onclick={press}>{ text.get(act) }</button>
            if is_new { <button type="button" class="btn" onclick={later}>{ text.get("rest.later") }</button> }
        </div>
    }
}
