//! Below the list of lessons: what was done in them can be taken along, brought back and cleared.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::screens::{pick, text_of};
use crate::learned;
use crate::text::use_text;
use crate::transfer::download;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LearnedProps {
    /// The list has to be drawn anew.
    pub(crate) changed: Callback<()>,
}

/// The buttons, and what became of the last one.
#[component]
pub(crate) fn Learned(props: &LearnedProps) -> Html {
    let text = use_text();
    let said = use_state_eq(|| None::<Result<String, String>>);
    // The first press asks, the second clears.
    let armed = use_state_eq(|| false);
    let export = {
        let said = said.setter();
        Callback::from(move |_: MouseEvent| {
            let said = said.clone();
            spawn_local(async move {
                match learned::export().await {
                    Ok(text) => download("layerlab-progress.json", &text),
                    Err(why) => said.set(Some(Err(why))),
                }
            });
        })
    };
    let import = {
        let (said, text, changed) = (said.setter(), text.clone(), props.changed.clone());
        Callback::from(move |file: web_sys::File| {
            let (said, text, changed) = (said.clone(), text.clone(), changed.clone());
            spawn_local(async move {
                let came = match text_of(&file, learned::FILE_MAX).await {
                    Ok(json) => learned::import(&json).await,
                    Err(why) => Err(why),
                };
                said.set(Some(came.map(|count| text.count("lesson.came", count as u64))));
                changed.emit(());
            });
        })
    };
    let clear = {
        let (said, armed, text, changed) =
            (said.setter(), armed.clone(), text.clone(), props.changed.clone());
        Callback::from(move |_: MouseEvent| {
            if !*armed {
                return armed.set(true);
            }
            armed.set(false);
            let (said, text, changed) = (said.clone(), text.clone(), changed.clone());
            spawn_local(async move {
                said.set(Some(learned::clear().await.map(|()| text.get("lesson.cleared"))));
                changed.emit(());
            });
        })
    };
    html! {
        <section class="learned" aria-label={text.get("lesson.learned")}>
            <h3>{ text.get("lesson.learned") }</h3>
            <p>{ text.get("lesson.learned-what") }</p>
            <p class="next">
                <button type="button" class="btn" onclick={export}>{ text.get("lesson.export") }</button>
                { pick("progress-file", &text.get("lesson.import"), import) }
                <button type="button" class="btn" onclick={clear}>{ text.get(if *armed { "lesson.really" } else { "lesson.clear" }) }</button>
            </p>
            <p role="status">
            { match &*said {
                None => Html::default(),
                Some(Ok(said)) => html! { { said } },
                Some(Err(why)) => html! { <span class="bad">{ why }</span> },
            } }
            </p>
        </section>
    }
}
