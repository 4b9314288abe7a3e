//! The stage: which subject is shown, and its stack in one of three forms.

use layerlab_core::view::Stack;
use yew::prelude::*;

use super::branch::BranchTree;
use super::build;
use super::host::HostTable;
use super::legend::legend;
use super::stack::Sheets;
use super::tree::Tree;
use super::units::{bytes, kind};
use crate::hooks::{Lab, use_event, use_lab};
use crate::state::{Action, Form};
use crate::text::{Text, use_text};
use crate::visible;

/// The least width of a column and the width of the names beside them, in pixels, as the style sheet has them.
const COLUMN: i32 = 70;
const LABEL: i32 = 222;
const WIDE_LABEL: i32 = 272;
/// Where the stage is at least so wide inside, the names have more room.
const WIDE: i32 = 940;
const NARROW_LABEL: i32 = 118;
const NARROW_COLUMN: i32 = 58;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Properties)]
pub(crate) struct StageProps {
    /// Whether a lesson stands beside it, which says itself what to type.
    pub(crate) is_lesson: bool,
}

/// The stack with its heading.
#[component]
pub(crate) fn Stage(props: &StageProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let place = use_node_ref();
    use_fit(&lab, &place);
    let (screen, form) = (&lab.state.screen, lab.state.form);
    let Some(stack) = &screen.stack else {
        return html! {
            <section class="stage" ref={place} aria-label={text.get("stage.region")}>
                { build::steps(&lab, None, &text) }
                if lab.state.drawn { <p class="empty">{ text.get(if props.is_lesson { "stage.nothing-here" } else { "stage.nothing" }) }</p> }
            </section>
        };
    };
    let forms = [(Form::Sheets, "stage.sheets"), (Form::Tree, "stage.tree"), (Form::Host, "stage.host")];
    html! {
        <section class="stage" ref={place} aria-label={text.get("stage.region")} data-form={name(form)}>
            <div class="stage-head">
                { subjects(&lab, stack, &text) }
                <div class="forms" role="radiogroup" aria-label={text.get("stage.view")}>
                    { for forms.into_iter().map(|(which, key)| {
                        let choose = {
                            let lab = lab.clone();
                            Callback::from(move |_: Event| lab.dispatch(Action::Formed(which)))
                        };
                        html! {
                            <label class={classes!("form", (which == form).then_some("on"))}>
                                <input type="radio" name="form" class="sr-only" checked={which == form} onchange={choose} />
                                <span>{ text.get(key) }</span>
                            </label>
                        }
                    }) }
                </div>
                <p class="of">{ caption(&lab, stack, &text) }</p>
            </div>
            { build::steps(&lab, Some(stack), &text) }
            { match form {
                Form::Sheets => html! {
                    <>
                        <Sheets screen={screen.clone()} selected={lab.state.selected.clone()} changes={lab.state.changes.clone()}
                            built={build::layers(&lab)} fits={lab.state.columns} unfolded={lab.state.unfolded.clone()} />
                        <div class="stage-foot"><Tree screen={screen.clone()} />{ legend(&text) }</div>
                    </>
                },
                Form::Tree => html! { <BranchTree /> },
                Form::Host => html! { <HostTable /> },
            } }
        </section>
    }
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Sheets => "sheets",
        Form::Tree => "tree",
        Form::Host => "host",
    }
}

/// Which subject is shown, and whether it stays.
fn subjects(lab: &Lab, stack: &Stack, text: &Text) -> Html {
    let choose = {
        let lab = lab.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
                lab.dispatch(Action::Chose { subject: select.value() });
            }
        })
    };
    let pin = {
        let lab = lab.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                lab.dispatch(Action::Pinned(input.checked()));
            }
        })
    };
    html! {
        <>
            <label class="choose">
                <span class="sr-only">{ text.get("stage.subject") }</span>
                <select onchange={choose} title={visible::line(stack.subject.name.as_bytes())}>
                    { for lab.state.screen.subjects.iter().map(|subject| html! {
                        <option key={subject.id.clone()} value={subject.id.clone()} selected={subject.id == stack.subject.id}>
                            { format!("{} · {}", visible::line(short(&subject.name).as_bytes()), kind(subject.kind, text)) }
                        </option>
                    }) }
                </select>
            </label>
            <label class="stay" title={text.get("stage.stay-what")}>
                <input type="checkbox" checked={lab.state.pinned} onchange={pin} />
                <span>{ text.get("stage.stay") }</span>
            </label>
        </>
    }
}

/// An image's name as a person types it.
fn short(name: &str) -> &str {
    name.strip_suffix(":latest").unwrap_or(name)
}

/// What is shown of how much.
fn caption(lab: &Lab, stack: &Stack, text: &Text) -> String {
    let mut parts = Vec::new();
    if lab.state.form == Form::Host {
        let host = lab.state.host.as_deref();
        parts.extend(host.map(|host| text.count("host.layers", host.layers.len() as u64)));
        parts.extend(host.map(|host| text.count("host.on-them", host.columns.len() as u64)));
        return parts.join(" · ");
    }
    let paths = match (lab.state.form, stack.more) {
        // Nothing is folded.
        (_, false) if lab.state.form == Form::Tree || stack.shown >= stack.paths => "stage.all",
        (Form::Tree, true) => "stage.all-more",
        (_, false) => "stage.paths",
        (_, true) => "stage.paths-more",
    };
    parts.push(text.with(paths, &[("n", &stack.paths), ("shown", &stack.shown)]));
    if stack.whiteouts > 0 {
        parts.push(text.count("stage.whiteouts", stack.whiteouts.into()));
    }
    let copied = lab.state.reply.copied_up;
    if copied.bytes > 0 {
        parts.push(text.with("stage.copied", &[("size", &bytes(copied.bytes))]));
    }
    parts.join(" · ")
}

/// Measures how many columns fit, at first and whenever the window changes.
#[hook]
fn use_fit(lab: &Lab, place: &NodeRef) {
    let (lab, place) = (lab.clone(), place.clone());
    let measure = move || {
        let Some(stage) = place.cast::<web_sys::Element>() else { return };
        let narrow = gloo::utils::window().match_media(super::NARROW).ok().flatten();
        let is_narrow = narrow.is_some_and(|query| query.matches());
        let (label, column) = match stage.client_width() - 36 {
            _ if is_narrow => (NARROW_LABEL, NARROW_COLUMN),
            WIDE.. => (WIDE_LABEL, COLUMN),
            _ => (LABEL, COLUMN),
        };
        let room = stage.client_width() - label - 28;
        let columns = u32::try_from((room / column).max(3)).unwrap_or(3);
        if lab.state.columns != columns {
            lab.dispatch(Action::Fits { columns });
        }
    };
    let first = measure.clone();
    use_effect_with((), move |()| first());
    use_event("resize", move |_| measure());
}
