//! The worker's part: it holds the session, takes requests one after another and answers each with events.

use std::cell::RefCell;
use std::rc::Rc;

use layerlab_core::session::{Event, Session, SimBackend, programs};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::link::{FromWorker, ToWorker};

/// Starts the session and tells the window that it is ready.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    let reporter = scope.clone();
    std::panic::set_hook(Box::new(move |panic| {
        post(&reporter, &FromWorker::Panicked { message: panic.to_string() });
    }));
    let session = match Session::new(Box::new(SimBackend::default()), programs()) {
        Ok(session) => Rc::new(RefCell::new(session)),
        Err(message) => return post(scope, &FromWorker::Panicked { message }),
    };
    let answerer = scope.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let text = message.data().as_string().unwrap_or_default();
        match serde_json::from_slice(text.as_bytes()) {
            Ok(ToWorker::Ask(asked)) => {
                let mut told = Told::new(&answerer);
                for (id, request) in asked {
                    session.borrow_mut().handle(request, &mut |event| told.tell(id, event));
                }
                told.send();
            }
            #[expect(clippy::panic, reason = "it was asked for")]
            Ok(ToWorker::Panic) => panic!("a panic that was asked for"),
            // The window and the worker are one bundle, so only a stray message of an extension comes here.
            Err(_) => {}
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    post(scope, &FromWorker::Ready);
}

/// How long events wait for each other, in milliseconds: two frames.
const TOGETHER: f64 = 32.0;

/// Events on their way to the window.
struct Told<'a> {
    scope: &'a DedicatedWorkerGlobalScope,
    events: Vec<(u32, Event)>,
    since: f64,
}

impl<'a> Told<'a> {
    fn new(scope: &'a DedicatedWorkerGlobalScope) -> Self {
        Self { scope, events: Vec::new(), since: js_sys::Date::now() }
    }

    fn tell(&mut self, id: u32, event: Event) {
        self.events.push((id, event));
        if js_sys::Date::now() - self.since > TOGETHER {
            self.send();
        }
    }

    fn send(&mut self) {
        if !self.events.is_empty() {
            post(self.scope, &FromWorker::Told(std::mem::take(&mut self.events)));
        }
        self.since = js_sys::Date::now();
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &FromWorker) {
    let text = serde_json::to_string(message).unwrap_or_else(|error| {
        let failed = FromWorker::Told(vec![(0, Event::Failed { message: error.to_string() })]);
        serde_json::to_string(&failed).unwrap_or_default()
    });
    // Posting a string can only fail when the window is gone, and then nobody waits.
    let _ = scope.post_message(&JsValue::from_str(&text));
}
