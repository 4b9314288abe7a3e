//! The list of lessons.

use layerlab_core::lesson::{Course, Lesson};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::lesson::{load_all, load_course};
use crate::progress::{self, Progress};
use crate::text::{Text, use_text};

/// Every lesson by chapter, with how long it takes and how far the learner is.
#[component]
pub(crate) fn Lessons() -> Html {
    let text = use_text();
    let all = use_state(|| (Course::default(), Vec::<Lesson>::new()));
    {
        let all = all.setter();
        use_effect_with(text.language, move |language| {
            let language = *language;
            spawn_local(async move { all.set((load_course().await, load_all(language).await)) });
        });
    }
    let (course, lessons) = &*all;
    let find = |id: &String| lessons.iter().find(|lesson| lesson.id == *id);
    let in_course = |lesson: &&Lesson| course.order().any(|id| id == lesson.id);
    let others: Vec<&Lesson> = lessons.iter().filter(|lesson| !in_course(lesson)).collect();
    html! {
        <main class="lessons" id="terminal">
            <h2>{ text.get("lesson.list") }</h2>
            { for course.chapters.iter().map(|chapter| html! {
                <section key={chapter.id.clone()}>
                    <h3>{ chapter.title.get(text.language.tag()) }</h3>
                    <ol>{ for chapter.lessons.iter().filter_map(find).map(|lesson| entry(lesson, &text)) }</ol>
                </section>
            }) }
            if !others.is_empty() { <ol>{ for others.into_iter().map(|lesson| entry(lesson, &text)) }</ol> }
            <p><a class="btn" href="#/">{ text.get("lesson.playground") }</a></p>
        </main>
    }
}

fn entry(lesson: &Lesson, text: &Text) -> Html {
    let minutes = (lesson.minutes > 0).then(|| text.with("lesson.minutes", &[("minutes", &lesson.minutes)]));
    html! {
        <li key={lesson.id.clone()}>
            <a href={format!("#/lesson/{}", lesson.id)}>{ &lesson.title }</a>
            { minutes.map(|minutes| html! { <span class="minutes">{ " " }{ minutes }</span> }) }
            <p>{ &lesson.summary }</p>
            { progress::load(&lesson.id).map(|progress| how_far(&progress, text)) }
        </li>
    }
}

fn how_far(progress: &Progress, text: &Text) -> Html {
    if progress.is_finished() {
        return html! { <p class="good">{ "✓ " }{ text.get("lesson.done") }</p> };
    }
    let values: [(&str, &dyn std::fmt::Display); 2] = [("done", &progress.done), ("total", &progress.total)];
    html! { <p>{ text.with("lesson.progress", &values) }</p> }
}
