//! Lessons proven, and records of lessons computed, in a worker of their own: the learner's session stays free, and what takes
//! too long can be stopped.

use std::collections::BTreeMap;

use gloo::events::EventListener;
use layerlab_core::lesson::{
    Lesson, LessonLab, Record, RestorableLab, Tested, inspect, judge, language, parse, prove, recompute,
};
use layerlab_core::session::{Event, Journal, Reply, Request, Session, SimBackend, programs};
use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker};

/// The worker's name.
pub(crate) const NAME: &str = "prover";

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker of this same module.
    #[wasm_bindgen(js_namespace = layerlab, js_name = reader)]
    fn hire(name: &str) -> Worker;
}

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Job {
    /// What is wrong with this page.
    Check {
        /// The page.
        page: String,
    },
    /// How far these journals come.
    Judge {
        /// Who hands them in.
        name: String,
        /// A page and a journal each.
        done: Vec<(String, Journal)>,
    },
    /// Whether a record is as it says.
    Verify {
        /// The record.
        record: Record,
        /// The pages of its lessons, by id.
        pages: BTreeMap<String, String>,
    },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// What is wrong, by line.
    Checked(Vec<Said>),
    /// The record.
    Judged(Record),
    /// Of each entry what is not as it says: one sentence each.
    Verified(Vec<Vec<String>>),
    /// One sentence: it could not be done.
    Failed(String),
}

/// Something wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The line that it is about, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: String,
    /// What can be done.
    pub(crate) help: String,
}

/// A worker that is asked one thing. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Prover(Worker);

impl Drop for Prover {
    fn drop(&mut self) {
        self.0.terminate();
    }
}

impl Prover {
    /// Hires a worker.
    pub(crate) fn new() -> Self {
        Self(hire(NAME))
    }

    /// Stops what it does: it never answers then.
    pub(crate) fn stop(&self) {
        self.0.terminate();
    }

    /// Asks it.
    pub(crate) async fn ask(&self, job: &Job) -> Answer {
        let text = match serde_json::to_string(job) {
            Ok(text) => text,
            Err(error) => return Answer::Failed(error.to_string()),
        };
        let mut listeners = Vec::new();
        let promise = js_sys::Promise::new(&mut |done, _| {
            let (worker, text, died) = (self.0.clone(), text.clone(), done.clone());
            listeners.push(EventListener::new(&self.0, "message", move |event| {
                match event.unchecked_ref::<MessageEvent>().data().as_string() {
                    // It takes its job now. Strings can always be cloned across.
                    Some(said) if said.is_empty() => {
                        let _ = worker.post_message(&JsValue::from_str(&text));
                    }
                    Some(said) => drop(done.call1(&JsValue::NULL, &JsValue::from_str(&said))),
                    None => {}
                }
            }));
            listeners.push(EventListener::new(&self.0, "error", move |_| {
                let _ = died.call1(&JsValue::NULL, &JsValue::NULL);
            }));
        });
        let said = JsFuture::from(promise).await.ok().and_then(|said| said.as_string());
        drop(listeners);
        said.and_then(|said| serde_json::from_slice(said.as_bytes()).ok())
            .unwrap_or_else(|| Answer::Failed("the worker that proves lessons was lost".to_owned()))
    }
}

/// The worker's part: it says that it is there, with an empty message, and answers.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    let reporter = scope.clone();
    std::panic::set_hook(Box::new(move |panic| tell(&reporter, &Answer::Failed(panic.to_string()))));
    let own = scope.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let text = message.data().as_string().unwrap_or_default();
        // Anything else is boot.js's.
        if let Ok(job) = serde_json::from_slice::<Job>(text.as_bytes()) {
            tell(&own, &answer(job).unwrap_or_else(Answer::Failed));
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let _ = scope.post_message(&JsValue::from_str(""));
}

fn tell(scope: &DedicatedWorkerGlobalScope, answer: &Answer) {
    if let Ok(text) = serde_json::to_string(answer) {
        // Posting fails only when the window is gone, and then nobody waits.
        let _ = scope.post_message(&JsValue::from_str(&text));
    }
}

fn answer(job: Job) -> Result<Answer, String> {
    match job {
        Job::Check { page } => check(&page).map(Answer::Checked),
        Job::Judge { name, done } => {
            let mut record = Record::new(name);
            for (page, journal) in done {
                let lesson = lesson(&page)?;
                let done = judge(&lesson, journal, &mut Room::new()?);
                record.lessons.push(done.map_err(|why| format!("{}: {why}", lesson.id))?);
            }
            Ok(Answer::Judged(record))
        }
        Job::Verify { record, pages } => {
            if record.version != Record::VERSION {
                let (found, read) = (record.version, Record::VERSION);
                return Err(format!("the record has version {found}, this Layerlab reads version {read}"));
            }
            let entries = record.lessons.iter().map(|done| {
                let Some(page) = pages.get(&done.lesson) else {
                    return vec![format!("there is no lesson named {}", done.lesson)];
                };
                let again = lesson(page).and_then(|lesson| recompute(done, &lesson, &mut Room::new()?));
                again.unwrap_or_else(|why| vec![format!("{}: {why}", done.lesson)])
            });
            Ok(Answer::Verified(entries.collect()))
        }
    }
}

fn lesson(page: &str) -> Result<Lesson, String> {
    parse(page).map_err(|error| error.to_string())
}

/// What `layerlab lesson check` would say of a page that stands alone.
fn check(page: &str) -> Result<Vec<Said>, String> {
    let lesson = match parse(page) {
        Ok(lesson) => lesson,
        Err(error) => {
            let help = "docs/design/lessons.md shows the form of a page".to_owned();
            return Ok(vec![Said { line: error.line, what: error.what.to_owned(), help }]);
        }
    };
    let mut problems = inspect(&lesson, language(&lesson));
    match prove(&lesson, &mut Room::new()?) {
        Ok(found) => problems.extend(found),
        Err(what) => {
            let help = "a line of `start:` failed, or the lab ended".to_owned();
            return Ok(vec![Said { line: 1, what, help }]);
        }
    }
    problems.sort_by_key(|problem| problem.line);
    let said = problems.iter().map(|problem| Said {
        line: problem.line,
        what: problem.fault.to_string(),
        help: problem.fault.help().to_owned(),
    });
    Ok(said.collect())
}

/// A lab that lessons are run in.
struct Room(Session);

impl Room {
    fn new() -> Result<Self, String> {
        Session::new(Box::new(SimBackend::default()), programs()).map(Self)
    }

    fn ask(&mut self, request: Request, told: &mut dyn FnMut(Event)) -> Result<Reply, String> {
        let mut last = Err("the lab gave no answer".to_owned());
        self.0.handle(request, &mut |event| match event {
            Event::Done { reply } => last = Ok(reply),
            Event::Failed { message } => last = Err(message),
            event => told(event),
        });
        last
    }
}

impl LessonLab for Room {
    fn fresh(&mut self, start: &[String]) -> Result<(), String> {
        let start = start.iter().map(|line| line.as_str().into()).collect();
        self.restore(&Journal::of_lines(start, Vec::new(), 0))
    }

    fn run(&mut self, line: &str) -> Result<String, String> {
        let mut shown = Vec::new();
        self.ask(Request::line(line), &mut |event| {
            if let Event::Output { data, .. } = event {
                shown.extend_from_slice(&data);
            }
        })?;
        Ok(String::from_utf8_lossy(&shown).into_owned())
    }

    fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String> {
        let tested = lines.iter().map(|line| {
            let (status, output) = self.0.test(line.as_bytes());
            Tested { status, output: output.to_text() }
        });
        Ok(tested.collect())
    }
}

impl RestorableLab for Room {
    fn restore(&mut self, journal: &Journal) -> Result<(), String> {
        self.ask(Request::Restore { journal: journal.clone() }, &mut |_| {}).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use layerlab_core::lesson::template;

    use super::*;

    #[test]
    fn a_page_is_checked_as_the_command_line_checks_it() {
        assert_eq!(check(&template("en", "mine")), Ok(Vec::new()));
        let wrong = template("en", "mine").replace("task: reproduce", "task: nothing");
        let said = check(&wrong).expect("it can be checked");
        assert_eq!((said.len(), said[0].line), (1, 1), "{said:?}");
        assert!(said[0].what.contains("of no known kind: nothing") && !said[0].help.is_empty(), "{said:?}");
        let said = check("no front matter").expect("it can be checked");
        assert!(said[0].what.contains("front matter"), "{said:?}");
    }

    #[test]
    fn a_record_is_made_and_computed_again() {
        let page = template("en", "mine");
        let lesson = parse(&page).expect("it is a lesson");
        let start = lesson.start.iter().map(|line| line.as_str().into()).collect();
        let lines = [
            "docker exec c1 sh -c 'echo hello > /root/note'".into(),
            "docker exec c1 touch /root/other".into(),
        ];
        let journal = Journal::of_lines(start, lines.to_vec(), 2);
        let job = Job::Judge { name: "Lin".into(), done: vec![(page.clone(), journal)] };
        let Ok(Answer::Judged(mut record)) = answer(job) else { panic!("no record") };
        assert!(record.lessons[0].solved && record.lessons[0].open.is_empty(), "{record:?}");
        let pages = BTreeMap::from([("mine".to_owned(), page)]);
        let verify =
            |record: &Record| match answer(Job::Verify { record: record.clone(), pages: pages.clone() }) {
                Ok(Answer::Verified(said)) => said,
                other => panic!("{other:?}"),
            };
        assert_eq!(verify(&record), [Vec::<String>::new()]);
        record.lessons[0].journal.pop();
        assert!(!verify(&record)[0].is_empty());
    }
}
