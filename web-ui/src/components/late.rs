//! The place of the screens whose code and words come after the first prompt.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::screens::screen;
use crate::hooks::later;
use crate::late::load_styles;
use crate::route::Route;
use crate::text::{Text, use_text};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LateProps {
    /// Which screen.
    pub(crate) route: Route,
    /// Why its lesson cannot be shown.
    pub(crate) trouble: Option<String>,
}

/// The screen, as soon as it can be drawn.
#[component]
pub(crate) fn Late(props: &LateProps) -> Html {
    let text = use_text();
    let whole = use_state(|| None::<Result<Text, String>>);
    {
        let whole = whole.setter();
        use_effect_with(text.clone(), move |text| {
            let text = text.clone();
            spawn_local(async move {
                later().await;
                load_styles().await;
                whole.set(Some(text.with_more().await));
            });
        });
    }
    match &*whole {
        Some(Ok(whole)) if whole.language == text.language => {
            screen(&props.route, props.trouble.as_ref(), whole)
        }
        Some(Err(_)) => html! {
            <main class="lessons" id="terminal"><p role="alert">{ text.get("rest.failed") }</p></main>
        },
        _ => html! { <main class="lessons" id="terminal" aria-busy="true" /> },
    }
}
