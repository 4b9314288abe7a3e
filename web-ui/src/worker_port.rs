//! The two ends of a worker of this same module: messages are JSON text, with a file or bytes beside it where there are any.

use gloo::events::EventListener;
use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent, Worker};

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker of this same module that does what its name says; the session's has another.
    #[wasm_bindgen(js_namespace = layerlab, js_name = reader)]
    pub(crate) fn spawn_worker(name: &str) -> Worker;
}

/// The window's end: messages wait until the worker takes them, and the worker ends with its holder.
#[derive(Debug)]
pub(crate) struct WorkerPort {
    worker: Worker,
    /// Messages that the worker does not take yet; `None` once it does.
    waiting: Option<Vec<JsValue>>,
    _listeners: [EventListener; 2],
}

impl Drop for WorkerPort {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl WorkerPort {
    /// Listens to a worker: `on_message` gets each message and what was posted beside it, `on_death` the error that
    /// ended the worker.
    pub(crate) fn open<M: DeserializeOwned>(
        worker: Worker,
        on_message: impl Fn(M, JsValue) + 'static,
        on_death: impl Fn(String) + 'static,
    ) -> Self {
        let listeners = [
            EventListener::new(&worker, "message", move |event| {
                if let Some((message, beside)) = read(&event.unchecked_ref::<MessageEvent>().data()) {
                    on_message(message, beside);
                }
            }),
            EventListener::new(&worker, "error", move |event| {
                on_death(event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default());
            }),
        ];
        Self { worker, waiting: Some(Vec::new()), _listeners: listeners }
    }

    /// Sends a message, as soon as the worker takes it.
    pub(crate) fn send(&mut self, message: &impl Serialize, beside: Option<&JsValue>) {
        let Some(message) = write(message, beside) else { return };
        match &mut self.waiting {
            Some(waiting) => waiting.push(message),
            None => self.post(&message),
        }
    }

    /// Sends what waits: the worker takes messages from now on.
    pub(crate) fn ready(&mut self) {
        for message in self.waiting.take().into_iter().flatten() {
            self.post(&message);
        }
    }

    /// Whether the worker takes messages.
    pub(crate) fn is_ready(&self) -> bool {
        self.waiting.is_none()
    }

    fn post(&self, message: &JsValue) {
        // Strings, files and bytes can always be cloned across.
        let _ = self.worker.post_message(message);
    }
}

/// The worker's end: hands each message, and what was posted beside it, to `on_message`.
///
/// Messages of another form are boot.js's or those of an extension, and are left to them.
pub(crate) fn serve<M: DeserializeOwned + 'static>(
    scope: &DedicatedWorkerGlobalScope,
    mut on_message: impl FnMut(M, JsValue) + 'static,
) {
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some((message, beside)) = read(&event.data()) {
            on_message(message, beside);
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

/// Posts a message from the worker to the window.
pub(crate) fn post(scope: &DedicatedWorkerGlobalScope, message: &impl Serialize, beside: Option<&JsValue>) {
    if let Some(message) = write(message, beside) {
        // Posting fails only when the window is gone, and then nobody waits.
        let _ = scope.post_message(&message);
    }
}

/// Posts what `panicked` makes of a panic's text, if the worker panics.
pub(crate) fn report_panics<M: Serialize>(
    scope: &DedicatedWorkerGlobalScope,
    panicked: impl Fn(String) -> M + Send + Sync + 'static,
) {
    let scope = scope.clone();
    std::panic::set_hook(Box::new(move |panic| post(&scope, &panicked(panic.to_string()), None)));
}

/// The text alone, or an array of the text and what is beside it.
fn write(message: &impl Serialize, beside: Option<&JsValue>) -> Option<JsValue> {
    // Plain data with string keys is always JSON.
    let text = JsValue::from_str(&serde_json::to_string(message).ok()?);
    Some(match beside {
        Some(beside) => Array::of2(&text, beside).into(),
        None => text,
    })
}

fn read<M: DeserializeOwned>(data: &JsValue) -> Option<(M, JsValue)> {
    let (text, beside) = match data.dyn_ref::<Array>() {
        Some(parts) => (parts.get(0).as_string(), parts.get(1)),
        None => (data.as_string(), JsValue::UNDEFINED),
    };
    Some((serde_json::from_slice(text?.as_bytes()).ok()?, beside))
}
