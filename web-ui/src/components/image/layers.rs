//! The layers of the image, topmost first: what made each, what it weighs, what it did, and its digests.

use layerlab_core::explore::LayerReport;
use yew::prelude::*;

use super::names;
use crate::components::units::{bytes, command};
use crate::image::Laid;
use crate::text::Text;
use crate::visible;

/// The list.
pub(super) fn list(image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    html! {
        <section class="image-layers" aria-label={text.get("image.layers")} tabindex="0">
            <ol reversed=true>
            { for report.layers.iter().rev().map(|layer| one(layer, text)) }
            </ol>
            { for report.warnings.iter().map(|warning| html! {
                <p class="muted warn">{ visible::line(warning.as_bytes()) }</p>
            }) }
            if image.overview.counts.warnings > report.warnings.len() {
                <p class="muted">{ text.with("image.and-more", &[("n", &(image.overview.counts.warnings - report.warnings.len()))]) }</p>
            }
        </section>
    }
}

fn one(layer: &LayerReport, text: &Text) -> Html {
    let made = command(&layer.command);
    let stored = layer.compression.filter(|_| layer.stored != layer.size).map(|how| {
        let how = format!("{how:?}").to_lowercase();
        text.with("image.stored", &[("size", &bytes(layer.stored)), ("how", &how)])
    });
    let counts = [
        ("A", layer.added, "cell.added"),
        ("C", layer.changed, "cell.changed"),
        ("D", layer.deleted, "cell.deleted"),
    ];
    html! {
        <li key={layer.index} class={classes!("layer", names::hue(layer.index))} value={(layer.index + 1).to_string()}>
            <p class="head"><b>{ names::title(layer.index, text) }</b><span class="size">{ bytes(layer.size) }</span></p>
            <p class="made" title={made.clone()}>
                if made.is_empty() { { text.get("image.no-command") } } else { <code>{ made }</code> }
            </p>
            <p class="did">
            { for counts.into_iter().filter(|(_, n, _)| *n > 0).map(|(letter, n, name)| html! {
                <span class={classes!("count", letter)}><b>{ letter }</b>{ " " }{ n }<span class="sr-only">{ " " }{ text.get(name) }</span></span>
            }) }
            if layer.hides_bytes > 0 { <span>{ text.with("image.hides", &[("size", &bytes(layer.hides_bytes))]) }</span> }
            if layer.hidden_bytes > 0 { <span>{ text.with("image.hidden", &[("size", &bytes(layer.hidden_bytes))]) }</span> }
            </p>
            <details>
                <summary>{ text.get("image.digests") }{ " " }<code>{ short(&layer.diff_id.to_string()) }</code></summary>
                <dl>
                    <dt>{ "diff id" }</dt><dd><code>{ layer.diff_id.to_string() }</code></dd>
                    if let Some(digest) = layer.digest { <dt>{ text.get("image.digest") }</dt><dd><code>{ digest.to_string() }</code></dd> }
                    <dt>{ "chain id" }</dt><dd><code>{ layer.chain_id.to_string() }</code></dd>
                    <dt>{ text.get("image.entries") }</dt><dd>{ layer.entries }</dd>
                    if let Some(stored) = stored { <dt>{ text.get("image.as-stored") }</dt><dd>{ stored }</dd> }
                </dl>
            </details>
        </li>
    }
}

/// The beginning of a digest.
fn short(digest: &str) -> String {
    digest.trim_start_matches("sha256:").chars().take(12).collect()
}
