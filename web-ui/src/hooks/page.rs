//! What belongs to the page as a whole: its address, its theme, events of its window.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::{hook, use_effect_with, use_mut_ref, use_state};

use crate::asked::Asked;
use crate::local::keep;
use crate::route::Route;

#[wasm_bindgen]
extern "C" {
    /// boot.js: waits until the module's second part is there.
    #[wasm_bindgen(js_namespace = layerlab)]
    pub(crate) async fn later();
}

const THEME: &str = "layerlab.theme";

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark ink on paper.
    Light,
    /// Light ink on slate.
    Dark,
}

impl Theme {
    /// What the page shows now: the person's choice, else the system's.
    pub(crate) fn current() -> Self {
        let chosen = root().and_then(|root| root.get_attribute("data-theme"));
        let system = || {
            let query = gloo::utils::window().match_media("(prefers-color-scheme: dark)").ok().flatten();
            query.is_some_and(|query| query.matches())
        };
        match chosen.as_deref() {
            Some("dark") => Self::Dark,
            Some("light") => Self::Light,
            _ if system() => Self::Dark,
            _ => Self::Light,
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }

    fn apply(self) {
        let name = match self {
            Self::Light => "light",
            Self::Dark => "dark",
        };
        if let Some(root) = root() {
            // Setting a well-formed attribute cannot fail.
            let _ = root.set_attribute("data-theme", name);
        }
        keep(THEME, name);
    }
}

/// The theme, and a way to change it.
#[hook]
pub(crate) fn use_theme() -> (Theme, yew::Callback<Theme>) {
    let theme = use_state(Theme::current);
    let set = theme.clone();
    let change = yew::Callback::from(move |new: Theme| {
        new.apply();
        set.set(new);
    });
    (*theme, change)
}

/// The screen that the address names; it follows the address.
#[hook]
pub(crate) fn use_route() -> Route {
    let route = use_state(read_route);
    let set = route.setter();
    use_event("hashchange", move |_| set.set(read_route()));
    (*route).clone()
}

fn read_route() -> Route {
    Route::of(&gloo::utils::window().location().hash().unwrap_or_default(), Asked::here())
}

fn root() -> Option<web_sys::Element> {
    gloo::utils::document().document_element()
}

/// Names the window after what it shows.
#[hook]
pub(crate) fn use_title(title: String) {
    use_effect_with(title, |title| gloo::utils::document().set_title(title));
}

/// Listens to an event of the window while the component lives; the newest handler is the one that is called.
#[hook]
pub(crate) fn use_event(name: &'static str, handler: impl Fn(&web_sys::Event) + 'static) {
    type Handler = Box<dyn Fn(&web_sys::Event)>;
    let newest = use_mut_ref(|| None::<Handler>);
    *newest.borrow_mut() = Some(Box::new(handler));
    use_effect_with(name, move |name| {
        let options = EventListenerOptions::enable_prevent_default();
        let window = gloo::utils::window();
        let target: &web_sys::EventTarget = window.unchecked_ref();
        let listener = EventListener::new_with_options(target, *name, options, move |event| {
            if let Some(handler) = newest.borrow().as_ref() {
                handler(event);
            }
        });
        || drop(listener)
    });
}
