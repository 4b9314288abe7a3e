//! Terminals among the open file descriptions.
//!
//! The session's own terminal is [`Desc::KEYBOARD`]. A process that a docker client is attached to with `-t` has a terminal
//! of its own, as a pty would be: the client takes each key as it comes and types it there.

use super::files::{Desc, Files};
use super::typed::Typed;
use crate::kernel::ByteString;

impl Files {
    /// A terminal of its own, at which [`Files::type_at`] types.
    pub fn tty(&mut self) -> Desc {
        let desc = self.add_tty();
        self.typed.insert(desc.0, Typed::default());
        desc
    }

    /// Types at a terminal.
    pub fn type_at(&mut self, desc: Desc, bytes: &[u8]) {
        if desc == Desc::KEYBOARD {
            self.typed.get_or_default(desc.0).push(bytes);
        } else if let Some(typed) = self.typed.get_mut(&desc.0) {
            typed.push(bytes);
        }
    }

    /// Whether this is a terminal that can be read from.
    pub fn is_terminal(&self, desc: Desc) -> bool {
        desc == Desc::KEYBOARD || self.typed.contains_key(&desc.0)
    }

    /// Whether keys wait at the session's terminal, or nobody is there to type any.
    pub fn has_keys(&self) -> bool {
        self.typed.get(&Desc::KEYBOARD.0).is_some_and(|typed| typed.closed || !typed.data.is_empty())
    }

    /// Takes the keys typed at the session's terminal, line or not, and whether nobody is there to type any.
    pub fn take_keys(&mut self) -> (ByteString, bool) {
        let typed = self.typed.get_or_default(Desc::KEYBOARD.0);
        (std::mem::take(&mut typed.data), std::mem::take(&mut typed.closed))
    }

    /// Nobody is at the session's terminal: who reads there meets the end, once.
    pub fn hang_up(&mut self) {
        self.typed.get_or_default(Desc::KEYBOARD.0).closed = true;
    }

    /// A line begins: what was typed before it and read by nobody is gone.
    pub fn clear_keys(&mut self) {
        self.typed.remove(&Desc::KEYBOARD.0);
    }
}
