//! What is said when a session is open in another tab, or needs a file that is not here.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::deposit;
use crate::hooks::use_lab;
use crate::state::{Action, Deposit, Owner};
use crate::text::use_text;
use crate::visible;

/// The banner; nothing while the tab owns its session and has its files.
#[component]
pub(crate) fn TabBanner() -> Html {
    let (lab, text) = (use_lab(), use_text());
    if let Some(missing) = &lab.state.missing {
        let choose = {
            let (lab, missing) = (lab.clone(), missing.clone());
            Callback::from(move |event: Event| {
                let input =
                    event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
                let file = input.and_then(|input| input.files()).and_then(|files| files.get(0));
                let (lab, missing) = (lab.clone(), missing.clone());
                spawn_local(async move {
                    if let Some(file) = file {
                        let same = deposit::keep(&file).await.is_ok_and(|digest| digest == missing.digest);
                        lab.dispatch(if same { Action::Reopen { steal: false } } else { Action::WrongFile });
                    }
                });
            })
        };
        let Deposit { name, digest, tick, .. } = missing;
        let name = visible::line(name.as_bytes());
        return html! {
            <div class="banner" role="alert">
                <p>{ text.with("file.missing", &[("name", &name), ("digest", digest), ("n", &(tick + 1))]) }
                    if lab.state.wrong_file { <b class="bad">{ " " }{ text.get("file.wrong") }</b> }</p>
                <label class="btn main">{ text.get("image.pick") }<input type="file" class="sr-only" id="missing-file" onchange={choose} /></label>
            </div>
        };
    }
    let (what, act) = match lab.state.owner {
        Owner::Here => return Html::default(),
        Owner::Second => ("tab.second", "tab.take"),
        Owner::Lost => ("tab.lost", "tab.back"),
    };
    let take = {
        let lab = lab.clone();
        Callback::from(move |_: MouseEvent| lab.dispatch(Action::Reopen { steal: true }))
    };
    html! {
        <div class="banner" role="alert">
            <p>{ text.get(what) }</p>
            <button type="button" class="btn main" onclick={take}>{ text.get(act) }</button>
        </div>
    }
}
