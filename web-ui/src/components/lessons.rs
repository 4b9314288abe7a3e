//! The list of lessons.

use layerlab_core::lesson::{Course, Lesson, Myth, Myths, Verdict};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::learned::Learned;
use super::markdown::inline;
use crate::lesson::{load_all, load_course, load_myths};
use crate::progress::{self, Progress};
use crate::text::{Text, use_text};

/// Every lesson by chapter, with how long it takes and how far the learner is.
#[component]
pub(crate) fn Lessons() -> Html {
    let text = use_text();
    let all = use_state(|| (Course::default(), Vec::<Lesson>::new(), Myths::default()));
    {
        let all = all.setter();
        use_effect_with(text.language, move |language| {
            let language = *language;
            spawn_local(async move {
                all.set((load_course().await, load_all(language).await, load_myths().await));
            });
        });
    }
    let redraw = use_force_update();
    let changed = Callback::from(move |()| redraw.force_update());
    let (course, lessons, myths) = &*all;
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
            if !myths.myths.is_empty() {
                <section>
                    <h3>{ text.get("lesson.myths") }</h3>
                    { for myths.myths.iter().map(|myth| judged(myth, &text)) }
                </section>
            }
            <Learned {changed} />
            <p class="next">
                <a class="btn" href="#/">{ text.get("lesson.playground") }</a>
                <a class="btn" href="#/edit">{ text.get("title.edit") }</a>
                <a class="btn" href="#/class">{ text.get("title.class") }</a>
                <a class="btn" href="#/drivers">{ text.get("title.drivers") }</a>
            </p>
        </main>
    }
}

/// A claim that opens to its verdict, what is so instead, and the lines that decide it.
fn judged(myth: &Myth, text: &Text) -> Html {
    let language = text.language.tag();
    let (claim, answer) = (myth.claim.get(language), myth.answer.get(language));
    let verdict = match myth.verdict {
        Verdict::False => "lesson.myth-false",
        Verdict::MostlyFalse => "lesson.myth-mostly",
        Verdict::Half => "lesson.myth-half",
        Verdict::Depends => "lesson.myth-depends",
    };
    let lines: Vec<&str> = myth.lines.iter().map(String::as_str).chain([myth.holds.as_str()]).collect();
    html! {
        <details class="myth" key={myth.id.clone()}>
            <summary>{ claim.map(|claim| inline(claim)) }</summary>
            <p><b>{ text.get(verdict) }</b>{ " " }{ answer.map(|answer| inline(answer)) }</p>
            <pre tabindex="0"><code>{ lines.join("\n") }</code></pre>
            <p><a href={format!("#/lesson/{}", myth.lesson)}>{ text.get("lesson.name") }</a></p>
        </details>
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
