//! The reader's worker as the window holds it: messages wait until it takes them, and it ends with its holder.

use gloo::events::EventListener;
use js_sys::Array;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use super::message::FromReader;

#[wasm_bindgen]
extern "C" {
    /// boot.js: a worker of this same module that reads images.
    #[wasm_bindgen(js_namespace = layerlab, js_name = reader)]
    fn hire() -> Worker;
}

/// A reader's worker.
pub(super) struct Port {
    worker: Worker,
    /// Messages that it does not take yet; none once it does.
    waiting: Option<Vec<Array>>,
    _listeners: [EventListener; 2],
}

impl Drop for Port {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Port {
    /// Starts a worker: what it says, with what stands beside it, goes to the one, and how it died to the other.
    pub(super) fn open(
        heard: impl Fn(FromReader, JsValue) + 'static,
        died: impl Fn(String) + 'static,
    ) -> Self {
        let worker = hire();
        let listeners = [
            EventListener::new(&worker, "message", move |event| {
                let data = event.unchecked_ref::<MessageEvent>().data();
                // Bytes stand behind their message.
                let parts = data.dyn_ref::<Array>().map(|parts| (parts.get(0), parts.get(1)));
                let (text, beside) = parts.unwrap_or((data, JsValue::UNDEFINED));
                if let Some(Ok(message)) = text.as_string().map(|text| serde_json::from_str(&text)) {
                    heard(message, beside);
                }
            }),
            EventListener::new(&worker, "error", move |event| {
                died(event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default());
            }),
        ];
        Self { worker, waiting: Some(Vec::new()), _listeners: listeners }
    }

    /// Posts a message, as soon as it is taken.
    pub(super) fn send(&mut self, parts: Array) {
        match &mut self.waiting {
            Some(waiting) => waiting.push(parts),
            None => self.post(&parts),
        }
    }

    /// The worker takes messages from now on.
    pub(super) fn ready(&mut self) {
        for parts in self.waiting.take().into_iter().flatten() {
            self.post(&parts);
        }
    }

    fn post(&self, parts: &Array) {
        // Strings and files can always be cloned across.
        let _ = self.worker.post_message(parts);
    }
}
