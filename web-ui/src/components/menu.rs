//! The header's menu of sessions: the list, and what can be done with one.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::icon::{Icon, icon};
use super::room::RoomNote;
use crate::hooks::use_lab;
use crate::state::{Action, Owner};
use crate::store::{self, Saved};
use crate::text::{Text, use_text};
use crate::{archives, transfer, visible};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct SessionsProps {
    /// Opens a session of the playground.
    pub(crate) open: Callback<String>,
}

/// The button, and the menu that it opens.
#[component]
pub(crate) fn Sessions(props: &SessionsProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let shown = use_state(|| None::<Vec<Saved>>);
    let (place, button) = (use_node_ref(), use_node_ref());
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| {
            if shown.is_some() {
                return shown.set(None);
            }
            let shown = shown.clone();
            spawn_local(async move { shown.set(Some(listed().await)) });
        })
    };
    {
        // The keyboard goes on in the menu.
        let place = place.clone();
        use_effect_with(shown.is_some(), move |is_open| {
            if *is_open {
                step(&place, 0);
            }
        });
    }
    let onkeydown = {
        let (shown, place, button) = (shown.clone(), place.clone(), button.clone());
        Callback::from(move |event: KeyboardEvent| {
            let is_typed = event.target_dyn_into::<HtmlInputElement>().is_some();
            match event.key().as_str() {
                "Escape" => {
                    shown.set(None);
                    focus(button.cast::<HtmlElement>());
                }
                "ArrowDown" if !is_typed => step(&place, 1),
                "ArrowUp" if !is_typed => step(&place, -1),
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <div class="share sessions" {onkeydown}>
            <button type="button" class="btn" ref={button} aria-haspopup="menu" aria-expanded={shown.is_some().to_string()}
                aria-label={text.get("session.name")} title={text.get("session.name")} onclick={toggle}>
                { icon(Icon::Stack) }<span class="wide">{ text.get("session.name") }</span>
            </button>
            if let Some(saved) = &*shown {
                <div class="pop" ref={place}>
                    <Menu saved={saved.clone()} open={props.open.clone()} session={lab.state.session.clone()}
                        close={Callback::from({ let shown = shown.clone(); move |()| shown.set(None) })} />
                </div>
            }
        </div>
    }
}

/// The sessions of the playground, in the order of their numbers.
async fn listed() -> Vec<Saved> {
    let mut saved = store::all().await.unwrap_or_default();
    saved.retain(|saved| store::is_listed(&saved.name));
    saved.sort_by_key(|saved| store::number(&saved.name));
    saved
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct MenuProps {
    saved: Vec<Saved>,
    session: String,
    open: Callback<String>,
    close: Callback<()>,
}

#[component]
fn Menu(props: &MenuProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let MenuProps { saved, session, open, close } = props;
    let choose = |name: String| {
        let (open, close) = (open.clone(), close.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            open.emit(name.clone());
        })
    };
    // What another tab has is that tab's to name and to delete.
    let is_own = lab.state.owner != Owner::Lost;
    let here = saved.iter().find(|saved| is_own && saved.name == *session);
    let names: Vec<String> = saved.iter().map(|saved| saved.name.clone()).chain([session.clone()]).collect();
    let script = {
        let (lab, close) = (lab.clone(), close.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            let script = transfer::script(&lab.state.journal, &lab.state.transcript.prompts());
            transfer::download("layerlab.sh", &script);
        })
    };
    let take_out = {
        let close = close.clone();
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            // Setting a well-formed fragment cannot fail.
            let _ = gloo::utils::window().location().set_hash("#/export");
        })
    };
    let export = {
        let (lab, close) = (lab.clone(), close.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            let lab = lab.clone();
            spawn_local(async move {
                match transfer::export().await {
                    Ok(text) => transfer::download("layerlab-sessions.json", &text),
                    Err(message) => lab.dispatch(Action::Failed { message }),
                }
            });
        })
    };
    let delete = {
        let (lab, session, open, close) = (lab.clone(), session.clone(), open.clone(), close.clone());
        let rest: Vec<Saved> = saved.iter().filter(|saved| saved.name != session).cloned().collect();
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            let (lab, session, open, rest) = (lab.clone(), session.clone(), open.clone(), rest.clone());
            spawn_local(async move {
                let next =
                    rest.first().map_or_else(|| store::PLAYGROUND.to_owned(), |saved| saved.name.clone());
                if let Err(message) = store::delete(&session).await {
                    return lab.dispatch(Action::Failed { message });
                }
                // A session that cannot be read may need any of the files.
                if let (Ok(left), Ok(names)) = (store::all().await, store::names().await)
                    && left.len() == names.len()
                {
                    archives::tidy(left.iter().map(|saved| &saved.journal)).await;
                }
                open.emit(next);
            });
        })
    };
    // The first press asks, the second deletes.
    let armed = use_state_eq(|| false);
    let arm = {
        let armed = armed.clone();
        Callback::from(move |_: MouseEvent| armed.set(true))
    };
    let import = {
        let lab = lab.clone();
        let close = close.clone();
        Callback::from(move |event: Event| {
            let input = event.target_dyn_into::<HtmlInputElement>();
            let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else {
                return;
            };
            let (lab, close) = (lab.clone(), close.clone());
            spawn_local(async move {
                if let Err(message) = read(&file).await {
                    lab.dispatch(Action::Failed { message });
                }
                close.emit(());
            });
        })
    };
    let pick = Callback::from(|_: MouseEvent| {
        let input = gloo::utils::document().get_element_by_id("import-sessions");
        if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
            input.click();
        }
    });
    let rename = {
        let (lab, session) = (lab.clone(), session.clone());
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let (lab, session) = (lab.clone(), session.clone());
            spawn_local(async move {
                if let Err(message) = store::rename(&session, input.value().trim()).await {
                    lab.dispatch(Action::Failed { message });
                }
            });
        })
    };
    let item = |name: String, onclick: Callback<MouseEvent>| {
        html! { <button type="button" role="menuitem" tabindex="-1" class="item" {onclick}>{ name }</button> }
    };
    html! {
        <>
            <div role="menu" aria-label={text.get("session.name")}>
                { for saved.iter().map(|saved| html! {
                    <button key={saved.name.clone()} type="button" role="menuitemradio" tabindex="-1" class="item"
                        aria-checked={(saved.name == *session).to_string()} onclick={choose(saved.name.clone())}>
                        { title(saved, &text) }
                    </button>
                }) }
                { item(text.get("session.new"), choose(transfer::free(store::PLAYGROUND, &names))) }
                { item(text.get("session.script"), script) }
                { item(text.get("session.take"), take_out) }
                { item(text.get("session.export"), export) }
                { item(text.get("session.import"), pick) }
                if here.is_some() {
                    if *armed {
                        { item(text.get("session.really"), delete) }
                    } else {
                        { item(text.get("session.delete"), arm) }
                    }
                }
            </div>
            <input type="file" id="import-sessions" hidden=true tabindex="-1" aria-label={text.get("session.import")} onchange={import} />
            if let Some(here) = here {
                <label class="rename"><span>{ text.get("session.rename") }</span>
                    <input value={here.title.clone()} placeholder={text.with("session.number", &[("n", &store::number(&here.name))])} maxlength="60" onchange={rename} />
                </label>
            }
            <RoomNote />
        </>
    }
}

async fn read(file: &web_sys::File) -> Result<(), String> {
    if file.size() > transfer::FILE_MAX as f64 {
        return Err("the file is too large".into());
    }
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await;
    let buffer = buffer.map_err(|_| "the file cannot be read")?;
    transfer::import(&js_sys::Uint8Array::new(&buffer).to_vec()).await.map(drop)
}

/// What a session is called in the list: as the person calls it, or by its number; and how many lines it has.
fn title(saved: &Saved, text: &Text) -> String {
    let name = if saved.title.is_empty() {
        text.with("session.number", &[("n", &store::number(&saved.name))])
    } else {
        visible::line(saved.title.as_bytes())
    };
    format!("{name} · {}", text.count("session.lines", saved.journal.lines().len() as u64))
}

/// Gives the focus to the item so many places further on, around the ends.
fn step(place: &NodeRef, by: i32) {
    let Some(place) = place.cast::<web_sys::Element>() else { return };
    let Ok(items) = place.query_selector_all("[role^=menuitem]") else { return };
    let items: Vec<HtmlElement> =
        (0..items.length()).filter_map(|at| items.get(at)?.dyn_into().ok()).collect();
    let active = gloo::utils::document().active_element();
    let at =
        items.iter().position(|item| active.as_ref().is_some_and(|active| item.is_same_node(Some(active))));
    let count = items.len() as i32;
    let next = at.map_or(if by < 0 { count - 1 } else { 0 }, |at| (at as i32 + by).rem_euclid(count.max(1)));
    focus(items.get(next as usize).cloned());
}

fn focus(element: Option<HtmlElement>) {
    if let Some(element) = element {
        // An element of the page can be focused.
        let _ = element.focus();
    }
}
