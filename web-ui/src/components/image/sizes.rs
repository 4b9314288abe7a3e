//! Bytes of each layer, drawn: what is seen of it, what is out of sight, and whether other images of the archive have it too. The
//! same figures stand in a table beside the drawing.

use layerlab_core::explore::LayerReport;
use yew::prelude::*;

use super::names;
use crate::components::units::{bytes, command};
use crate::image::Laid;
use crate::text::Text;

/// A bar's height and what lies between two, in the drawing's own units.
const BAR: usize = 22;
const GAP: usize = 8;
/// Where the bars begin and how long the longest is.
const LEFT: u64 = 96;
const LONG: u64 = 520;
/// The layers that are drawn; the table has all.
const DRAWN_MAX: usize = 60;

/// The drawing and the table.
pub(super) fn sizes(image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    let sum = text.with(
        "image.sizes-sum",
        &[
            ("content", &bytes(report.content_bytes)),
            ("shown", &bytes(report.shown_bytes)),
            ("hidden", &bytes(report.reclaimable_bytes)),
            ("stored", &bytes(report.stored_bytes)),
            ("shared", &bytes(report.shared_bytes)),
        ],
    );
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.sizes")}>
            <p>{ sum }</p>
            { chart(&report.layers, text) }
            <ul class="key">
                <li><i class="k seen" />{ text.get("image.seen-bytes") }</li>
                <li><i class="k gone" />{ text.get("image.hidden-bytes") }</li>
                <li><i class="k twice" />{ text.get("image.shared-layer") }</li>
            </ul>
            <table>
                <thead><tr>
                    <th scope="col">{ text.get("image.layer-name") }</th><th scope="col">{ text.get("image.seen-bytes") }</th>
                    <th scope="col">{ text.get("image.hidden-bytes") }</th><th scope="col">{ text.get("image.stored-bytes") }</th>
                    <th scope="col">{ text.get("image.in-images") }</th>
                </tr></thead>
                <tbody>
                { for report.layers.iter().rev().map(|layer| html! {
                    <tr key={layer.index} class={names::hue(layer.index)}>
                        <th scope="row"><i class="dot" />{ " " }{ names::title(layer.index, text) }</th>
                        <td class="n">{ bytes(seen(layer)) }</td><td class="n">{ bytes(layer.hidden_bytes) }</td>
                        <td class="n">{ bytes(layer.stored) }</td><td class="n">{ layer.images }</td>
                    </tr>
                }) }
                </tbody>
            </table>
        </div>
    }
}

/// Bytes of a layer that the merged view shows.
fn seen(layer: &LayerReport) -> u64 {
    layer.content_bytes.saturating_sub(layer.hidden_bytes)
}

fn chart(layers: &[LayerReport], text: &Text) -> Html {
    let most = layers.iter().map(|layer| layer.content_bytes).max().unwrap_or_default().max(1);
    let part =
        |size: u64| u64::try_from(u128::from(size) * u128::from(LONG) / u128::from(most)).unwrap_or(LONG);
    let drawn = layers.len().min(DRAWN_MAX);
    let height = drawn * (BAR + GAP);
    let bars = layers.iter().rev().take(drawn).enumerate().map(|(row, layer)| {
        let y = row * (BAR + GAP);
        let (shown, hidden) = (part(seen(layer)), part(layer.hidden_bytes));
        // What is there at all can be seen.
        let shown = if seen(layer) > 0 { shown.max(2) } else { 0 };
        let hidden = if layer.hidden_bytes > 0 { hidden.max(2) } else { 0 };
        let (label, middle) = (names::title(layer.index, text), y + BAR - 6);
        let end = LEFT + shown + hidden;
        html! {
            <g key={layer.index} class={names::hue(layer.index)}>
                <title>{ format!("{label}: {}", command(&layer.command)) }</title>
                <text x="0" y={middle.to_string()}>{ label }</text>
                <rect class="seen" x={LEFT.to_string()} y={y.to_string()} width={shown.to_string()} height={BAR.to_string()} />
                <rect class="gone" fill="url(#gone)" x={(LEFT + shown).to_string()} y={y.to_string()} width={hidden.to_string()} height={BAR.to_string()} />
                if layer.images > 1 {
                    <rect class="twice" x={LEFT.to_string()} y={(y + BAR - 4).to_string()} width={(shown + hidden).to_string()} height="4" />
                }
                <text class="size" x={(end + 8).to_string()} y={middle.to_string()}>{ bytes(layer.content_bytes) }</text>
            </g>
        }
    });
    // The table below says the same in words.
    html! {
        <svg class="chart" viewBox={format!("0 0 {} {height}", LEFT + LONG + 90)} aria-hidden="true" focusable="false">
            <defs><pattern id="gone" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="7" height="7" class="pattern-ground" /><rect width="3" height="7" class="pattern-line" />
            </pattern></defs>
            { for bars }
        </svg>
    }
}
