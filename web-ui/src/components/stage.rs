//! The stage: which subject is shown, its stack, and the same as text.

use yew::prelude::*;

use super::stack::Sheets;
use super::tree::Tree;
use super::units::{bytes, kind};
use crate::hooks::use_lab;
use crate::state::Action;
use crate::text::use_text;
use crate::visible;

/// The stack with its heading.
#[component]
pub(crate) fn Stage() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let screen = &lab.state.screen;
    let choose = {
        let lab = lab.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
                lab.dispatch(Action::Chose { subject: select.value() });
            }
        })
    };
    let Some(stack) = &screen.stack else {
        return html! {
            <section class="stage" aria-label={text.get("stage.region")}>
                if lab.state.drawn { <p class="empty">{ text.get("stage.nothing") }</p> }
            </section>
        };
    };
    let shown = &stack.subject;
    let copied = lab.state.reply.copied_up;
    let layers = stack.rows.len().saturating_sub(1) as u64;
    html! {
        <section class="stage" aria-label={text.get("stage.region")}>
            <div class="stage-head">
                <label class="choose">
                    <span class="sr-only">{ text.get("stage.show") }</span>
                    <select onchange={choose}>
                        { for screen.subjects.iter().map(|subject| html! {
                            <option key={subject.id.clone()} value={subject.id.clone()} selected={subject.id == shown.id}>
                                { format!("{} · {}", visible::line(subject.name.as_bytes()), kind(subject.kind, &text)) }
                            </option>
                        }) }
                    </select>
                </label>
                <p class="of">
                    if let Some(image) = &shown.image {
                        { text.with("stage.of", &[("image", &visible::line(image.as_bytes()))]) }{ " · " }
                    }
                    { text.count("stage.layers", layers) }
                    if stack.whiteouts > 0 { { " · " }{ text.count("stage.whiteouts", stack.whiteouts.into()) } }
                    if copied.bytes > 0 {
                        { " · " }<b class="copied">{ text.with("stage.copied", &[("size", &bytes(copied.bytes))]) }</b>
                    }
                    if stack.more { { " · " }{ text.with("stage.more", &[("n", &stack.columns.len())]) } }
                </p>
            </div>
            <Sheets screen={screen.clone()} selected={lab.state.selected.clone()} changes={lab.state.changes.clone()} />
            <Tree screen={screen.clone()} />
        </section>
    }
}
