//! Everything about one path: what is seen, why, which layers hold it, and its content.

use layerlab_core::explore::screen::{Held, PathReport};
use layerlab_core::kernel::FileType;
use yew::prelude::*;

use super::act::Act;
use super::{content, names};
use crate::components::inspector::mode;
use crate::components::units::{breakable, bytes, kind_name};
use crate::components::why::step;
use crate::image::{Laid, State};
use crate::text::Text;
use crate::visible;

/// The inspector of the image screen.
pub(super) fn path(state: &State, image: &Laid, text: &Text) -> Html {
    let told = state.told.as_ref().filter(|told| Some(&told.path) == state.selected.as_ref());
    html! {
        <aside class="inspector" aria-label={text.get("inspect.name")} tabindex="0">
            { match told {
                Some(told) => html! {
                    <>
                        { facts(told, text) }
                        { held(state, told, text) }
                        { content::content(state, text) }
                        { why(told, image, text) }
                    </>
                },
                None => html! { <p class="empty">{ text.get("image.select") }</p> },
            } }
        </aside>
    }
}

fn facts(told: &PathReport, text: &Text) -> Html {
    let wasted: u64 = told.reclaimable.iter().map(|hidden| hidden.size).sum();
    html! {
        <>
            <h2 class="over">{ text.get("inspect.selected") }</h2>
            <p class="path">{ breakable(&visible::line(&told.path)) }</p>
            <dl>
                <dt>{ text.get("inspect.merged") }</dt>
                <dd>{ match &told.seen {
                    Some(entry) => html! { <b class="good">{ kind_name(entry, text) }</b> },
                    None => html! { <b class="bad">{ text.get("inspect.gone") }</b> },
                } }</dd>
                if let Some(layer) = told.provider {
                    <dt>{ text.get("inspect.from") }</dt><dd>{ names::title(layer, text) }</dd>
                }
                if let Some(entry) = &told.seen {
                    <dt>{ text.get("inspect.mode") }</dt><dd><code>{ mode(entry) }</code></dd>
                    <dt>{ text.get("inspect.owner") }</dt><dd><code>{ format!("{}:{}", entry.uid, entry.gid) }</code></dd>
                    if let Some(target) = &entry.target {
                        <dt>{ text.get("inspect.target") }</dt><dd><code>{ visible::line(target) }</code></dd>
                    } else if entry.kind == FileType::File {
                        <dt>{ text.get("inspect.size") }</dt><dd>{ bytes(entry.size) }</dd>
                    }
                }
                if wasted > 0 { <dt>{ text.get("inspect.hidden") }</dt><dd>{ bytes(wasted) }</dd> }
            </dl>
        </>
    }
}

fn held(state: &State, told: &PathReport, text: &Text) -> Html {
    let one = |held: &Held| {
        let layer = usize::from(held.cell.layer);
        let size = held.entry.as_ref().filter(|entry| entry.kind == FileType::File).map(|entry| entry.size);
        let words = html! {
            <>
                <span class={classes!("lc", names::state_class(held.cell.state), names::hue(layer))} aria-hidden="true">
                    { names::letter(held.cell.mark) }
                </span>
                <b>{ names::title(layer, text) }</b>{ " " }
                <span>{ names::cell(held.cell, text) }
                    if let Some(size) = size { { format!(", {}", bytes(size)) } }
                </span>
            </>
        };
        let others: Vec<String> = held.links.iter().map(|name| visible::line(name)).collect();
        html! {
            <li key={layer}>
            if size.is_some() {
                <button type="button" aria-pressed={(state.content.layer == Some(layer)).to_string()} data-act={Act::Content(layer).to_string()}>
                    { words }
                </button>
            } else { <span class="plain">{ words }</span> }
            if !others.is_empty() {
                <p class="muted links">{ text.with("image.links", &[("names", &others.join(", "))]) }</p>
            }
            </li>
        }
    };
    html! {
        <>
            <h2 class="over">{ text.get("image.held") }</h2>
            <ul class="held">{ for told.held.iter().map(one) }</ul>
        </>
    }
}

fn why(told: &PathReport, image: &Laid, text: &Text) -> Html {
    let title = if told.seen.is_some() { "why.seen" } else { "why.unseen" };
    // Where there are many layers, those in which there is nothing are one line.
    let many = image.overview.report.layers.len() > 12;
    let is_dull = |step: &layerlab_core::view::LayerLookup| {
        many && step.entry.is_none() && step.found == layerlab_core::view::Found::Nothing
    };
    let dull = told.steps.iter().filter(|step| is_dull(step)).count();
    html! {
        <>
            <h2 class="over">{ text.get(title) }</h2>
            <ol class="why">
            { for told.steps.iter().filter(|step| !is_dull(step)).map(|one| {
                let layer = one.row as usize;
                step(one, &names::hue(layer), &names::title(layer, text), text)
            }) }
            </ol>
            if dull > 0 { <p class="muted">{ text.with("image.dull", &[("n", &dull)]) }</p> }
        </>
    }
}
