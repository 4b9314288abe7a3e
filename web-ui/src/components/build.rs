//! The steps of a build, as they come: what each is, what became of it, and how much it added.

use layerlab_core::oci::Digest;
use layerlab_core::program::{StepEvent, StepState};
use layerlab_core::view::Stack;
use yew::prelude::*;

use super::units::{bytes, command, hue};
use crate::hooks::Lab;
use crate::text::Text;

/// The steps of the line that was typed last, where that is a build.
pub(super) fn steps(lab: &Lab, stack: Option<&Stack>, text: &Text) -> Html {
    let Some(block) = lab.state.transcript.last().filter(|block| !block.steps.is_empty()) else {
        return Html::default();
    };
    let told = block.steps.iter().filter(|step| is_told(step));
    html! {
        <ol class="build" aria-label={text.get("build.name")} tabindex="0">
            { for told.map(|step| one(step, stack, text)) }
        </ol>
    }
}

/// The layers that the steps of that build made, by their chain ids.
pub(super) fn layers(lab: &Lab) -> Vec<Digest> {
    let steps = lab.state.transcript.last().map(|block| block.steps.as_slice()).unwrap_or_default();
    let ran = steps.iter().filter(|step| step.state == StepState::Ran);
    ran.filter_map(|step| step.layer).collect()
}

/// What BuildKit does for itself (`[internal] load build context`, `exporting to image`) is no step of the Dockerfile; it has
/// no number there.
fn is_told(step: &StepEvent) -> bool {
    step.of > 0 || (step.code.starts_with('[') && !step.code.starts_with("[internal]"))
}

/// What became of a step, in a word.
pub(super) fn word(state: StepState, text: &Text) -> String {
    text.get(match state {
        StepState::Started => "build.started",
        StepState::Cached => "build.cached",
        StepState::Ran => "build.ran",
        StepState::Failed => "build.failed",
    })
}

fn class(state: StepState) -> &'static str {
    match state {
        StepState::Started => "started",
        StepState::Cached => "cached",
        StepState::Ran => "ran",
        StepState::Failed => "failed",
    }
}

fn one(step: &StepEvent, stack: Option<&Stack>, text: &Text) -> Html {
    let code = command(&step.code);
    // A step that made a layer has that layer's hue.
    let row = step.layer.and_then(|layer| {
        stack.and_then(|stack| {
            stack.rows.iter().position(|row| row.chain == Some(layer)).map(|at| (stack, at))
        })
    });
    let hue = row.map(|(stack, at)| hue(stack, at));
    let title = (step.of > 0)
        .then(|| format!("{}: {code}", text.with("build.step", &[("n", &step.number), ("of", &step.of)])));
    html! {
        <li key={step.number} class={classes!("build-step", class(step.state), hue)} title={title.unwrap_or_else(|| code.clone())}>
            <code>{ code }</code>
            <span class="what">
                <b>{ word(step.state, text) }</b>
                if step.layer.is_some() { { format!(" · {}", bytes(step.bytes)) } }
            </span>
        </li>
    }
}
