//! The image's documents as text, with what their digests are.

use layerlab_core::explore::screen::Document;
use yew::prelude::*;

use super::act::Act;
use super::compare::value_text;
use crate::components::units::bytes;
use crate::image::{Laid, State};
use crate::text::Text;
use crate::visible;

/// Configuration and manifest.
pub(super) fn documents(state: &State, image: &Laid, text: &Text) -> Html {
    let report = &image.overview.report;
    let (which, shown) = match &state.document {
        Some((which, shown)) => (*which, Some(shown)),
        None => (Document::Config, None),
    };
    let tab = |document: Document, key: &str| {
        html! {
            <button type="button" class="btn" aria-pressed={(which == document).to_string()} data-act={Act::Document(document).to_string()}>
                { text.get(key) }
            </button>
        }
    };
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.documents")}>
            <div class="filter"><div role="group" aria-label={text.get("image.documents")}>
                { tab(Document::Config, "image.config") }{ tab(Document::Manifest, "image.manifest") }
            </div></div>
            <dl>
                <dt>{ text.get("image.id") }</dt><dd><code>{ report.id.to_string() }</code></dd>
                if let Some(manifest) = report.manifest {
                    <dt>{ text.get("image.manifest-digest") }</dt><dd><code>{ manifest.to_string() }</code></dd>
                }
                if !report.created.is_empty() {
                    <dt>{ text.get("image.created") }</dt><dd>{ visible::line(report.created.as_bytes()) }</dd>
                }
            </dl>
            if which == Document::Config { { settings(image, text) } }
            { match shown {
                None => Html::default(),
                Some(None) => html! { <p>{ text.get("image.no-manifest") }</p> },
                Some(Some(document)) => html! {
                    <>
                        <p class="muted">{ text.with("image.own-bytes", &[("size", &bytes(document.size as u64))]) }</p>
                        <pre tabindex="0">{ visible::output(&document.text) }</pre>
                        if document.cut { <p class="muted">{ text.get("image.enough") }</p> }
                    </>
                },
            } }
        </div>
    }
}

/// The configuration, a setting a row.
fn settings(image: &Laid, text: &Text) -> Html {
    let settings = &image.overview.settings;
    if settings.is_empty() {
        return Html::default();
    }
    html! {
        <table class="settings">
            <thead><tr><th scope="col">{ text.get("image.setting") }</th><th scope="col">{ text.get("image.value") }</th></tr></thead>
            <tbody>
            { for settings.iter().enumerate().map(|(at, one)| html! {
                <tr key={at}>
                    <th scope="row">{ visible::line(one.name.as_bytes()) }
                        if let Some(key) = &one.key { { " " }<code>{ visible::line(key.as_bytes()) }</code> }</th>
                    <td class="wrap"><code>{ one.after.as_ref().map(value_text) }</code></td>
                </tr>
            }) }
            </tbody>
        </table>
    }
}
