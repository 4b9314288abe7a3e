//! The editor over the page: `vi`, `nano` and `edit` open a file in it. What it saves is one entry of the journal.

use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::hooks::use_lab;
use crate::state::{Action, Editing};
use crate::text::use_text;
use crate::visible;

/// The editor, where a file is open.
#[component]
pub(crate) fn Editor() -> Html {
    let lab = use_lab();
    match &lab.state.editing {
        Some(editing) => html! { <Open key={editing.path.to_text()} editing={Rc::clone(editing)} /> },
        None => Html::default(),
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct OpenProps {
    editing: Rc<Editing>,
}

#[component]
fn Open(props: &OpenProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let (dialog, area) = (use_node_ref(), use_node_ref());
    let asks = use_state_eq(|| false);
    let editing = Rc::clone(&props.editing);
    let old = editing.content.as_ref().map(ByteString::to_text).unwrap_or_default();
    {
        let (dialog, area, old) = (dialog.clone(), area.clone(), old.clone());
        use_effect_with((), move |()| {
            if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                area.set_value(&old);
                let _ = area.set_selection_range(0, 0);
            }
            // It is in the page and not open yet.
            let shown = dialog.cast::<HtmlDialogElement>();
            let _ = shown.as_ref().map(HtmlDialogElement::show_modal);
            // While it is open nothing else takes the focus, and when it is taken out of the page the focus goes nowhere.
            move || {
                if let Some(dialog) = &shown {
                    dialog.close();
                }
                let prompt = gloo::utils::document().get_element_by_id("terminal");
                if let Some(prompt) = prompt.and_then(|prompt| prompt.dyn_into::<HtmlElement>().ok()) {
                    // A dialog that closes gives the focus back but not the caret, and what has the focus takes no other.
                    let _ = prompt.blur();
                    let _ = prompt.focus();
                }
            }
        });
    }
    let typed = {
        let area = area.clone();
        move || area.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default()
    };
    let save = {
        let (lab, editing, typed) = (lab.clone(), Rc::clone(&editing), typed.clone());
        move || {
            let mut content = typed();
            // A text file ends in a line feed, as every editor sees to.
            if !content.is_empty() && !content.ends_with('\n') {
                content.push('\n');
            }
            lab.edit(&editing.line, editing.path.clone(), &content);
        }
    };
    let leave = {
        let (lab, asks, old) = (lab.clone(), asks.clone(), old.clone());
        move || {
            if *asks || typed() == old {
                lab.dispatch(Action::EditLeft);
            } else {
                asks.set(true);
            }
        }
    };
    let onkeydown = {
        let (save, leave) = (save.clone(), leave.clone());
        Callback::from(move |event: KeyboardEvent| {
            let is_save = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("s");
            match event.key().as_str() {
                _ if is_save => save(),
                "Escape" => leave(),
                // The page's own keys are not the editor's.
                _ => return event.stop_propagation(),
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let path = visible::line(&editing.path);
    let press = |act: Rc<dyn Fn()>| Callback::from(move |_: MouseEvent| act());
    html! {
        <dialog ref={dialog} class="editor" aria-label={text.with("edit.name", &[("path", &path)])} {onkeydown}>
            <h2>{ &path }if editing.content.is_none() { <span class="muted">{ " · " }{ text.get("edit.new") }</span> }</h2>
            <textarea ref={area} aria-label={text.with("edit.content", &[("path", &path)])} spellcheck="false" autocapitalize="off" autocomplete="off" />
            if *asks { <p class="bad" role="alert">{ text.get("edit.asks") }</p> }
            <p class="acts">
                <button type="button" class="btn main" onclick={press(Rc::new(save))}>{ text.get("edit.save") }</button>
                <button type="button" class="btn" onclick={press(Rc::new(leave))}>{ text.get(if *asks { "edit.discard" } else { "edit.leave" }) }</button>
                <span class="muted">{ text.get("edit.keys") }</span>
            </p>
        </dialog>
    }
}
