//! What differs from run to run, made comparable: inode numbers become labels, and times that nobody set become null.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::entry::TreeEntry;
use super::format::Trace;
use super::op::{Op, TimeArg};
use crate::kernel::Timespec;

/// Inode labels by first appearance, and the times that were set.
#[derive(Debug)]
pub(super) struct Labels {
    inode_of: BTreeMap<u64, u64>,
    label_of: BTreeMap<u64, u64>,
    set: BTreeSet<i64>,
    started: i64,
    /// Labels are handed out, not compared.
    recording: bool,
}

impl Labels {
    /// For a replay of `trace` that starts at `now`.
    pub(super) fn new(trace: &Trace, now: Timespec) -> Self {
        let start = trace.header.lower.iter().chain(trace.header.upper.iter().flatten());
        let mut set: BTreeSet<i64> = start.filter_map(|entry| entry.mtime).collect();
        for step in &trace.steps {
            match &step.op {
                Op::Utimens { mtime: TimeArg::At(sec), .. } => drop(set.insert(*sec)),
                Op::Remount { new_upper: Some(entries), .. } => {
                    set.extend(entries.iter().filter_map(|e: &TreeEntry| e.mtime));
                }
                _ => {}
            }
        }
        // The time stamps of files come from a clock that lags behind by a tick.
        Self {
            inode_of: BTreeMap::new(),
            label_of: BTreeMap::new(),
            set,
            started: now.sec - 1,
            recording: false,
        }
    }

    /// The same, for a recording: labels are numbered by first appearance.
    pub(super) fn for_recording(trace: &Trace, now: Timespec) -> Self {
        Self { recording: true, ..Self::new(trace, now) }
    }

    /// The time, where somebody set it; null for "when it happened".
    pub(super) fn mtime(&self, time: Timespec) -> Value {
        let was_set = time.nsec == 0 && self.set.contains(&time.sec);
        if !was_set && time.sec >= self.started { Value::Null } else { time.sec.into() }
    }

    /// The label of an inode where `expected` is the recorded one: the same, if it can be.
    pub(super) fn inode(&mut self, ino: u64, expected: &Value) -> Value {
        if let Some(label) = self.label_of.get(&ino) {
            return (*label).into();
        }
        if self.recording {
            let label = self.label_of.len() as u64 + 1;
            self.label_of.insert(ino, label);
            return label.into();
        }
        match expected.as_u64() {
            Some(label) if !self.inode_of.contains_key(&label) => {
                self.inode_of.insert(label, ino);
                self.label_of.insert(ino, label);
                label.into()
            }
            _ => "an inode not seen before".into(),
        }
    }

    /// Forgets the inodes: another file system.
    pub(super) fn forget_inodes(&mut self) {
        self.inode_of.clear();
        self.label_of.clear();
    }
}

/// Texts as the recorder writes them: ASCII as it is, anything else as `{"b64": …}`.
pub(super) fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => serde_json::json!({ "b64": crate::kernel::base64_encode(bytes) }),
    }
}

/// A recorded value with its texts in that form. The depth is bounded by the JSON reader's.
pub(super) fn canonical(value: &Value) -> Value {
    match value {
        Value::String(string) => text(string.as_bytes()),
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), canonical(value))).collect(),
        other => other.clone(),
    }
}
