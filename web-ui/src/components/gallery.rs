//! The place of the image screen: what draws it is in the module's second part which may still be on
//! its way when the screen is opened.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::image::{screen, settle, watch};
use crate::hooks::{later, use_event, use_lab};
use crate::text::{Text, use_text};

/// The image screen, as soon as it can be drawn.
#[component]
pub(crate) fn Gallery() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let here = use_state(|| None::<Text>);
    let redraw = use_force_update();
    let scroll = use_node_ref();
    {
        // Which tabs there are depends on the width.
        let redraw = redraw.clone();
        use_event("resize", move |_| redraw.force_update());
    }
    {
        let (here, images) = (here.setter(), lab.images.clone());
        use_effect_with(text.clone(), move |text| {
            let (watched, text) = (images.clone(), text.clone());
            spawn_local(async move {
                later().await;
                watch(&images, Some(Callback::from(move |()| redraw.force_update())));
                // Where the other words cannot be had, what has none is called by its key.
                let whole = text.with_more().await;
                here.set(Some(whole.unwrap_or(text)));
            });
            move || watch(&watched, None)
        });
    }
    {
        let (here, images, scroll) = (here.is_some(), lab.images.clone(), scroll.clone());
        use_effect(move || {
            if here {
                settle(&images, &scroll);
            }
        });
    }
    match &*here {
        Some(text) => screen(&lab, text, &scroll),
        None => html! { <main class="image" id="terminal" /> },
    }
}
