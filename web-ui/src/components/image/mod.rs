//! The image screen: an archive of the person's, its layers, its files by layer, and what of it is waste.

mod act;
mod compare;
mod content;
mod documents;
mod empty;
mod head;
mod layers;
mod lists;
mod matrix;
pub(super) mod names;
mod pair;
mod path;
mod run;
mod sizes;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::hooks::Lab;
use crate::image::{Images, State, Tab};
use crate::text::Text;
use act::Act;

pub(in crate::components) use matrix::settle;

/// Files that were dropped on the page, or picked: the first one is read, and the address goes to its screen.
pub(super) fn take(images: &Images, files: Option<web_sys::FileList>) {
    if let Some(file) = files.and_then(|files| files.get(0)) {
        images.open(file);
        run::go("#/image");
    }
}

/// Says who draws the images' state from now on.
pub(super) fn watch(images: &Images, watcher: Option<Callback<()>>) {
    images.watch(watcher);
}

/// The screen as the images' state is now; `scroll` is where its rows scroll.
pub(super) fn screen(lab: &Lab, text: &Text, scroll: &NodeRef) -> Html {
    let (images, state) = (&lab.images, lab.images.state());
    // One listener for all that can be pressed: a row has none of its own, however many there are.
    let onclick = {
        let (lab, text) = (lab.clone(), text.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(act) = pressed(&event) {
                act.perform(&lab, &text);
            }
        })
    };
    let onkeydown = {
        let (images, scroll) = (images.clone(), scroll.clone());
        Callback::from(move |event: KeyboardEvent| matrix::key(&images, &scroll, &event))
    };
    let oninput = {
        let images = images.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                images.filter(input.value(), images.state().only);
            }
        })
    };
    let onchange = {
        let images = images.clone();
        Callback::from(move |event: Event| {
            let select = event.target_dyn_into::<web_sys::HtmlSelectElement>();
            // The other choices of the screen have names, and are read when their button is pressed.
            let select = select.filter(|select| select.name().is_empty());
            if let Some(image) = select.and_then(|select| select.value().parse().ok()) {
                images.choose(image);
            }
        })
    };
    html! {
        <main class="image-screen" id="terminal" data-tab={names::tab(state.tab)} {onclick} {onkeydown} {oninput} {onchange}>
            { empty::news(&state, text) }
            { match (&state.choosing, &state.laid) {
                (Some(archive), _) => empty::choices(archive, state.import.is_some(), text),
                (None, Some(_)) => laid(lab, &state, text, scroll),
                (None, None) if state.import.is_none() => empty::nothing(text),
                (None, None) => Html::default(),
            } }
        </main>
    }
}

fn laid(lab: &Lab, state: &State, text: &Text, scroll: &NodeRef) -> Html {
    let Some(image) = &state.laid else { return Html::default() };
    html! {
        <>
            { head::head(lab, image, text) }
            { tabs(state, text) }
            { layers::list(image, text) }
            <section class="pane" aria-label={text.get(names::tab_key(names::current(state.tab)))}>
            { match state.tab {
                Tab::Layers | Tab::Path | Tab::Files => matrix::matrix(state, image, text, &lab.images, scroll),
                Tab::Sizes => sizes::sizes(image, text),
                Tab::Compare => compare::compare(state, image, text, &lab.images),
                Tab::Waste => lists::waste(image, text),
                Tab::Secrets => lists::secrets(image, text),
                Tab::History => lists::history(image, text),
                Tab::Documents => documents::documents(state, image, text),
            } }
            </section>
            { path::path(state, image, text) }
        </>
    }
}

fn tabs(state: &State, text: &Text) -> Html {
    let current = names::current(state.tab);
    html! {
        <nav class="image-tabs" aria-label={text.get("image.parts")}>
            { for names::TABS.into_iter().map(|tab| html! {
                <button type="button" class={classes!("tab", format!("to-{}", names::tab(tab)))} data-act={Act::Tab(tab).to_string()}
                    aria-pressed={(current == tab).to_string()}>{ text.get(names::tab_key(tab)) }</button>
            }) }
        </nav>
    }
}

/// What was pressed, if that does anything.
fn pressed(event: &MouseEvent) -> Option<Act> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let element = target.closest("[data-act]").ok().flatten()?;
    element.get_attribute("data-act")?.parse().ok()
}
