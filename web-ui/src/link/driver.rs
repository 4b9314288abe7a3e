//! The driver: posts requests to the worker, turns its events into actions, and replaces a worker that has died.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use gloo::events::EventListener;
use layerlab_core::explore::desk;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Journal, Request};
use layerlab_core::view::{Answer, Query};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use super::{FromWorker, Move, ToWorker};
use crate::state::{Action, Loss};

/// How often in a row a worker may die while it restores a session before the last line is given up.
const PATIENCE: u32 = 2;

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker that runs this same module.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn spawn() -> Worker;
}

/// What a request was for.
#[derive(Debug, Clone)]
enum Job {
    Run,
    Moved,
    Interrupted,
    Journal,
    Screen,
    Host,
    Branch,
    Complete {
        line: String,
    },
    /// A session put together again after its worker died: what it prints was printed before.
    Restored,
    /// The first thing of a session: what it prints belongs to no line of the learner.
    Started,
    Put {
        done: u64,
        total: u64,
    },
    Test {
        step: usize,
    },
}

/// The window's end of the worker. Clones are handles of one driver.
#[derive(Clone)]
pub(crate) struct Driver(Rc<RefCell<Inner>>);

struct Inner {
    dispatch: Rc<dyn Fn(Action)>,
    worker: Option<Held>,
    ready: bool,
    next: u32,
    jobs: BTreeMap<u32, Job>,
    waiting: VecDeque<String>,
    /// The last journal that the worker told: what a new worker starts from.
    journal: Journal,
    /// The screen that is wanted, and whether an answer is on its way: there is never more than one.
    view: Option<Query>,
    looking: bool,
    stale: bool,
    deaths: u32,
}

/// A worker and the listeners that end with it.
struct Held {
    worker: Worker,
    _listeners: [EventListener; 2],
}

impl Drop for Held {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Driver {
    /// A driver whose worker starts at once; actions go to `dispatch`.
    pub(crate) fn new(dispatch: Rc<dyn Fn(Action)>) -> Self {
        let driver = Self(Rc::new(RefCell::new(Inner {
            dispatch,
            worker: None,
            ready: false,
            next: 1,
            jobs: BTreeMap::new(),
            waiting: VecDeque::new(),
            journal: Journal::default(),
            view: None,
            looking: false,
            stale: false,
            deaths: 0,
        })));
        driver.hire();
        driver
    }

    /// Starts a session: its start lines run first, then the saved lines, each with its output, as they were typed.
    pub(crate) fn start(&self, journal: &Journal) {
        let mut asks = vec![self.opened(journal)];
        for line in &journal.lines {
            self.dispatch(Action::Typed { line: line.clone() });
            asks.push((Job::Run, Request::Run { line: line.clone() }));
        }
        if journal.done < journal.lines.len() {
            asks.push((Job::Moved, Request::Jump { tick: journal.done }));
        }
        asks.push((Job::Journal, Request::Save));
        self.ask_all(asks);
    }

    /// Begins a session whose lines come one after another: [`Self::again`], then [`Self::end`].
    pub(crate) fn begin(&self, journal: &Journal) {
        self.ask_all([self.opened(journal)]);
    }

    fn opened(&self, journal: &Journal) -> (Job, Request) {
        {
            // What an earlier session still says is nothing of this one.
            let mut inner = self.0.borrow_mut();
            inner.jobs.clear();
            (inner.looking, inner.stale) = (false, false);
            inner.journal = journal.clone();
        }
        self.dispatch(Action::Opened { start: journal.start.clone() });
        let bare = Journal { version: Journal::VERSION, start: journal.start.clone(), ..Journal::default() };
        (Job::Started, Request::Restore { journal: bare })
    }

    /// Runs a line of a saved session.
    pub(crate) fn again(&self, line: ByteString) {
        self.dispatch(Action::Typed { line: line.clone() });
        self.ask(Job::Run, Request::Run { line });
    }

    /// The session's lines are all there: it goes to where it stood.
    pub(crate) fn end(&self, journal: &Journal) {
        if journal.done < journal.lines.len() {
            self.ask(Job::Moved, Request::Jump { tick: journal.done });
        }
        self.ask(Job::Journal, Request::Save);
    }

    /// Runs a line as typed.
    pub(crate) fn run(&self, line: ByteString) {
        self.dispatch(Action::Typed { line: line.clone() });
        self.ask_all([(Job::Run, Request::Run { line }), (Job::Journal, Request::Save)]);
    }

    /// Goes along the timeline.
    pub(crate) fn go(&self, step: Move) {
        let step = match step {
            Move::Undo => Request::Undo,
            Move::Redo => Request::Redo,
            Move::Jump(tick) => Request::Jump { tick },
        };
        self.ask_all([(Job::Moved, step), (Job::Journal, Request::Save)]);
    }

    /// Asks what could stand at the cursor.
    pub(crate) fn complete(&self, line: &str, cursor: usize) {
        self.ask(Job::Complete { line: line.into() }, Request::Complete { line: line.into(), cursor });
    }

    /// Asks for a screen. While one is on its way, only the newest wish is asked for next.
    pub(crate) fn look(&self, query: Query) {
        let mut inner = self.0.borrow_mut();
        inner.view = Some(query.clone());
        inner.stale = inner.looking;
        let wait = std::mem::replace(&mut inner.looking, true);
        drop(inner);
        if !wait {
            self.ask(Job::Screen, Request::View { query });
        }
    }

    /// Asks what lies on the disk.
    pub(crate) fn host(&self) {
        self.ask(Job::Host, Request::View { query: Query::Host });
    }

    /// Asks the matrix of a subject's layers something.
    pub(crate) fn branch(&self, subject: Option<String>, epoch: u32, ask: desk::Query) {
        self.ask(Job::Branch, Request::View { query: Query::Tree { subject, epoch, ask } });
    }

    /// A screen came, or will not: asks for the next one, if another is wanted by now.
    fn looked(&self) {
        let next = {
            let mut inner = self.0.borrow_mut();
            inner.looking = false;
            if std::mem::take(&mut inner.stale) { inner.view.clone() } else { None }
        };
        if let Some(query) = next {
            self.look(query);
        }
    }

    /// Tests predicates of a lesson's step.
    pub(crate) fn test(&self, step: usize, lines: Vec<ByteString>) {
        self.ask(Job::Test { step }, Request::Test { lines });
    }

    /// Puts a piece of a file into the lab.
    pub(crate) fn put(&self, path: ByteString, offset: u64, data: ByteString, total: u64) {
        let done = offset + data.len() as u64;
        self.ask(Job::Put { done, total }, Request::PutFile { path, offset, data });
    }

    /// Gives up what runs, or the beginning of an incomplete line. A line that runs can only be given up with its
    /// worker.
    pub(crate) fn interrupt(&self) {
        let running = self.0.borrow().jobs.values().any(|job| matches!(job, Job::Run));
        if running {
            self.replace(Loss::Interrupted);
        } else {
            self.ask(Job::Interrupted, Request::Interrupt);
        }
    }

    /// Makes the worker panic, for a test that nothing is lost by it.
    pub(crate) fn panic_worker(&self) {
        self.send(&ToWorker::Panic);
    }

    fn dispatch(&self, action: Action) {
        // The handler may call back into the driver, so nothing may be borrowed while it runs.
        let dispatch = Rc::clone(&self.0.borrow().dispatch);
        dispatch(action);
    }

    fn ask(&self, job: Job, request: Request) {
        self.ask_all([(job, request)]);
    }

    /// Asks for several things in a row: they are answered together, as far as they do not take long.
    fn ask_all(&self, asks: impl IntoIterator<Item = (Job, Request)>) {
        let mut inner = self.0.borrow_mut();
        let mut numbered = Vec::new();
        for (job, request) in asks {
            let id = inner.next;
            inner.next += 1;
            inner.jobs.insert(id, job);
            numbered.push((id, request));
        }
        drop(inner);
        self.send(&ToWorker::Ask(numbered));
    }

    fn send(&self, message: &ToWorker) {
        let Ok(text) = serde_json::to_string(message) else { return };
        let mut inner = self.0.borrow_mut();
        match &inner.worker {
            Some(held) if inner.ready => {
                // A string can always be cloned across.
                let _ = held.worker.post_message(&JsValue::from_str(&text));
            }
            _ => inner.waiting.push_back(text),
        }
    }

    fn hire(&self) {
        let worker = spawn();
        let (told, died) = (self.clone(), self.clone());
        let listeners = [
            EventListener::new(&worker, "message", move |event| {
                let data = event.unchecked_ref::<MessageEvent>().data();
                if let Some(Ok(message)) =
                    data.as_string().map(|text| serde_json::from_slice(text.as_bytes()))
                {
                    told.hear(message);
                }
            }),
            EventListener::new(&worker, "error", move |event| {
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                died.replace(Loss::Died(message));
            }),
        ];
        let mut inner = self.0.borrow_mut();
        inner.ready = false;
        inner.worker = Some(Held { worker, _listeners: listeners });
    }

    /// Replaces the worker and puts the session together again from the journal.
    fn replace(&self, loss: Loss) {
        let journal = {
            let mut inner = self.0.borrow_mut();
            if !inner.ready && matches!(loss, Loss::Died(_)) && inner.deaths > 6 {
                drop(inner);
                return self.dispatch(Action::Broken);
            }
            let restoring = inner.jobs.values().any(|job| matches!(job, Job::Restored | Job::Started));
            inner.deaths = if restoring { inner.deaths + 1 } else { 0 };
            if inner.deaths >= PATIENCE {
                // The journal itself kills its worker: its last line goes, and no more than that at a time.
                inner.journal.lines.pop();
                inner.journal.done = inner.journal.done.min(inner.journal.lines.len());
            }
            inner.jobs.clear();
            inner.waiting.clear();
            (inner.looking, inner.stale) = (false, false);
            inner.worker = None;
            inner.ready = false;
            inner.journal.clone()
        };
        self.hire();
        self.dispatch(Action::Lost(loss));
        self.ask_all([(Job::Restored, Request::Restore { journal }), (Job::Journal, Request::Save)]);
        let view = self.0.borrow().view.clone();
        if let Some(query) = view {
            self.look(query);
        }
    }

    fn hear(&self, message: FromWorker) {
        match message {
            FromWorker::Ready => {
                let mut inner = self.0.borrow_mut();
                inner.ready = true;
                let waiting = std::mem::take(&mut inner.waiting);
                if let Some(held) = &inner.worker {
                    for text in waiting {
                        let _ = held.worker.post_message(&JsValue::from_str(&text));
                    }
                }
            }
            FromWorker::Panicked { message } => self.replace(Loss::Died(message)),
            FromWorker::Told(events) => events.into_iter().for_each(|(id, event)| self.told(id, event)),
        }
    }

    fn told(&self, id: u32, event: Event) {
        let last = matches!(event, Event::Done { .. } | Event::Failed { .. });
        let job = {
            let mut inner = self.0.borrow_mut();
            if last { inner.jobs.remove(&id) } else { inner.jobs.get(&id).cloned() }
        };
        let Some(job) = job else { return };
        if last && matches!(job, Job::Screen) {
            self.looked();
        }
        let action = match (event, job) {
            (Event::Output { stream, data }, Job::Run) => Action::Printed { stream, data },
            (Event::Help { help }, Job::Run) => Action::Advised { help },
            (Event::Output { stream, data }, Job::Started) => Action::Greeted { stream, data },
            (Event::Progress { what, done, total }, _) => Action::Progressed { what, done, total },
            (Event::Completions { start, words }, Job::Complete { line }) => {
                Action::Completed { line, start, words }
            }
            (Event::Tested { statuses, outputs }, Job::Test { step }) => {
                let outputs = outputs.iter().map(ByteString::to_text).collect();
                Action::Tested { step, statuses, outputs }
            }
            (Event::Journal { journal }, _) => {
                self.0.borrow_mut().journal = journal.clone();
                Action::Journal(journal)
            }
            (Event::View { answer: Answer::Screen(screen) }, Job::Screen) => Action::Drawn(screen),
            (Event::View { answer: Answer::Host(host) }, Job::Host) => Action::Hosted(host),
            (Event::View { answer: Answer::Tree(branch) }, Job::Branch) => Action::Branched(branch),
            (Event::Done { reply }, Job::Run | Job::Interrupted) => Action::Ran(reply),
            (Event::Done { reply }, Job::Moved) => Action::Moved(reply),
            (Event::Done { reply }, Job::Started) => Action::Started(reply),
            (Event::Done { reply }, Job::Restored) => {
                self.0.borrow_mut().deaths = 0;
                Action::Restored(reply)
            }
            (Event::Done { .. }, Job::Put { done, total }) => Action::Put { done, total },
            (Event::Failed { message }, Job::Run) => Action::Refused { message },
            (Event::Failed { message }, _) => Action::Failed { message },
            _ => return,
        };
        self.dispatch(action);
    }
}
