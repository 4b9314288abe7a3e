//! The image's name, its numbers, and a container on it.

use yew::prelude::*;

use super::act::Act;
use super::empty::label;
use crate::components::icon::{Icon, icon};
use crate::components::units::bytes;
use crate::hooks::Lab;
use crate::image::{Laid, Refusal, refusal};
use crate::text::Text;
use crate::visible;

/// The head of the screen.
pub(super) fn head(lab: &Lab, image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    let archive = &image.archive;
    let score = permille(report.efficiency.score);
    let facts = [
        (text.get("image.platform"), visible::line(report.platform.as_bytes()), String::new()),
        (text.get("image.shown"), bytes(report.shown_bytes), String::new()),
        (text.get("image.reclaimable"), bytes(report.reclaimable_bytes), text.get("image.reclaimable-hint")),
        (text.get("image.efficiency"), score, text.get("image.efficiency-hint")),
        (text.get("image.paths"), image.overview.counts.paths.to_string(), String::new()),
    ];
    html! {
        <header class="image-head">
            <div class="title">
                <h2>{ label(&report.names, &report.id.to_string()) }</h2>
                <p class="of"><code>{ visible::line(archive.name.as_bytes()) }</code>{ " · " }{ bytes(archive.size) }</p>
                if archive.choices.len() > 1 { { chooser(image, text) } }
            </div>
            <dl class="facts">
            { for facts.into_iter().map(|(name, value, hint)| html! {
                <div title={hint}><dt>{ name }</dt><dd>{ value }</dd></div>
            }) }
            </dl>
            { run(lab, image, text) }
        </header>
    }
}

fn chooser(image: &Laid, text: &Text) -> Html {
    html! {
        <label class="choose">
            <span class="sr-only">{ text.get("image.choose") }</span>
            <select>
            { for image.archive.choices.iter().enumerate().map(|(at, choice)| html! {
                <option key={at} value={at.to_string()} selected={at == image.image}>
                    { format!("{} · {}", label(&choice.names, &choice.id), visible::line(choice.platform.as_bytes())) }
                </option>
            }) }
            </select>
        </label>
    }
}

fn run(lab: &Lab, image: &Laid, text: &Text) -> Html {
    let archive = &image.archive;
    let refused = refusal(archive.size, archive.loadable);
    let why = refused.map(|refused| match refused {
        Refusal::TooBig => text.with("image.too-big", &[("size", &bytes(archive.size))]),
        Refusal::OciOnly => text.get("image.oci-only"),
    });
    let putting = lab.state.import;
    html! {
        <div class="run">
            if let Some(put) = putting {
                <progress aria-label={text.get("image.loading")} max={put.total.to_string()} value={put.done.to_string()} />
            } else if why.is_none() {
                <button type="button" class="btn main" data-act={Act::Run.to_string()}>{ icon(Icon::Play) }{ text.get("image.run") }</button>
            }
            if let Some(why) = why { <p class="muted">{ why }</p> }
        </div>
    }
}

/// A share of 1 in per cent, with one digit behind the point.
fn permille(share: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share lies between 0 and 1"
    )]
    let n = (share.clamp(0.0, 1.0) * 1000.0).floor() as u32;
    format!("{}.{} %", n / 10, n % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_whole_is_never_told_as_whole() {
        assert_eq!([1.0, 0.99999, 0.5, 0.0].map(permille), ["100.0 %", "99.9 %", "50.0 %", "0.0 %"]);
    }
}
