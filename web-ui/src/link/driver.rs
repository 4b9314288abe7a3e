//! The driver: posts requests to the worker, turns its events into actions, and replaces a worker that has died.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use layerlab_core::explore::desk;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Journal, Request};
use layerlab_core::view::Query;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use super::job::Job;
use super::{FromWorker, ToWorker};
use crate::state::{Action, Loss};

/// How long a worker may take to hear Ctrl-C, in milliseconds.
const PATIENCE_WITH_A_STEP: u32 = 2_000;
/// How often in a row a worker may die while it restores a session before the last line is given up.
const PATIENCE: u32 = 2;

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker that runs this same module.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn spawn() -> Worker;
}

/// A step on the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// One back.
    Undo,
    /// One forth.
    Redo,
    /// To this tick.
    Jump(usize),
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
    /// What the session was told: what a new worker starts from.
    journal: Rc<Journal>,
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
            journal: Rc::default(),
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
        let is_running = {
            let mut inner = self.0.borrow_mut();
            let is_running = inner.jobs.values().any(|job| *job == Job::Run);
            // What the session before still says is nothing of this one.
            inner.jobs.clear();
            (inner.looking, inner.stale) = (false, false);
            inner.journal = Rc::new(journal.clone());
            is_running
        };
        self.dispatch(Action::Opened { start: journal.start.clone() });
        if is_running {
            // The worker takes the next session when this one's line has ended.
            self.interrupt_for(Job::Left);
        }
        self.ask(Job::Started, Request::Restore { journal: journal.clone() });
    }

    /// Runs a line as typed.
    pub(crate) fn run(&self, line: ByteString) {
        self.dispatch(Action::Typed { line: line.clone() });
        self.ask(Job::Run, Request::line(line));
    }

    /// Goes along the timeline.
    pub(crate) fn go(&self, step: Move) {
        let step = match step {
            Move::Undo => Request::Undo,
            Move::Redo => Request::Redo,
            Move::Jump(tick) => Request::Jump { tick },
        };
        self.dispatch(Action::Going);
        self.ask(Job::Moved, step);
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
            let follow = match &query {
                Query::Screen { follow, .. } => follow.clone(),
                _ => None,
            };
            self.ask(Job::Screen { follow }, Request::View { query });
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

    /// Gives up what runs, or the beginning of an incomplete line. The worker hears it between two steps of the line; one whose
    /// step overruns is replaced.
    pub(crate) fn interrupt(&self) {
        let running = self.0.borrow().jobs.values().any(|job| *job == Job::Run);
        if running {
            self.dispatch(Action::Interrupted);
        }
        self.interrupt_for(Job::Interrupted);
    }

    fn interrupt_for(&self, job: Job) {
        self.ask(job.clone(), Request::Interrupt);
        let driver = self.clone();
        Timeout::new(PATIENCE_WITH_A_STEP, move || {
            let is_stuck = driver.0.borrow().jobs.values().any(|other| *other == job);
            if is_stuck {
                driver.replace(Loss::Interrupted);
            }
        })
        .forget();
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
        let (journal, was_starting) = {
            let mut inner = self.0.borrow_mut();
            if !inner.ready && matches!(loss, Loss::Died(_)) && inner.deaths > 6 {
                drop(inner);
                return self.dispatch(Action::Broken);
            }
            let was_starting = inner.jobs.values().any(|job| *job == Job::Started);
            let restoring = was_starting || inner.jobs.values().any(|job| *job == Job::Restored);
            inner.deaths = if restoring { inner.deaths + 1 } else { 0 };
            if inner.deaths >= PATIENCE {
                // The journal itself kills its worker: its last line goes, and no more than that at a time.
                Rc::make_mut(&mut inner.journal).pop();
            }
            inner.jobs.clear();
            inner.waiting.clear();
            (inner.looking, inner.stale) = (false, false);
            inner.worker = None;
            inner.ready = false;
            (Rc::clone(&inner.journal), was_starting)
        };
        self.hire();
        self.dispatch(Action::Lost(loss));
        if was_starting {
            // What it printed so far goes with it.
            self.start(&journal);
        } else {
            self.ask(Job::Restored, Request::Restore { journal: (*journal).clone() });
        }
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
        if last && matches!(job, Job::Screen { .. }) {
            self.looked();
        }
        let is_running = self.0.borrow().jobs.values().any(|job| *job == Job::Run);
        if last && job == Job::Interrupted && is_running {
            // The line that was given up tells its own end.
            return;
        }
        let event = match event {
            Event::Recorded { number, entry } => {
                Rc::make_mut(&mut self.0.borrow_mut().journal).record(number, entry);
                return;
            }
            Event::Journal { journal } => {
                self.0.borrow_mut().journal = Rc::new(journal);
                return self.tell_journal();
            }
            other => other,
        };
        if let Event::Done { reply } = &event
            && job.moves()
        {
            self.stands(reply.node, job == Job::Restored);
        }
        let journal = Rc::clone(&self.0.borrow().journal);
        if let Some(action) = job.action(event, |reply| journal.path_to(reply.node)) {
            self.dispatch(action);
        }
    }

    /// The session stands at this entry: its journal is told before that, so that nothing is said to be saved that is not.
    fn stands(&self, node: usize, restored: bool) {
        let needs_names = {
            let mut inner = self.0.borrow_mut();
            if restored {
                inner.deaths = 0;
            }
            if inner.journal.at != node {
                Rc::make_mut(&mut inner.journal).stand_at(node);
            }
            // Which images the lines need is known once one has run.
            inner.journal.hub.is_empty() && !inner.journal.entries.is_empty()
        };
        self.tell_journal();
        if needs_names {
            self.ask(Job::Journal, Request::Save);
        }
    }

    fn tell_journal(&self) {
        let journal = Rc::clone(&self.0.borrow().journal);
        self.dispatch(Action::Journal(journal));
    }
}
