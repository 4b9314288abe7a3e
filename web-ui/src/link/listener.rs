//! Who hears what a question to the session is answered with.

use std::fmt;
use std::rc::Rc;

use layerlab_core::session::Event;

/// Who hears what a question is answered with.
#[derive(Clone)]
pub(super) struct Listener(Rc<dyn Fn(Event)>);

impl Listener {
    /// Who hears it so.
    pub(super) fn new(hear: impl Fn(Event) + 'static) -> Self {
        Self(Rc::new(hear))
    }

    /// Tells an event.
    pub(super) fn hear(&self, event: Event) {
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
