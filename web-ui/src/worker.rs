//! The worker's part: it holds the session, takes requests one after another and answers each with events. A line is done in
//! short steps, so that Ctrl-C, input and questions about the screen are heard while it runs.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Request, Session, SimBackend, Standing, What, programs};
use web_sys::DedicatedWorkerGlobalScope;

use crate::link::{FromWorker, ToWorker};
use crate::state::Waiting;
use crate::worker_port::{post, report_panics, serve};

/// How long the line that runs goes on before messages are looked at, in milliseconds.
const STEP: f64 = 10.0;
/// How long a line that follows something waits for the lab's time to go on, in milliseconds: a tenth of a second.
const TENTH: u32 = 100;

/// Starts the session and tells the window that it is ready.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    report_panics(scope, |message| FromWorker::Panicked { message });
    let session = match Session::new(Box::new(SimBackend::default()), programs()) {
        Ok(session) => session,
        Err(message) => return post(scope, &FromWorker::Panicked { message }, None),
    };
    let lab = Lab {
        session,
        scope: scope.clone(),
        queue: VecDeque::new(),
        running: None,
        standing: Standing::Answered,
        is_timed: false,
        waiting: Waiting::Nothing,
    };
    let lab = Rc::new(RefCell::new(lab));
    serve(scope, move |message, _| match message {
        ToWorker::Ask(asked) => {
            lab.borrow_mut().take(asked);
            go_on(&lab);
        }
        #[expect(clippy::panic, reason = "it was asked for")]
        ToWorker::Panic => panic!("a panic that was asked for"),
    });
    post(scope, &FromWorker::Ready, None);
}

/// Comes back to a line that runs, after the messages that have come meanwhile.
fn go_on(lab: &Rc<RefCell<Lab>>) {
    let Some(wait) = lab.borrow_mut().due() else { return };
    let next = Rc::clone(lab);
    Timeout::new(wait, move || {
        next.borrow_mut().work();
        go_on(&next);
    })
    .forget();
}

/// The session, and what it has to do.
struct Lab {
    session: Session,
    scope: DedicatedWorkerGlobalScope,
    queue: VecDeque<(u32, Request)>,
    /// The request whose line runs.
    running: Option<u32>,
    /// How far it was when it was last left.
    standing: Standing,
    /// Whether somebody will come back to it.
    is_timed: bool,
    /// What the window was told of it.
    waiting: Waiting,
}

impl Lab {
    /// When to come back to the line that runs, in milliseconds; never, where nothing is left or somebody will already.
    fn due(&mut self) -> Option<u32> {
        let wait = match self.standing {
            Standing::Answered => return None,
            Standing::Busy => 0,
            Standing::Follows => TENTH,
        };
        (!std::mem::replace(&mut self.is_timed, true)).then_some(wait)
    }

    /// Takes new requests. What can be answered while a line runs is; all else waits for its turn.
    fn take(&mut self, asked: Vec<(u32, Request)>) {
        let mut outbox = Outbox::new(&self.scope);
        let is_running = self.running.is_some();
        for (id, request) in asked {
            let is_question = !matches!(request, Request::Save) && Session::answers_meanwhile(&request);
            // Keys come behind the lines that were typed before them.
            let is_late = matches!(request, Request::Input { .. }) && self.typed().is_some();
            if is_running && is_question && !is_late {
                self.session.begin(request, &mut |event| outbox.post(id, event));
            } else {
                self.queue.push_back((id, request));
            }
        }
        // A line that works is gone on with soon; one that waits may have got what it waits for.
        if self.standing != Standing::Busy {
            self.next(&mut outbox);
        }
        outbox.send();
        self.tell_waiting();
    }

    /// Goes on with the line that runs.
    fn work(&mut self) {
        self.is_timed = false;
        if self.standing == Standing::Follows {
            self.session.begin(Request::Pass { tenths: 1 }, &mut |_| {});
        }
        let mut outbox = Outbox::new(&self.scope);
        self.next(&mut outbox);
        outbox.send();
        self.tell_waiting();
    }

    /// Works for as long as a step takes: at the line that runs, and at what waits.
    fn next(&mut self, outbox: &mut Outbox) {
        let since = js_sys::Date::now();
        self.standing = loop {
            let standing = if let Some(id) = self.running {
                self.session.step(1, &mut |event| outbox.post(id, event))
            } else {
                let Some((id, request)) = self.queue.pop_front() else { break Standing::Answered };
                self.running = Some(id);
                self.session.begin(request, &mut |event| outbox.post(id, event))
            };
            match standing {
                Standing::Answered => self.running = None,
                Standing::Follows if !self.feed(outbox) => break standing,
                Standing::Follows | Standing::Busy => {}
            }
            let is_over = js_sys::Date::now() - since > STEP;
            if is_over && (self.running.is_some() || !self.queue.is_empty()) {
                break Standing::Busy;
            }
        };
    }

    /// Gives the line that runs what was typed ahead, where it waits for that.
    fn feed(&mut self, outbox: &mut Outbox) -> bool {
        let Some((id, request)) =
            self.typed().filter(|_| self.session.awaits_typing()).and_then(|at| self.queue.remove(at))
        else {
            return false;
        };
        match request {
            Request::Run { line, .. } => {
                let data = ByteString::from([&line[..], b"\n"].concat());
                outbox.post(id, Event::Heard { what: What::Input(data.clone(), 0) });
                self.session.begin(Request::Input { data }, &mut |_| {});
            }
            keys => {
                self.session.begin(keys, &mut |event| outbox.post(id, event));
            }
        }
        true
    }

    /// Where in the queue stands what was typed first; what only looks is passed over.
    fn typed(&self) -> Option<usize> {
        let at = self
            .queue
            .iter()
            .position(|(_, request)| !matches!(request, Request::Test { .. } | Request::Save))?;
        matches!(self.queue[at].1, Request::Run { .. } | Request::Input { .. }).then_some(at)
    }

    /// Tells the window what the line waits for, where that is something else than before.
    fn tell_waiting(&mut self) {
        let waiting = match self.standing {
            Standing::Follows if self.session.awaits_typing() => Waiting::Typing,
            Standing::Follows => Waiting::Time,
            Standing::Answered | Standing::Busy => Waiting::Nothing,
        };
        if std::mem::replace(&mut self.waiting, waiting) != waiting {
            post(&self.scope, &FromWorker::Waits(waiting), None);
        }
    }
}

/// How long events wait for each other, in milliseconds: two frames.
const TOGETHER: f64 = 32.0;

/// Events on their way to the window.
struct Outbox {
    scope: DedicatedWorkerGlobalScope,
    events: Vec<(u32, Event)>,
    since: f64,
}

impl Outbox {
    fn new(scope: &DedicatedWorkerGlobalScope) -> Self {
        Self { scope: scope.clone(), events: Vec::new(), since: js_sys::Date::now() }
    }

    fn post(&mut self, id: u32, event: Event) {
        self.events.push((id, event));
        if js_sys::Date::now() - self.since > TOGETHER {
            self.send();
        }
    }

    fn send(&mut self) {
        if !self.events.is_empty() {
            post(&self.scope, &FromWorker::Events(std::mem::take(&mut self.events)), None);
        }
        self.since = js_sys::Date::now();
    }
}
