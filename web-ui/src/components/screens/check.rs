//! A record that somebody handed in: its journals are run again, and what is not as it says is told.

use std::rc::Rc;

use layerlab_core::lesson::Record;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::form::{pick, text_of};
use crate::lesson::source;
use crate::prover::{Answer, Job, Prover};
use crate::text::{Language, Text, use_text};
use crate::visible;

/// The longest record that is read, in bytes.
const RECORD_MAX: u64 = 64 << 20;

/// How far the check is.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Nothing,
    Working,
    Checked(Rc<Record>, Rc<Vec<Vec<String>>>),
    Failed(String),
}

/// The button that picks a record, and what is found.
#[component]
pub(super) fn CheckRecord() -> Html {
    let text = use_text();
    let stage = use_state_eq(|| Stage::Nothing);
    let take = {
        let (stage, language) = (stage.setter(), text.language);
        Callback::from(move |file: web_sys::File| {
            stage.set(Stage::Working);
            let stage = stage.clone();
            spawn_local(async move {
                stage.set(match check(&file, language).await {
                    Ok((record, said)) => Stage::Checked(Rc::new(record), Rc::new(said)),
                    Err(why) => Stage::Failed(why),
                });
            });
        })
    };
    html! {
        <section class="hand-in" aria-label={text.get("class.check")}>
            <h3>{ text.get("class.check") }</h3>
            <p>{ text.get("class.check-what") }</p>
            { pick("record-file", &text.get("class.pick"), take) }
            <div role="status">
            { match &*stage {
                Stage::Nothing => Html::default(),
                Stage::Working => html! { <p>{ text.get("class.working") }</p> },
                Stage::Failed(why) => html! { <p class="bad">{ visible::line(why.as_bytes()) }</p> },
                Stage::Checked(record, said) => checked(record, said, &text),
            } }
            </div>
        </section>
    }
}

fn checked(record: &Record, said: &[Vec<String>], text: &Text) -> Html {
    let is_right = said.iter().all(Vec::is_empty);
    let name = visible::line(record.name.as_bytes());
    html! {
        <>
            <p class={if is_right { "good" } else { "bad" }}><b>
                { text.with(if is_right { "class.right" } else { "class.wrong" }, &[("name", &name)]) }
            </b></p>
            <ul class="entries">{ for record.lessons.iter().zip(said).map(|(done, said)| {
                let id = visible::line(done.lesson.as_bytes());
                if !said.is_empty() {
                    let lines = said.iter().map(|why| html! { <p class="bad">{ "✗ " }{ visible::line(why.as_bytes()) }</p> });
                    html! { <li>{ for lines }</li> }
                } else if done.solved {
                    html! { <li class="good">{ "✓ " }{ id }{ " · " }{ text.count("session.lines", done.lines as u64) }</li> }
                } else {
                    html! { <li>{ "○ " }{ id }{ " · " }{ text.with("class.open", &[("names", &done.open.join(", "))]) }</li> }
                }
            }) }</ul>
        </>
    }
}

async fn check(file: &web_sys::File, language: Language) -> Result<(Record, Vec<Vec<String>>), String> {
    let json = text_of(file, RECORD_MAX).await?;
    let record: Record =
        serde_json::from_slice(json.as_bytes()).map_err(|error| format!("{}: {error}", file.name()))?;
    let mut pages = std::collections::BTreeMap::new();
    for done in &record.lessons {
        if let Ok(page) = source(language, &done.lesson).await {
            pages.insert(done.lesson.clone(), page);
        }
    }
    match Prover::default().ask(&Job::Verify { record: record.clone(), pages }).await {
        Answer::Verified(said) => Ok((record, said)),
        Answer::Failed(why) => Err(why),
        _ => Err(String::new()),
    }
}
