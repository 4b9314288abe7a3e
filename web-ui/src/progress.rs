//! How far the learner is in each lesson, in the browser's local storage. It is a convenience: where storage is blocked, or
//! holds what this code cannot read, the lesson begins anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::local;
use crate::state::StepState;

/// What is kept of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Steps that are done.
    pub(crate) done: usize,
    /// Steps that there are.
    pub(crate) total: usize,
    /// Answers, hints and results, by step.
    pub(crate) steps: BTreeMap<usize, StepState>,
}

impl Progress {
    /// Whether the lesson is finished.
    pub(crate) fn is_finished(&self) -> bool {
        self.total > 0 && self.done == self.total
    }
}

/// What is kept of the lesson of that id.
pub(crate) fn load(lesson: &str) -> Option<Progress> {
    let text = local::kept(&key(lesson))?;
    serde_json::from_slice(text.as_bytes()).ok()
}

/// Keeps it.
pub(crate) fn save(lesson: &str, progress: &Progress) {
    if let Ok(text) = serde_json::to_string(progress) {
        local::keep(&key(lesson), &text);
    }
}

/// Forgets it.
pub(crate) fn forget(lesson: &str) {
    local::forget(&key(lesson));
}

/// What is kept of every lesson, by its id.
pub(crate) fn all() -> BTreeMap<String, Progress> {
    let ids = local::names(KEY).into_iter().filter_map(|name| name.strip_prefix(KEY).map(str::to_owned));
    ids.filter_map(|id| Some((id.clone(), load(&id)?))).collect()
}

const KEY: &str = "layerlab.lesson.";

fn key(lesson: &str) -> String {
    format!("{KEY}{lesson}")
}
