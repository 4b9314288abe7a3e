//! The header's way to an archive: a button, a file input, and files that are dropped anywhere on the page.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::icon::{Icon, icon};
use super::image::take;
use crate::hooks::{later, use_event, use_lab};
use crate::text::use_text;

/// The button.
#[component]
pub(crate) fn Import() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<web_sys::HtmlElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let images = lab.images.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                let (images, files) = (images.clone(), input.files());
                spawn_local(async move {
                    later().await;
                    take(&images, files);
                    // The same file may be picked again, after it was changed.
                    input.set_value("");
                });
            }
        })
    };
    use_event("dragover", |event| {
        let carried = event.dyn_ref::<web_sys::DragEvent>().and_then(web_sys::DragEvent::data_transfer);
        if carried.is_some_and(|carried| carried.types().includes(&"Files".into(), 0)) {
            event.prevent_default();
        }
    });
    let images = lab.images.clone();
    use_event("drop", move |event| {
        // Text that is dragged into the prompt is the browser's own business.
        let files = event.dyn_ref::<web_sys::DragEvent>().and_then(|drag| drag.data_transfer()?.files());
        if let Some(files) = files.filter(|files| files.length() > 0) {
            event.prevent_default();
            let images = images.clone();
            spawn_local(async move {
                later().await;
                take(&images, Some(files));
            });
        }
    });
    let name = text.get("import.button");
    html! {
        <>
            <button type="button" class="btn" aria-label={name.clone()} title={name.clone()} {onclick}>
                { icon(Icon::Open) }<span class="wide">{ name.clone() }</span>
            </button>
            <input type="file" id="import-file" ref={input} {onchange} hidden=true tabindex="-1" aria-label={name} />
        </>
    }
}
