//! The disk: every layer once, and which images and containers stand on it.

use layerlab_core::view::{Host, HostLayer, RowKind, SubjectKind};
use yew::prelude::*;

use super::units::{brief, bytes, hue_of, kind, layer_name, made};
use crate::hooks::{Lab, use_lab};
use crate::state::Action;
use crate::text::{Text, use_text};
use crate::visible;

/// Deeper than this, names are not moved further to the right.
const INDENT_MAX: u32 = 8;

/// The table of layers, and of what stands on them.
#[component]
pub(crate) fn HostTable() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let Some(host) = lab.state.host.clone() else { return Html::default() };
    if host.layers.is_empty() {
        return html! { <p class="empty">{ text.get("stage.nothing") }</p> };
    }
    html! {
        <div class="sheets host-sheets" tabindex="0" role="group" aria-label={text.get("host.name")}>
            <table class="on-host" aria-label={text.get("host.name")}>
                <thead><tr>
                    <th scope="col" class="layer-name">{ text.get("host.layer") }</th>
                    { for host.columns.iter().map(|column| {
                        let class = (column.subject.kind == SubjectKind::Container).then_some("container");
                        html! {
                            <th key={column.subject.id.clone()} scope="col" {class}>
                                <b>{ visible::line(short(&column.subject.name).as_bytes()) }</b>
                                <span>{ kind(column.subject.kind, &text) }</span>
                            </th>
                        }
                    }) }
                    <th scope="col" class="sum">{ text.get("host.disk") }</th>
                </tr></thead>
                <tbody>{ for host.layers.iter().map(|layer| row(&lab, &host, layer, &text)) }</tbody>
                <tfoot>
                    <tr>
                        <th scope="row"><b>{ text.get("host.claimed") }</b>{ " " }<span>{ text.get("host.claimed-what") }</span></th>
                        { for host.columns.iter().map(|column| html! { <td key={column.subject.id.clone()}>{ bytes(column.claimed) }</td> }) }
                        <td class="sum"><b>{ bytes(host.once) }</b>{ " " }{ text.with("host.of", &[("size", &bytes(host.claimed))]) }</td>
                    </tr>
                    <tr>
                        <th scope="row"><b>{ text.get("host.alone") }</b>{ " " }<span>{ text.get("host.alone-what") }</span></th>
                        { for host.columns.iter().map(|column| html! { <td key={column.subject.id.clone()}>{ bytes(column.alone) }</td> }) }
                        <td></td>
                    </tr>
                </tfoot>
            </table>
            if host.more > 0 { <p class="muted">{ text.count("host.more", host.more.into()) }</p> }
        </div>
    }
}

/// `nginx` for `nginx:latest`.
fn short(name: &str) -> &str {
    name.strip_suffix(":latest").unwrap_or(name)
}

fn row(lab: &Lab, host: &Host, layer: &HostLayer, text: &Text) -> Html {
    let choose = {
        let (lab, dir) = (lab.clone(), layer.dir.clone());
        Callback::from(move |_: MouseEvent| lab.dispatch(Action::ChoseLayer { dir: dir.clone() }))
    };
    let chosen = lab.state.layer.as_ref() == Some(&layer.dir);
    let name = layer_name(layer.kind, &layer.name, layer.number, text);
    let detail = match layer.kind {
        RowKind::Writable => text.get("host.writable"),
        _ => made(layer.command.as_deref(), layer.commit_of.as_deref(), text),
    };
    let hue = hue_of(layer.kind, layer.hue);
    html! {
        <tr key={layer.dir.to_text()} class={classes!(chosen.then_some("chosen"))}>
            <th scope="row" class="layer-name" title={detail.clone()}>
                { for (0..layer.depth.min(INDENT_MAX)).map(|_| html! { <i class="in" /> }) }
                <button type="button" class="pick" aria-pressed={chosen.to_string()} onclick={choose}>{ name.clone() }</button>
                <span class="made">{ brief(&detail) }</span>
            </th>
            { for host.columns.iter().enumerate().map(|(at, column)| {
                let here = layer.columns.contains(&(at as u32));
                html! {
                    <td key={column.subject.id.clone()}>
                        <i class={classes!("bar", hue.clone(), (!here).then_some("off"))} aria-hidden="true"></i>
                        if here { <span class="sr-only">{ text.get("host.stands") }</span> }
                    </td>
                }
            }) }
            <td class="sum">{ bytes(layer.size) }</td>
        </tr>
    }
}

/// The inspector's page about a layer of the disk.
pub(super) fn about(host: &Host, layer: &HostLayer, text: &Text) -> Html {
    let on = |wanted: SubjectKind| {
        let names = layer.columns.iter().filter_map(|at| host.columns.get(*at as usize));
        let names = names.filter(|column| column.subject.kind == wanted);
        names
            .map(|column| visible::line(short(&column.subject.name).as_bytes()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (images, containers) = (on(SubjectKind::Image), on(SubjectKind::Container));
    html! {
        <>
            <h2 class="over">{ text.get("host.layer") }</h2>
            <p class="path">{ layer_name(layer.kind, &layer.name, layer.number, text) }</p>
            <p class="made">{ made(layer.command.as_deref(), layer.commit_of.as_deref(), text) }</p>
            <dl>
                if let Some(digest) = &layer.digest { <dt>{ text.get("image.digest") }</dt><dd><code>{ digest }</code></dd> }
                if !images.is_empty() { <dt>{ text.get("host.in-images") }</dt><dd>{ images }</dd> }
                if !containers.is_empty() { <dt>{ text.get("host.under") }</dt><dd>{ containers }</dd> }
                <dt>{ text.get("host.disk") }</dt>
                <dd>{ text.with("host.once", &[("size", &bytes(layer.size)), ("n", &layer.columns.len())]) }</dd>
                <dt>{ text.get("host.dir") }</dt><dd><code>{ visible::line(&layer.dir) }</code></dd>
            </dl>
        </>
    }
}
