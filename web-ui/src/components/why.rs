//! "Why do I see this?": the lookup's own steps, layer by layer.

use std::rc::Rc;

use layerlab_core::view::{Found, LayerLookup, Screen, Stack, Went};
use yew::prelude::*;

use super::units::{bytes, hue, kind_name, row_name};
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct WhyProps {
    /// The screen whose path is explained.
    pub(crate) screen: Rc<Screen>,
}

/// The steps from the top down.
#[component]
pub(crate) fn Why(props: &WhyProps) -> Html {
    let text = use_text();
    let Some((stack, explained)) = props.screen.stack.as_ref().zip(props.screen.explained.as_ref()) else {
        return Html::default();
    };
    let title = if explained.seen.is_some() { "why.seen" } else { "why.unseen" };
    html! {
        <>
            <h2 class="over">{ text.get(title) }</h2>
            <ol class="why">{ for explained.steps.iter().map(|step| line(stack, step, &text)) }</ol>
        </>
    }
}

fn line(stack: &Stack, step: &LayerLookup, text: &Text) -> Html {
    let Some(row) = stack.rows.get(step.row as usize) else { return Html::default() };
    self::step(step, &hue(stack, step.row as usize), &row_name(row, text), text)
}

/// One step: the layer by its hue and name, what was there, and what followed.
pub(super) fn step(step: &LayerLookup, hue: &str, name: &str, text: &Text) -> Html {
    let reached = step.went != Went::NotReached;
    let class = classes!(
        hue.to_owned(),
        (!reached).then_some("unreached"),
        (step.went == Went::Stopped).then_some("stop"),
    );
    html! {
        <li key={step.row} {class}>
            <b>{ name }</b>
            <span>{ if reached { sentence(step, text) } else { unreached(step, text) } }</span>
        </li>
    }
}

fn sentence(step: &LayerLookup, text: &Text) -> String {
    let at = step.at.as_ref().map(|at| visible::line(at)).unwrap_or_default();
    let found = match (step.found, step.at.is_some()) {
        (Found::Nothing, _) => text.get("why.nothing"),
        (Found::File, false) => described(step, text),
        (Found::Dir, false) => text.get("kind.dir"),
        (Found::OpaqueDir, false) => text.get("why.opaque"),
        (Found::Whiteout, false) => text.get("why.whiteout"),
        (Found::Whiteout, true) => text.with("why.whiteout-at", &[("path", &at)]),
        (Found::OpaqueDir, true) => text.with("why.opaque-at", &[("path", &at)]),
        (Found::File | Found::Dir, true) => text.with("why.file-at", &[("path", &at)]),
    };
    let went = text.get(if step.went == Went::Stopped { "why.stopped" } else { "why.on" });
    format!("{found} → {went}")
}

fn unreached(step: &LayerLookup, text: &Text) -> String {
    match step.entry {
        Some(_) => text.with("why.out-of-sight", &[("entry", &described(step, text))]),
        None => text.get("why.not-looked"),
    }
}

fn described(step: &LayerLookup, text: &Text) -> String {
    match &step.entry {
        Some(entry) if step.found == Found::Whiteout => {
            let _ = entry;
            text.get("why.whiteout")
        }
        Some(entry) if entry.kind == layerlab_core::kernel::FileType::File => {
            format!("{}, {}", kind_name(entry, text), bytes(entry.size))
        }
        Some(entry) => kind_name(entry, text),
        None => text.get("kind.file"),
    }
}
