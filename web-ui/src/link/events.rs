//! What the worker says: its events become actions, and a replay that needs a file gets it.

use std::rc::Rc;

use layerlab_core::session::{Content, Event, Reply, Request};
use wasm_bindgen_futures::spawn_local;

use super::driver::Driver;
use super::job::Job;
use super::message::{FromWorker, Move};
use crate::archives;
use crate::state::{Action, Loss};

/// Bytes of a file that go to the worker at once.
const PIECE: usize = 1 << 20;

impl Driver {
    pub(super) fn on_message(&self, message: FromWorker) {
        match message {
            FromWorker::Ready => {
                if let Some(port) = &mut self.0.borrow_mut().port {
                    port.ready();
                }
            }
            FromWorker::Waits(waiting) => self.dispatch(Action::Waits(waiting)),
            FromWorker::Panicked { message } => self.replace(Loss::Died(message)),
            FromWorker::Events(events) => events.into_iter().for_each(|(id, event)| self.on_event(id, event)),
        }
    }

    fn on_event(&self, id: u32, event: Event) {
        let last = matches!(event, Event::Done { .. } | Event::Failed { .. });
        let job = {
            let mut inner = self.0.borrow_mut();
            // A line that was given to the program that runs is none of its own.
            let last = last || matches!((&event, inner.jobs.get(&id)), (Event::Heard { .. }, Some(Job::Run)));
            if last { inner.jobs.remove(&id) } else { inner.jobs.get(&id).cloned() }
        };
        let Some(job) = job else { return };
        if let Job::Question(listener) = &job {
            return listener.tell(event);
        }
        if last && matches!(job, Job::Screen { .. }) {
            self.looked();
        }
        let is_running = self.0.borrow().jobs.values().any(|job| *job == Job::Run);
        if last && matches!(job, Job::Interrupted | Job::Detached) && is_running {
            // The line that was given up, or left to itself, tells its own end.
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
        if let Event::Wanted { content, .. } = event {
            self.0.borrow_mut().wanted = Some(content);
            return;
        }
        if let Event::Done { reply } = &event
            && job.moves()
        {
            if let Some(content) = self.0.borrow_mut().wanted.take() {
                spawn_local(self.clone().want(content, job, reply.clone()));
                return;
            }
            self.stands(reply.node, job == Job::Restored);
            if job == Job::Begun {
                self.begun();
            }
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

    /// A replay stands before a file: it goes on with what is kept in the browser, or asks for it.
    async fn want(self, content: Content, job: Job, reply: Reply) {
        let turn = self.0.borrow().turn;
        let kept = archives::load(&content.digest).await;
        if self.0.borrow().turn != turn {
            return;
        }
        let journal = Rc::clone(&self.0.borrow().journal);
        if let Some(bytes) = kept {
            self.supply(&bytes);
            let again = if let Job::Moved(step) = job { step } else { Move::Visit(journal.at) };
            return self.ask(job, again.request());
        }
        // The journal stands where it stood: what comes behind the file is not given up.
        self.dispatch(Action::Journal(Rc::clone(&journal)));
        self.dispatch(Action::Missing(content));
        if let Some(action) = job.action(Event::Done { reply }, |reply| journal.path_to(reply.node)) {
            self.dispatch(action);
        }
    }

    /// Gives the worker a file that a replay needs.
    pub(crate) fn supply(&self, bytes: &[u8]) {
        let pieces = bytes.chunks(PIECE).count().max(1);
        for number in 0..pieces {
            let data = bytes.chunks(PIECE).nth(number).unwrap_or_default().to_vec().into();
            self.ask(Job::Supplied, Request::Supply { data, more: number + 1 < pieces });
        }
    }

    /// Goes to where the journal says that the session stands.
    pub(crate) fn go_on(&self) {
        let at = self.0.borrow().journal.at;
        self.go(Move::Visit(at));
    }
}
