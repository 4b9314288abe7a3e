//! A file's content, as text, as a dump or as a picture, a piece at a time.

use layerlab_core::kernel::base64_encode;
use yew::prelude::*;

use super::act::Act;
use super::names;
use crate::components::units::bytes;
use crate::image::{PICTURE_MAX, Shape, State, hex, is_named_picture, is_text, picture};
use crate::text::Text;
use crate::visible;

/// So much of a content is shown at most: a page is no place for more.
const SHOWN_MAX: usize = 1 << 20;

/// The content that is here.
pub(super) fn content(state: &State, text: &Text) -> Html {
    let content = &state.content;
    let Some(layer) = content.layer else { return Html::default() };
    let data = &content.data[..];
    let is_all = data.len() as u64 >= content.size;
    let path = state.selected.as_ref().map_or(&[][..], |path| path.as_bytes());
    let kind = picture(path, data).filter(|_| content.size <= PICTURE_MAX as u64);
    let shape = content.shape.unwrap_or_else(|| match is_text(&data[..data.len().min(4096)]) {
        true => Shape::Text,
        false if kind.is_some() && is_all && is_named_picture(path) => Shape::Picture,
        false => Shape::Hex,
    });
    let shown = match (shape, kind) {
        (Shape::Hex, _) => html! { <pre tabindex="0">{ hex(data, 0) }</pre> },
        (Shape::Picture, Some(kind)) if is_all => drawn(kind, path, data, text),
        (Shape::Picture, Some(_)) => html! { <p class="muted">{ text.get("image.reading") }</p> },
        _ => html! { <pre tabindex="0">{ visible::output(data) }</pre> },
    };
    let form = |other: Shape, key: &str| {
        html! {
            <button type="button" class="btn" aria-pressed={(shape == other).to_string()} data-act={Act::Shape(other).to_string()}>
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
                <div role="group" aria-label={text.get("image.form")}>{ form(Shape::Text, "image.text") }{ form(Shape::Hex, "image.hex") }
                    if kind.is_some() { { form(Shape::Picture, "image.picture") } }</div>
                <button type="button" class="btn" data-act={Act::Save.to_string()}>{ text.get("image.save") }</button>
            </div>
            if let Some(why) = &state.unsaved { <p class="bad" role="alert">{ visible::line(why.as_bytes()) }</p> }
            if let Some(why) = &content.trouble { <p class="bad" role="alert">{ visible::line(why.as_bytes()) }</p> }
            if content.size == 0 {
                <p class="muted">{ text.get("image.empty-file") }</p>
            } else if data.is_empty() && content.trouble.is_none() {
                <p class="muted">{ text.get("image.reading") }</p>
            } else {
                { shown }
            }
            if !is_all && !data.is_empty() && shape != Shape::Picture {
                <p class="muted">{ so_far }{ " " }
                if data.len() < SHOWN_MAX {
                    <button type="button" class="link" disabled={content.coming} data-act={Act::More.to_string()}>{ text.get("image.more") }</button>
                } else { { text.get("image.enough") } }
                </p>
            }
        </section>
    }
}

/// A picture out of its bytes: they stand in the address itself, for a page's policy lets it load no other.
fn drawn(kind: &str, path: &[u8], data: &[u8], text: &Text) -> Html {
    let name = visible::line(path.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
    let address = format!("data:{kind};base64,{}", base64_encode(data));
    html! { <img class="picture" src={address} alt={text.with("image.picture-of", &[("name", &name)])} /> }
}
