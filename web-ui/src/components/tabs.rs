//! Which pane is seen, on screens that cannot show them all.

use yew::prelude::*;

use crate::hooks::use_lab;
use crate::state::{Action, Pane};
use crate::text::use_text;

/// A button a pane; the style sheet shows them only where they are needed.
#[component]
pub(crate) fn Tabs() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let tab = |pane: Pane, key: &str| {
        let show = {
            let lab = lab.clone();
            Callback::from(move |_: MouseEvent| lab.dispatch(Action::Showed(pane)))
        };
        html! {
            <button type="button" class={classes!("tab", format!("to-{}", pane.name()))} aria-pressed={(lab.state.pane == pane).to_string()}
                onclick={show}>{ text.get(key) }</button>
        }
    };
    html! {
        <nav class="tabs" aria-label={text.get("tabs.name")}>
            { tab(Pane::Lesson, "tabs.lesson") }
            { tab(Pane::Layers, "tabs.layers") }
            { tab(Pane::Inspector, "tabs.inspector") }
        </nav>
    }
}
