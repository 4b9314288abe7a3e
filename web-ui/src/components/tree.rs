//! The stack as text: the same facts as a list, layer by layer.

use std::rc::Rc;

use layerlab_core::view::{CellState, Screen};
use yew::prelude::*;

use super::cell::{folded_name, state_name};
use super::units::row_name;
use crate::hooks::use_event;
use crate::text::use_text;
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct TreeProps {
    /// What to say.
    pub(crate) screen: Rc<Screen>,
}

/// The text form, closed until it is wanted; while it is closed it costs nothing.
#[component]
pub(crate) fn Tree(props: &TreeProps) -> Html {
    let text = use_text();
    let open = use_state(|| false);
    // On paper it is what is seen of the stack.
    {
        let open = open.clone();
        use_event("beforeprint", move |_| open.set(true));
    }
    let Some(stack) = &props.screen.stack else { return Html::default() };
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    html! {
        <div class="as-text">
            <button type="button" class="link" aria-expanded={open.to_string()} onclick={toggle}>
                { text.get("tree.name") }
            </button>
            if *open {
                <ul class="tree">
                { for stack.rows.iter().enumerate().map(|(at, row)| html! {
                    <li key={at}>
                        <b>{ row_name(row, &text) }</b>
                        <ul>
                        { for row.cells.iter().enumerate().filter(|(_, cell)| cell.state != CellState::Absent).map(|(c, cell)| {
                            let column = &stack.columns[c];
                            let path = visible::line(&column.path);
                            match column.fold {
                                // What is folded is many paths: what it says is what its cell says.
                                Some(fold) => html! { <li key={c}>{ folded_name(stack, (at, c), fold, None, &text) }</li> },
                                None => html! { <li key={c}><code>{ path }</code>{ " " }{ state_name(stack, at, cell, &text) }</li> },
                            }
                        }) }
                        </ul>
                    </li>
                }) }
                </ul>
            }
        </div>
    }
}
