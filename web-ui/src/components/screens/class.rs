//! The lessons that a teacher chose, in order, and the record of what is done: anybody can compute it again from its journals.

use std::rc::Rc;

use layerlab_core::lesson::{Lesson, Record};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::check::CheckRecord;
use super::choose::Choose;
use crate::class::Class;
use crate::late::save;
use crate::lesson::{load_all, source};
use crate::progress::{self, Progress};
use crate::prover::{Answer, Job, Prover};
use crate::text::{Language, Text, use_text};
use crate::{local, store, visible};

/// Where the browser keeps by what name records are handed in.
const NAME: &str = "layerlab.name";

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ChosenProps {
    /// What stands behind the question mark.
    pub(super) asked: String,
}

/// The chosen lessons; where there are none, a choice of them.
#[component]
pub(super) fn Chosen(props: &ChosenProps) -> Html {
    let text = use_text();
    let class = Class::parse(&props.asked);
    html! {
        <main class="lessons class" id="terminal" tabindex="-1">
            if class.lessons.is_empty() { <Choose /> } else { <Open {class} /> }
            <CheckRecord />
            <p><a class="btn" href="#/lessons">{ text.get("lesson.all") }</a></p>
        </main>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct OpenProps {
    class: Class,
}

#[component]
fn Open(props: &OpenProps) -> Html {
    let text = use_text();
    let lessons = use_state(|| None::<Vec<Lesson>>);
    {
        let lessons = lessons.setter();
        use_effect_with(text.language, move |language| {
            let language = *language;
            spawn_local(async move { lessons.set(Some(load_all(language).await)) });
        });
    }
    use_effect_with(props.class.clone(), Class::open);
    let class = &props.class;
    let title =
        if class.title.is_empty() { text.get("class.name") } else { visible::line(class.title.as_bytes()) };
    let done = |id: &str| progress::load(id).is_some_and(|progress| progress.is_finished());
    let first = class.lessons.iter().find(|id| !done(id));
    let count = class.lessons.iter().filter(|id| done(id)).count();
    html! {
        <>
            <h2>{ title }</h2>
            <p>{ text.with("class.done", &[("done", &count), ("total", &class.lessons.len())]) }</p>
            <ol>{ for class.lessons.iter().map(|id| {
                entry(id, lessons.as_ref(), first == Some(id), &text)
            }) }</ol>
            if let Some(first) = first {
                <p class="next"><a class="btn main" href={format!("#/lesson/{first}")}>
                    { text.get(if count == 0 { "class.begin" } else { "class.go-on" }) }</a></p>
            }
            <HandIn class={class.clone()} />
        </>
    }
}

fn entry(id: &str, lessons: Option<&Vec<Lesson>>, is_next: bool, text: &Text) -> Html {
    let lesson = lessons.map(|lessons| lessons.iter().find(|lesson| lesson.id == id));
    let far = progress::load(id).map(|progress| how_far(&progress, text));
    html! {
        <li key={id.to_owned()} aria-current={is_next.then_some("step")}>
            { match lesson {
                Some(None) => html! { <p class="bad">{ text.with("class.no-lesson", &[("id", &visible::line(id.as_bytes()))]) }</p> },
                Some(Some(lesson)) => html! {
                    <><a href={format!("#/lesson/{id}")}>{ &lesson.title }</a>
                        <span class="minutes">{ " " }{ text.with("lesson.minutes", &[("minutes", &lesson.minutes)]) }</span>
                        <p>{ &lesson.summary }</p></>
                },
                None => html! { <a href={format!("#/lesson/{id}")}>{ id.to_owned() }</a> },
            } }
            { far }
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

/// How far the record is.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Nothing,
    Working,
    Made(Rc<Record>, usize),
    Failed(String),
}

/// The record: who hands it in, and the button that makes it.
#[component]
fn HandIn(props: &OpenProps) -> Html {
    let text = use_text();
    let name = use_state(|| local::kept(NAME).unwrap_or_default());
    let stage = use_state_eq(|| Stage::Nothing);
    let named = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                local::keep(NAME, &input.value());
                name.set(input.value());
            }
        })
    };
    let make = {
        let (stage, name, class) = (stage.setter(), (*name).clone(), props.class.clone());
        let language = text.language;
        Callback::from(move |_: MouseEvent| {
            stage.set(Stage::Working);
            let (stage, name, class) = (stage.clone(), name.clone(), class.clone());
            spawn_local(async move {
                stage.set(match record(&class, name, language).await {
                    Ok(record) => {
                        let json = serde_json::to_string_pretty(&record).unwrap_or_default();
                        save("layerlab-record.json", json.as_bytes(), "application/json").await;
                        Stage::Made(Rc::new(record), class.lessons.len())
                    }
                    Err(why) => Stage::Failed(why),
                });
            });
        })
    };
    html! {
        <section class="hand-in" aria-label={text.get("class.record")}>
            <h3>{ text.get("class.record") }</h3>
            <p>{ text.get("class.record-what") }</p>
            <label class="field"><span>{ text.get("class.who") }</span>
                <input value={(*name).clone()} maxlength="120" autocomplete="name" oninput={named} /></label>
            <button type="button" class="btn" disabled={*stage == Stage::Working} onclick={make}>{ text.get("class.make") }</button>
            <div role="status">
            { match &*stage {
                Stage::Nothing => Html::default(),
                Stage::Working => html! { <p>{ text.get("class.working") }</p> },
                Stage::Failed(why) => html! { <p class="bad">{ why }</p> },
                Stage::Made(record, all) => made(record, *all, &text),
            } }
            </div>
        </section>
    }
}

fn made(record: &Record, all: usize, text: &Text) -> Html {
    let solved = record.lessons.iter().filter(|done| done.solved).count();
    html! {
        <>
            <p>{ text.with("class.made", &[("solved", &solved), ("total", &all)]) }</p>
            <ul class="entries">{ for record.lessons.iter().map(|done| html! {
                <li key={done.lesson.clone()}>
                    if done.solved {
                        <span class="good">{ "✓ " }{ &done.lesson }{ " · " }{ text.count("session.lines", done.lines as u64) }</span>
                    } else {
                        <span class="bad">{ "○ " }{ &done.lesson }{ " · " }{ text.with("class.open", &[("names", &done.open.join(", "))]) }</span>
                    }
                </li>
            }) }</ul>
            <p class="muted">{ text.get("class.verify") }{ " " }<code>{ "layerlab lesson record --verify layerlab-record.json" }</code></p>
        </>
    }
}

/// The record of the lessons that were begun, from their journals.
async fn record(class: &Class, name: String, language: Language) -> Result<Record, String> {
    let mut done = Vec::new();
    for id in &class.lessons {
        if let Some(journal) = store::load(&format!("lesson/{id}")).await? {
            // What was undone is not part of it.
            done.push((source(language, id).await?, journal.shared()));
        }
    }
    match Prover::default().ask(&Job::Judge { name, done }).await {
        Answer::Judged(record) => Ok(record),
        Answer::Failed(why) => Err(why),
        _ => Err(String::new()),
    }
}
