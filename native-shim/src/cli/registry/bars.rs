//! A progress bar a blob, on standard error, if that is a terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use layerlab_core::oci::Digest;

use crate::registry::{How, Watch};

/// The bars of one pull or push.
#[derive(Debug)]
pub(crate) struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<Digest, ProgressBar>>,
}

impl Bars {
    pub(crate) fn new() -> Self {
        let target = if crate::cli::text::shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { all: MultiProgress::with_draw_target(target), bars: Mutex::new(BTreeMap::new()) }
    }

    fn with(&self, blob: &Digest, act: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).get(blob) {
            act(bar);
        }
    }
}

impl Watch for Bars {
    fn start(&self, blob: &Digest, size: u64, done: u64) {
        if self.bars.lock().unwrap_or_else(PoisonError::into_inner).contains_key(blob) {
            return self.with(blob, |bar| bar.set_position(done));
        }
        let bar = self.all.add(ProgressBar::new(size));
        let form = "{prefix} {bar:24} {decimal_bytes:>9}/{decimal_total_bytes:<9} {wide_msg}";
        bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(blob.short());
        bar.set_position(done);
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert(*blob, bar);
    }

    fn more(&self, blob: &Digest, bytes: u64) {
        self.with(blob, |bar| bar.inc(bytes));
    }

    fn end(&self, blob: &Digest, how: How) {
        self.with(blob, |bar| bar.finish_with_message(how.word()));
    }
}
