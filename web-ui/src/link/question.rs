//! Questions to the session whose answers go to whoever asked, and not into the page's state.

use std::cell::RefCell;
use std::rc::Rc;

use layerlab_core::session::{Event, Request};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::driver::Driver;
use super::job::Job;
use super::listener::Listener;

impl Driver {
    /// What the session answers. Where the session is left before it does, nothing ever comes.
    ///
    /// # Errors
    /// The session's own sentence.
    pub(crate) async fn question(&self, request: Request) -> Result<Vec<Event>, String> {
        let told = Rc::new(RefCell::new(Vec::new()));
        let promise = js_sys::Promise::new(&mut |done, _| {
            let told = Rc::clone(&told);
            let listener = Listener::new(move |event| {
                let is_last = matches!(event, Event::Done { .. } | Event::Failed { .. });
                told.borrow_mut().push(event);
                if is_last {
                    let _ = done.call0(&JsValue::NULL);
                }
            });
            self.ask(Job::Question(listener), request.clone());
        });
        // It is never refused.
        let _ = JsFuture::from(promise).await;
        let events = told.take();
        match events.last() {
            Some(Event::Failed { message }) => Err(message.clone()),
            _ => Ok(events),
        }
    }
}
