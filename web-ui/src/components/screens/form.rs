//! Small things that several of these screens have.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// The file that was picked in an input.
pub(super) fn picked(event: &Event) -> Option<File> {
    event.target_dyn_into::<HtmlInputElement>()?.files()?.get(0)
}

/// The text of a file of at most so many bytes.
///
/// # Errors
/// One sentence: it is too long, is no text, or cannot be read.
pub(in crate::components) async fn text_of(file: &File, most: u64) -> Result<String, String> {
    #[expect(clippy::cast_precision_loss, reason = "what is read here is small")]
    if file.size() > most as f64 {
        return Err(format!("{}: more than {most} bytes", file.name()));
    }
    let buffer = JsFuture::from(file.array_buffer()).await;
    let buffer = buffer.map_err(|_| format!("{} cannot be read", file.name()))?;
    String::from_utf8(Uint8Array::new(&buffer).to_vec()).map_err(|_| format!("{} is no text", file.name()))
}

/// A button that picks a file; `take` gets it.
pub(in crate::components) fn pick(id: &'static str, name: &str, take: Callback<File>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(file) = picked(&event) {
            take.emit(file);
            // The same file may be picked again, after it was changed.
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                input.set_value("");
            }
        }
    });
    html! {
        <span class="pick">
            <input type="file" class="sr-only" {id} {onchange} />
            <label class="btn" for={id}>{ name }</label>
        </span>
    }
}

/// A field with an address to copy.
pub(super) fn address(name: &str, value: &str) -> Html {
    html! { <input class="to-copy" readonly=true aria-label={name.to_owned()} value={value.to_owned()} /> }
}
