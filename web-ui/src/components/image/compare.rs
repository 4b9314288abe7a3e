//! The image beside another one, or two of its layers beside each other: by contents, settings and layers.

use layerlab_core::explore::{Comparison, Mark, PathChange, Setting, What};
use yew::prelude::*;

use super::act::Act;
use super::empty::label;
use super::names;
use super::pair::{FIRST, SECOND};
use crate::components::screens::pick;
use crate::components::units::{breakable, bytes};
use crate::image::{Images, Laid, Pair, State};
use crate::text::Text;
use crate::visible;

/// The choice of what is compared, and what differs.
pub(super) fn compare(state: &State, image: &Laid, text: &Text, images: &Images) -> Html {
    html! {
        <div class="list" tabindex="0" role="region" aria-label={text.get("image.compare")}>
            { layers(image, text) }
            { others(image, text, images) }
            <div role="status" class="compared">{ result(state, text) }</div>
        </div>
    }
}

/// Two layers to choose, and the button that reads the choice.
fn layers(image: &Laid, text: &Text) -> Html {
    let count = image.overview.report.layers.len();
    if count < 2 {
        return Html::default();
    }
    let choice = |name: &'static str, key: &str, first: usize| {
        html! {
            <label>{ text.get(key) }
                <select {name}>{ for (0..count).map(|layer| html! {
                    <option value={layer.to_string()} selected={layer == first}>{ names::title(layer, text) }</option>
                }) }</select>
            </label>
        }
    };
    html! {
        <section>
            <h3>{ text.get("image.compare-layers") }</h3>
            <p class="pairs">
                { choice(FIRST, "image.first", 0) }{ choice(SECOND, "image.second", count - 1) }
                <button type="button" class="btn" data-act={Act::Pair.to_string()}>{ text.get("image.compare") }</button>
            </p>
        </section>
    }
}

fn others(image: &Laid, text: &Text, images: &Images) -> Html {
    let archive = &image.archive;
    let others = archive.choices.iter().enumerate().filter(|(at, _)| *at != image.image);
    let file = {
        let images = images.clone();
        Callback::from(move |file: web_sys::File| {
            images.compare(Pair::Archive(file.name()), Some(&file));
        })
    };
    html! {
        <section>
            <h3>{ text.get("image.compare-images") }</h3>
            <p class="pairs">
                { for others.map(|(at, choice)| html! {
                    <button key={at} type="button" class="btn" data-act={Act::Images(at).to_string()}>
                        { format!("{} · {}", label(&choice.names, &choice.id), visible::line(choice.platform.as_bytes())) }
                    </button>
                }) }
                { pick("other-archive", &text.get("image.compare-file"), file) }
            </p>
        </section>
    }
}

fn result(state: &State, text: &Text) -> Html {
    let Some(compared) = &state.compared else {
        return html! { <p class="muted">{ text.get("image.compare-what") }</p> };
    };
    match &compared.result {
        None => html! { <p>{ text.get("image.comparing") }</p> },
        Some(Err(why)) => html! { <p class="bad" role="alert">{ visible::line(why.as_bytes()) }</p> },
        Some(Ok((name, found))) => {
            let heading = match &compared.pair {
                Pair::Layers(before, after) => {
                    text.with("image.compare-two", &[("a", &(before + 1)), ("b", &(after + 1))])
                }
                Pair::Images(_) => {
                    text.with("image.compared-with", &[("name", &visible::line(name.as_bytes()))])
                }
                Pair::Archive(file) => {
                    let name = format!("{name} ({file})");
                    text.with("image.compared-with", &[("name", &visible::line(name.as_bytes()))])
                }
            };
            html! { <><h3>{ heading }</h3>{ differences(found, text) }</> }
        }
    }
}

fn differences(found: &Comparison, text: &Text) -> Html {
    let counts = &found.counts;
    let sum = text.with(
        "image.compare-sum",
        &[
            ("added", &text.count("image.compare-more", counts.added.0 as u64)),
            ("more", &bytes(counts.added.1)),
            ("changed", &counts.changed),
            ("deleted", &counts.deleted.0),
            ("less", &bytes(counts.deleted.1)),
        ],
    );
    let all = counts.added.0 + counts.changed + counts.deleted.0;
    if all == 0 && found.settings.is_empty() {
        return html! { <p class="good"><b>{ text.get("image.compare-same") }</b></p> };
    }
    html! {
        <>
            { found.layers.map(|layers| html! {
                <p>{ text.with("image.compare-shared", &[
                    ("both", &layers.both.0), ("both-bytes", &bytes(layers.both.1)),
                    ("first", &layers.before.0), ("first-bytes", &bytes(layers.before.1)),
                    ("second", &layers.after.0), ("second-bytes", &bytes(layers.after.1)),
                ]) }</p>
            }) }
            <p>{ sum }</p>
            if !found.settings.is_empty() {
                <h4>{ text.get("image.settings") }</h4>
                <table>
                    <thead><tr><th scope="col">{ text.get("image.setting") }</th><th scope="col">{ text.get("image.first") }</th>
                        <th scope="col">{ text.get("image.second") }</th></tr></thead>
                    <tbody>{ for found.settings.iter().map(setting) }</tbody>
                </table>
            }
            if !found.changes.is_empty() {
                <h4>{ text.get("image.compare-paths") }</h4>
                <table>
                    <thead><tr><th scope="col"><span class="sr-only">{ text.get("image.change") }</span></th><th scope="col">{ text.get("image.path") }</th>
                        <th scope="col">{ text.get("image.first") }</th><th scope="col">{ text.get("image.second") }</th>
                        <th scope="col">{ text.get("image.differs") }</th></tr></thead>
                    <tbody>{ for found.changes.iter().enumerate().map(|(at, one)| change(at, one, text)) }</tbody>
                </table>
            }
            if all > found.changes.len() {
                <p class="muted">{ text.with("image.and-more", &[("n", &(all - found.changes.len()))]) }</p>
            }
        </>
    }
}

fn setting(one: &Setting) -> Html {
    let name = match &one.key {
        Some(key) => format!("{} {key}", one.name),
        None => one.name.clone(),
    };
    let value = |value: &Option<_>| value.as_ref().map(value_text).unwrap_or_default();
    html! {
        <tr><td>{ visible::line(name.as_bytes()) }</td><td class="wrap"><code>{ value(&one.before) }</code></td>
            <td class="wrap"><code>{ value(&one.after) }</code></td></tr>
    }
}

/// A setting's value as people write it: a text without its quotes.
pub(super) fn value_text(value: &serde_json::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    visible::line(text.as_bytes())
}

fn change(at: usize, one: &PathChange, text: &Text) -> Html {
    let what: Vec<String> = one.what.iter().map(|what| said(*what, text)).collect();
    let size = |there: bool, size: u64| if there { bytes(size) } else { "–".to_owned() };
    html! {
        <tr key={at}>
            <td class={classes!("count", names::letter(one.mark))}><b>{ names::letter(one.mark) }</b>
                <span class="sr-only">{ names::mark(one.mark, text) }</span></td>
            <td><button type="button" class="link" data-act={Act::Change(at).to_string()}>{ breakable(&visible::line(&one.path)) }</button></td>
            <td class="n">{ size(one.mark != Mark::A, one.before) }</td>
            <td class="n">{ size(one.mark != Mark::D, one.after) }</td>
            <td>{ what.join(", ") }</td>
        </tr>
    }
}

fn said(what: What, text: &Text) -> String {
    text.get(match what {
        What::Type => "image.what-type",
        What::Content => "image.what-content",
        What::Target => "image.what-target",
        What::Device => "image.what-device",
        What::Mode => "image.what-mode",
        What::Owner => "image.what-owner",
        What::Xattrs => "image.what-xattrs",
        What::Links => "image.what-links",
    })
}
