//! A line on standard error that says how far reading is.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cli::text;

/// The line, if standard error is a terminal.
pub(super) struct Progress {
    total: u64,
    done: AtomicU64,
    shown: bool,
}

impl Progress {
    pub(super) fn new(total: u64) -> Self {
        Self { total, done: AtomicU64::new(0), shown: text::shows_progress() && total > 0 }
    }

    pub(super) fn add(&self, bytes: u64) {
        let before = self.done.fetch_add(bytes, Ordering::Relaxed);
        let percent = |done: u64| done * 100 / self.total.max(1);
        if self.shown && percent(before) != percent(before + bytes) {
            let _ = write!(io::stderr(), "\rreading {:3} %", percent(before + bytes).min(100));
        }
    }

    pub(super) fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
