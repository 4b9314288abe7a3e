//! The driver: posts requests to the worker, turns its events into actions, and replaces a worker that has died.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use layerlab_core::explore::screen;
use layerlab_core::kernel::ByteString;
use layerlab_core::opening::Opening;
use layerlab_core::session::{Content, DETACH, Journal, Request, What};
use layerlab_core::view::Query;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Worker;

use super::job::Job;
use super::message::{Move, ToWorker};
use crate::state::{Action, Loss};
use crate::worker_port::WorkerPort;

/// How long a worker may take to hear Ctrl-C, in milliseconds.
const PATIENCE_WITH_A_STEP: u32 = 2_000;
/// How often in a row a worker may die while it restores a session before the last line is given up.
const PATIENCE: u32 = 2;

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker that runs this same module.
    #[wasm_bindgen(js_namespace = layerlab, js_name = spawn)]
    fn spawn_worker() -> Worker;

    /// boot.js: fetches the module's second part, without which no worker starts, if that is not under way.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn hurry();
}

/// The window's end of the worker. Clones are handles of one driver.
#[derive(Clone)]
pub(crate) struct Driver(pub(super) Rc<RefCell<Inner>>);

/// What the driver knows.
pub(super) struct Inner {
    pub(super) dispatch: Rc<dyn Fn(Action)>,
    pub(super) port: Option<WorkerPort>,
    pub(super) next: u32,
    pub(super) jobs: BTreeMap<u32, Job>,
    /// What the session was told: what a new worker starts from.
    pub(super) journal: Rc<Journal>,
    /// The screen that is wanted, and whether an answer is on its way: there is never more than one.
    pub(super) view: Option<Query>,
    pub(super) looking: bool,
    pub(super) stale: bool,
    pub(super) deaths: u32,
    /// Counts the sessions: what was fetched for one is nothing of the next.
    pub(super) turn: u32,
    /// The file that the replay under way stands before.
    pub(super) wanted: Option<Content>,
    /// What is known of the session before the worker has begun it.
    pub(super) opening: Option<Opening>,
}

impl Inner {
    /// Whether the worker takes messages.
    fn is_ready(&self) -> bool {
        self.port.as_ref().is_some_and(WorkerPort::is_ready)
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
            port: None,
            next: 1,
            jobs: BTreeMap::new(),
            journal: Rc::default(),
            view: None,
            looking: false,
            stale: false,
            deaths: 0,
            turn: 0,
            wanted: None,
            opening: None,
        })));
        driver.spawn_worker();
        driver
    }

    /// Starts a session: its start lines run first, then the saved lines, each with its output, as they were typed. One whose
    /// first screen is known takes input at once; what is asked of it waits until the worker has begun it.
    pub(crate) fn start(&self, journal: &Journal, opening: Option<Opening>) {
        self.leave();
        self.0.borrow_mut().journal = Rc::new(journal.clone());
        self.dispatch(Action::Opened { start: journal.start.clone() });
        let known = opening.and_then(|opening| Some((opening.reply()?, opening)));
        let job = if known.is_some() { Job::Begun } else { Job::Started };
        self.ask(job, Request::Restore { journal: journal.clone() });
        let Some((reply, opening)) = known else { return hurry() };
        self.0.borrow_mut().opening = Some(opening);
        self.dispatch(Action::Journal(Rc::new(journal.clone())));
        self.dispatch(Action::Started { path: journal.path_to(reply.node), reply });
    }

    /// Runs a line as typed.
    pub(crate) fn run(&self, line: ByteString) {
        self.dispatch(Action::Typed { line: line.clone() });
        self.ask(Job::Run, Request::line(line));
    }

    /// Opens a file in the editor, as this line asks.
    pub(crate) fn open(&self, line: &str, path: &str) {
        self.ask(Job::Open { line: line.into() }, Request::Open { path: path.into() });
    }

    /// Writes a file that was edited; the line that opened it stands for that in the terminal.
    pub(crate) fn edit(&self, line: &str, path: ByteString, content: ByteString) {
        self.dispatch(Action::Typed { line: line.into() });
        self.ask(Job::Run, Request::Edit { path, content, after: 0 });
    }

    /// Goes along the timeline.
    pub(crate) fn go(&self, step: Move) {
        self.dispatch(Action::Going);
        self.ask(Job::Moved(step), step.request());
    }

    /// The session is left: what it still says is nothing of the next one.
    pub(crate) fn leave(&self) {
        let is_running = {
            let mut inner = self.0.borrow_mut();
            let is_running = inner.jobs.values().any(|job| *job == Job::Run);
            inner.jobs.clear();
            inner.turn += 1;
            (inner.looking, inner.stale, inner.wanted, inner.view) = (false, false, None, None);
            inner.opening = None;
            is_running
        };
        if is_running {
            // The worker takes the next session when this one's line has ended.
            self.interrupt_for(Job::Left);
        }
    }

    /// Asks what could stand at the cursor.
    pub(crate) fn complete(&self, line: &str, cursor: usize) {
        self.ask(Job::Complete { line: line.into() }, Request::Complete { line: line.into(), cursor });
    }

    /// Asks for a screen. While one is on its way, only the newest wish is asked for next. One that is known before the
    /// worker has begun the session is drawn at once.
    pub(crate) fn look(&self, query: Query) {
        let known = self.0.borrow().opening.as_ref().and_then(|opening| opening.screen(&query));
        let mut inner = self.0.borrow_mut();
        if let Some(screen) = known
            && !inner.looking
        {
            inner.view = Some(query);
            drop(inner);
            return self.dispatch(Action::Drawn { screen: Box::new(screen), followed: None });
        }
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
    pub(crate) fn branch(&self, subject: Option<String>, epoch: u32, ask: screen::Query) {
        self.ask(Job::Branch, Request::View { query: Query::Tree { subject, epoch, ask } });
    }

    /// The worker has begun the session: what was drawn before is what it says, or gives way to that.
    pub(super) fn begun(&self) {
        let next = {
            let mut inner = self.0.borrow_mut();
            inner.opening = None;
            if inner.looking { None } else { inner.view.clone() }
        };
        if let Some(query) = next {
            self.look(query);
        }
    }

    /// A screen came, or will not: asks for the next one, if another is wanted by now.
    pub(super) fn looked(&self) {
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

    /// Leaves the container that is in front to itself (Ctrl-P Ctrl-Q). At its prompt that is a line of its own.
    pub(crate) fn detach(&self) {
        if self.0.borrow().jobs.values().any(|job| *job == Job::Run) {
            return self.ask(Job::Detached, Request::Detach);
        }
        self.dispatch(Action::Typed { line: DETACH.into() });
        self.ask(Job::Run, Request::Detach);
    }

    /// Types to the program that runs.
    pub(crate) fn type_keys(&self, data: ByteString) {
        self.dispatch(Action::Heard(What::Input(data.clone(), 0)));
        self.ask(Job::Typed, Request::Input { data });
    }

    fn interrupt_for(&self, job: Job) {
        self.ask(job.clone(), Request::Interrupt);
        let driver = self.clone();
        Timeout::new(PATIENCE_WITH_A_STEP, move || {
            let inner = driver.0.borrow();
            // One that waits for the module's second part is not stuck.
            let is_stuck = inner.is_ready() && inner.jobs.values().any(|other| *other == job);
            drop(inner);
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

    pub(super) fn dispatch(&self, action: Action) {
        // The handler may call back into the driver, so nothing may be borrowed while it runs.
        let dispatch = Rc::clone(&self.0.borrow().dispatch);
        dispatch(action);
    }

    pub(super) fn ask(&self, job: Job, request: Request) {
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
        if let Some(port) = &mut self.0.borrow_mut().port {
            port.send(message, None);
        }
    }

    fn spawn_worker(&self) {
        let (driver, dying) = (self.clone(), self.clone());
        let port = WorkerPort::open(
            spawn_worker(),
            move |message, _| driver.on_message(message),
            move |message| dying.replace(Loss::Died(message)),
        );
        self.0.borrow_mut().port = Some(port);
    }

    /// Replaces the worker and puts the session together again from the journal.
    pub(super) fn replace(&self, loss: Loss) {
        let (journal, was_starting) = {
            let mut inner = self.0.borrow_mut();
            if !inner.is_ready() && matches!(loss, Loss::Died(_)) && inner.deaths > 6 {
                drop(inner);
                return self.dispatch(Action::Broken);
            }
            let was_starting = inner.jobs.values().any(|job| *job == Job::Started);
            let restoring =
                was_starting || inner.jobs.values().any(|job| matches!(job, Job::Restored | Job::Begun));
            inner.deaths = if restoring { inner.deaths + 1 } else { 0 };
            if inner.deaths >= PATIENCE {
                // The journal itself kills its worker: its last line goes, and no more than that at a time.
                Rc::make_mut(&mut inner.journal).pop();
            }
            inner.jobs.clear();
            (inner.looking, inner.stale, inner.wanted) = (false, false, None);
            (inner.port, inner.opening) = (None, None);
            (Rc::clone(&inner.journal), was_starting)
        };
        self.spawn_worker();
        self.dispatch(Action::Lost(loss));
        if was_starting {
            // What it printed so far goes with it.
            self.start(&journal, None);
        } else {
            self.ask(Job::Restored, Request::Restore { journal: (*journal).clone() });
        }
        let view = self.0.borrow().view.clone();
        if let Some(query) = view {
            self.look(query);
        }
    }
}
