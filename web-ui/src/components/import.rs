//! The header's way to an archive: a button and a file input. What is picked there, or dropped anywhere on the page, comes
//! through boot.js, which keeps it until it can be read. A Markdown file is a lesson.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::icon::{Icon, icon};
use super::image::take;
use super::screens::take_page;
use crate::hooks::{use_event, use_hands};
use crate::text::use_text;

/// The button.
#[component]
pub(crate) fn Import() -> Html {
    let (hands, text) = (use_hands(), use_text());
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<web_sys::HtmlElement>() {
                input.click();
            }
        })
    };
    let own = hands.clone();
    use_event("layerlab-files", move |event| {
        let carried = event.dyn_ref::<web_sys::CustomEvent>().map(web_sys::CustomEvent::detail);
        let files = carried.and_then(|files| files.dyn_into::<web_sys::FileList>().ok());
        if !take_page(&own, files.as_ref()) {
            take(&own.images, files);
        }
    });
    let name = text.get("import.button");
    html! {
        <>
            <button type="button" class="btn" aria-label={name.clone()} title={name.clone()} {onclick}>
                { icon(Icon::Open) }<span class="wide">{ name.clone() }</span>
            </button>
            <input type="file" id="import-file" ref={input} hidden=true tabindex="-1" aria-label={name} />
        </>
    }
}
