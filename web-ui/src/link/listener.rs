//! What is called with the events that answer a question to the session.

use std::fmt;
use std::rc::Rc;

use layerlab_core::session::Event;

/// A callback for the events that answer a question.
#[derive(Clone)]
pub(super) struct Listener(Rc<dyn Fn(Event)>);

impl Listener {
    /// Wraps a callback.
    pub(super) fn new(on_event: impl Fn(Event) + 'static) -> Self {
        Self(Rc::new(on_event))
    }

    /// Calls it with an event.
    pub(super) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl PartialEq for Listener {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Listener {}
