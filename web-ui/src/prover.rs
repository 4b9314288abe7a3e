//! Lessons proven, and records of lessons computed, in a worker of their own: the learner's session stays free, and what takes
//! too long can be stopped.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::lesson::{
    Lesson, LessonLab, Record, RestorableLab, Tested, inspect, judge, language, parse, prove, recompute,
};
use layerlab_core::session::{Event, Journal, Reply, Request, Session, SimBackend, programs};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

use crate::worker_port::{WorkerPort, post, report_panics, serve, spawn_worker};

/// The worker's name.
pub(crate) const NAME: &str = "prover";

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

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
enum FromProver {
    /// It takes a job.
    Ready,
    /// The job is done.
    Answered(Answer),
}

/// A worker that does one job. It ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Prover(Rc<RefCell<Option<WorkerPort>>>);

impl Prover {
    /// Stops what it does: it never answers then.
    pub(crate) fn stop(&self) {
        self.0.take();
    }

    /// Starts the worker, and gives it this job.
    pub(crate) async fn ask(&self, job: &Job) -> Answer {
        let answered = Rc::new(RefCell::new(None));
        let done = js_sys::Promise::new(&mut |done, _| {
            let (ready, answered, died) = (Rc::downgrade(&self.0), Rc::clone(&answered), done.clone());
            let mut port = WorkerPort::open(
                spawn_worker(NAME),
                move |message, _| match message {
                    FromProver::Ready => {
                        if let Some(port) = ready.upgrade() {
                            port.borrow_mut().iter_mut().for_each(WorkerPort::ready);
                        }
                    }
                    FromProver::Answered(answer) => {
                        answered.replace(Some(answer));
                        let _ = done.call0(&JsValue::NULL);
                    }
                },
                move |_| drop(died.call0(&JsValue::NULL)),
            );
            port.send(job, None);
            self.0.replace(Some(port));
        });
        let _ = JsFuture::from(done).await;
        let answer = answered.take();
        answer.unwrap_or_else(|| Answer::Failed("the worker that proves lessons was lost".to_owned()))
    }
}

/// The worker's part: it says that it is ready, and answers.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    report_panics(scope, |message| FromProver::Answered(Answer::Failed(message)));
    let own = scope.clone();
    serve(scope, move |job, _| {
        let answer = answer(job).unwrap_or_else(Answer::Failed);
        post(&own, &FromProver::Answered(answer), None);
    });
    post(scope, &FromProver::Ready, None);
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
