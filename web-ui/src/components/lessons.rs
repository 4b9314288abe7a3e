//! The list of lessons.

use layerlab_core::lesson::Lesson;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::lesson::load_all;
use crate::progress::{self, Progress};
use crate::text::{Text, use_text};

/// Every lesson, with where it leads.
#[component]
pub(crate) fn Lessons() -> Html {
    let text = use_text();
    let all = use_state(Vec::<Lesson>::new);
    {
        let all = all.setter();
        use_effect_with(text.language, move |language| {
            let language = *language;
            spawn_local(async move { all.set(load_all(language).await) });
        });
    }
    html! {
        <main class="lessons" id="terminal">
            <h2>{ text.get("lesson.list") }</h2>
            <ol>
                { for all.iter().map(|lesson| html! {
                    <li key={lesson.id.clone()}>
                        <a href={format!("#/lesson/{}", lesson.id)}>{ &lesson.title }</a>
                        <p>{ &lesson.summary }</p>
                        { progress::load(&lesson.id).map(|progress| how_far(&progress, &text)) }
                    </li>
                }) }
            </ol>
            <p><a class="btn" href="#/">{ text.get("lesson.playground") }</a></p>
        </main>
    }
}

fn how_far(progress: &Progress, text: &Text) -> Html {
    if progress.is_finished() {
        return html! { <p class="good">{ "✓ " }{ text.get("lesson.done") }</p> };
    }
    let values: [(&str, &dyn std::fmt::Display); 2] = [("done", &progress.done), ("total", &progress.total)];
    html! { <p>{ text.with("lesson.progress", &values) }</p> }
}
