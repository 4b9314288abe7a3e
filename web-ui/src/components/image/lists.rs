//! What of an image is out of sight, what looks like a secret, and how it was built.

use layerlab_core::explore::Rule;
use yew::prelude::*;

use super::act::Act;
use super::names;
use crate::components::units::{breakable, bytes, command};
use crate::image::Laid;
use crate::text::Text;
use crate::visible;

/// Bytes that could be had back: by the layer that hid them, and by path.
pub(super) fn waste(image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    if report.reclaimable.is_empty() {
        return html! { <div class="list"><p>{ text.get("image.no-waste") }</p>{ efficiency(image, text) }</div> };
    }
    let by_layer = report.layers.iter().rev().filter(|layer| layer.hides_bytes > 0);
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.waste")}>
            <p>{ text.with("image.waste-sum", &[("size", &bytes(report.reclaimable_bytes)), ("n", &image.overview.counts.reclaimable)]) }</p>
            { efficiency(image, text) }
            <h3>{ text.get("image.by-layer") }</h3>
            <ul class="by-layer">
            { for by_layer.map(|layer| html! {
                <li key={layer.index} class={names::hue(layer.index)}><i class="dot" /><b>{ names::title(layer.index, text) }</b>
                    <span>{ text.with("image.hides", &[("size", &bytes(layer.hides_bytes))]) }</span>
                    <code>{ command(&layer.command) }</code></li>
            }) }
            </ul>
            <h3>{ text.get("image.by-path") }</h3>
            <table>
                <thead><tr><th scope="col">{ text.get("image.path") }</th><th scope="col">{ text.get("inspect.size") }</th>
                    <th scope="col">{ text.get("image.in") }</th><th scope="col">{ text.get("image.by") }</th></tr></thead>
                <tbody>
                { for report.reclaimable.iter().enumerate().map(|(at, hidden)| html! {
                    <tr key={at}>
                        <td><button type="button" class="link" data-act={Act::Waste(at).to_string()}>{ breakable(&visible::line(&hidden.path)) }</button></td>
                        <td class="n">{ bytes(hidden.size) }</td>
                        <td>{ names::title(hidden.layer, text) }</td>
                        <td>{ names::title(hidden.hidden_by, text) }</td>
                    </tr>
                }) }
                </tbody>
            </table>
            { more(image.overview.counts.reclaimable, report.reclaimable.len(), text) }
        </div>
    }
}

fn efficiency(image: &Laid, text: &Text) -> Html {
    let wasted = bytes(image.overview.report.efficiency.repeated_bytes);
    html! { <p class="muted">{ text.with("image.usual", &[("size", &wasted)]) }</p> }
}

fn more(all: usize, told: usize, text: &Text) -> Html {
    let left = all.saturating_sub(told);
    html! { if left > 0 { <p class="muted">{ text.with("image.and-more", &[("n", &left)]) }</p> } }
}

/// What looks like a secret.
pub(super) fn secrets(image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.secrets")}>
            <p>{ text.get(if report.secrets.is_empty() { "image.no-secrets" } else { "image.secrets-hint" }) }</p>
            <ul class="found">
            { for report.secrets.iter().enumerate().map(|(at, found)| html! {
                <li key={at}>
                    <b>{ rule(found.rule, text) }</b>
                    { match found.layer {
                        Some(layer) => html! {
                            <>
                                <button type="button" class="link" data-act={Act::Secret(at).to_string()}>
                                    { breakable(&visible::line(found.at.as_bytes())) }
                                </button>
                                <span>{ names::title(layer, text) }
                                    if !found.shown { { ", " }<b class="bad">{ text.get("image.still") }</b> }
                                </span>
                            </>
                        },
                        None => html! { <><code>{ visible::line(found.at.as_bytes()) }</code><span>{ text.get("image.in-config") }</span></> },
                    } }
                </li>
            }) }
            </ul>
            { more(image.overview.counts.secrets, report.secrets.len(), text) }
        </div>
    }
}

fn rule(rule: Rule, text: &Text) -> String {
    text.get(match rule {
        Rule::PrivateKey => "secret.private-key",
        Rule::AwsAccessKey => "secret.aws",
        Rule::GithubToken => "secret.github",
        Rule::CredentialsFile => "secret.credentials",
        Rule::EnvFile => "secret.env",
        Rule::Variable => "secret.variable",
        Rule::Command => "secret.command",
    })
}

/// The build steps, last first, as `docker history` tells them.
pub(super) fn history(image: &Laid, text: &Text) -> Html {
    let lines = &image.overview.history;
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.history")}>
            if lines.is_empty() { <p>{ text.get("image.no-history") }</p> }
            <ol class="history" reversed=true>
            { for lines.iter().enumerate().rev().map(|(at, line)| html! {
                <li key={at} class={classes!(line.layer.map(names::hue))} value={(at + 1).to_string()}>
                    <p class="head">
                    { match line.layer {
                        Some(layer) => html! { <b>{ names::title(layer, text) }</b> },
                        None => html! { <span class="muted">{ text.get("image.no-layer") }</span> },
                    } }
                        <span class="muted">{ visible::line(line.created.as_bytes()) }</span>
                    </p>
                    <code>{ command(&line.command) }</code>
                    if !line.author.is_empty() || !line.comment.is_empty() {
                        <p class="muted">
                            if !line.author.is_empty() { { text.with("image.author", &[("name", &visible::line(line.author.as_bytes()))]) }{ " " } }
                            if !line.comment.is_empty() { { visible::line(line.comment.as_bytes()) } }
                        </p>
                    }
                </li>
            }) }
            </ol>
        </div>
    }
}
