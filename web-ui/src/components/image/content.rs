//! A file's content, as text or as a dump, a piece at a time.

use yew::prelude::*;

use super::act::Act;
use super::names;
use crate::components::units::bytes;
use crate::image::{State, hex, is_text};
use crate::text::Text;
use crate::visible;

/// So much of a content is shown at most: a page is no place for more.
const SHOWN_MAX: usize = 1 << 20;

/// The content that is here.
pub(super) fn content(state: &State, text: &Text) -> Html {
    let content = &state.content;
    let Some(layer) = content.layer else { return Html::default() };
    let data = &content.data[..];
    let dump = content.dump.unwrap_or_else(|| !is_text(&data[..data.len().min(4096)]));
    let shown = if dump { hex(data, 0) } else { visible::output(data) };
    let is_all = data.len() as u64 >= content.size;
    let form = |dumped: bool, key: &str| {
        html! {
            <button type="button" class="btn" aria-pressed={(dump == dumped).to_string()} data-act={Act::Dump(dumped).to_string()}>
                { text.get(key) }
            </button>
        }
    };
    let so_far =
        text.with("image.so-far", &[("done", &bytes(data.len() as u64)), ("total", &bytes(content.size))]);
    html! {
        <section class="content" aria-label={text.get("image.content")} aria-busy={content.coming.to_string()}>
            <div class="content-head">
                <h2 class="over">{ text.with("image.content-of", &[("layer", &names::layer(layer, text))]) }</h2>
                <div role="group" aria-label={text.get("image.form")}>{ form(false, "image.text") }{ form(true, "image.hex") }</div>
            </div>
            if let Some(why) = &content.trouble { <p class="bad" role="alert">{ visible::line(why.as_bytes()) }</p> }
            if content.size == 0 {
                <p class="muted">{ text.get("image.empty-file") }</p>
            } else if data.is_empty() && content.trouble.is_none() {
                <p class="muted">{ text.get("image.reading") }</p>
            } else {
                <pre tabindex="0">{ shown }</pre>
            }
            if !is_all && !data.is_empty() {
                <p class="muted">{ so_far }{ " " }
                if data.len() < SHOWN_MAX {
                    <button type="button" class="link" disabled={content.coming} data-act={Act::More.to_string()}>{ text.get("image.more") }</button>
                } else { { text.get("image.enough") } }
                </p>
            }
        </section>
    }
}
