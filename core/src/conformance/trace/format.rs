//! `overlay-trace/1`, `/2` and `/3`: JSON lines, a header, a step a line, the final state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::TreeEntry;
use super::op::Op;
use crate::kernel::{Caps, Fd, Kernel, Task};

/// The form of the recorded traces.
pub(super) const FORM: &str = "overlay-trace/1";
/// The same with operations on descriptors.
pub(super) const FORM_WITH_DESCRIPTORS: &str = "overlay-trace/2";
/// The same with callers that have some capabilities, and that stand in a directory.
pub(super) const FORM_WITH_CALLERS: &str = "overlay-trace/3";

/// A whole trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The layers and the mount.
    pub header: Header,
    /// What was done, and what it answered.
    pub steps: Vec<TraceStep>,
    /// How it ended; a trace of many small cases has none.
    pub last: Option<Final>,
}

/// Why a text is no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// A line is no JSON, or not of the form that stands in its place.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no header.
    #[error("not a trace: the first line holds no header")]
    NoHeader,
    /// The form has another name.
    #[error("the form of this trace is not known: {0}")]
    Form(String),
}

/// The start: layers, and how they are mounted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// `overlay-trace/1`; `/2` with operations on descriptors; `/3` with capabilities and working directories.
    pub format: String,
    /// What the trace is called.
    #[serde(default)]
    pub name: String,
    /// Mount options after the directories, comma-separated.
    #[serde(default)]
    pub options: String,
    /// Octal.
    #[serde(default = "usual_umask")]
    pub umask: String,
    /// How many lower layers there are.
    pub lower_layers: usize,
    /// What the lower layers hold; `TreeEntry::layer` 0 is the topmost.
    pub lower: Vec<TreeEntry>,
    /// What the upper directory holds; `None` mounts without one.
    pub upper: Option<Vec<TreeEntry>>,
}

fn usual_umask() -> String {
    "0022".to_owned()
}

/// Effective ids, without capabilities when the user is not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creds {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Further groups.
    #[serde(default)]
    pub groups: Vec<u32>,
    /// The names of the capabilities that user 0 has; all where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caps: Option<Vec<String>>,
    /// The trace's number of the descriptor of the directory in which the caller stands; else it is at the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<u32>,
}

impl Creds {
    /// A task like this one, with these ids and powers, standing there. Nobody stands in what is no directory.
    pub(super) fn act(&self, kernel: &mut dyn Kernel, task: Task, open: &BTreeMap<u32, Fd>) -> Task {
        let caps =
            self.caps.as_ref().map(|names| names.iter().filter_map(|name| Caps::named(name)).collect());
        let dir = self.dir.and_then(|slot| open.get(&slot).copied());
        let dir = dir.filter(|fd| kernel.fstat(*fd).is_ok_and(|stat| stat.is_dir()));
        let caps = caps.unwrap_or(task.caps);
        Task { uid: self.uid, gid: self.gid, groups: self.groups.clone(), caps, dir, ..task }
    }
}

/// An operation with what it answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceStep {
    /// What was done.
    #[serde(flatten)]
    pub op: Op,
    /// By whom; root where nothing is said.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub caller: Option<Creds>,
    /// `{"ok": {…}}` or `{"err": "ENOENT"}`.
    #[serde(default)]
    pub result: Value,
    /// What it changed in the upper directory: `{"added", "changed", "removed"}`, or null.
    #[serde(default)]
    pub upper_delta: Value,
    /// Of what stood in the upper directory before and after: the paths whose change time and whose modification time
    /// is another than before, `{"ctime": […], "mtime": […]}`. Null where it was not recorded: `/1` has none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub times: Value,
}

/// The end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Final {
    /// All that the mount shows.
    pub merged: Vec<Value>,
    /// All that the upper directory holds.
    #[serde(default)]
    pub upper: Option<Vec<Value>>,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`TraceError`], naming the line.
    pub fn parse(text: &[u8]) -> Result<Self, TraceError> {
        #[derive(Deserialize)]
        struct First {
            header: Header,
        }
        #[derive(Deserialize)]
        struct Last {
            r#final: Final,
        }
        let mut lines =
            text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
        let bad = |at: usize| {
            move |error: serde_json::Error| TraceError::Line { line: at + 1, problem: error.to_string() }
        };
        let (at, first) = lines.next().ok_or(TraceError::NoHeader)?;
        if !first.trim_ascii_start().starts_with(b"{\"header\"") {
            return Err(TraceError::NoHeader);
        }
        let header = serde_json::from_slice::<First>(first).map_err(bad(at))?.header;
        if ![FORM, FORM_WITH_DESCRIPTORS, FORM_WITH_CALLERS].contains(&&*header.format) {
            return Err(TraceError::Form(header.format));
        }
        let (mut steps, mut last) = (Vec::new(), None);
        for (at, line) in lines {
            if line.trim_ascii_start().starts_with(b"{\"final\"") {
                last = Some(serde_json::from_slice::<Last>(line).map_err(bad(at))?.r#final);
            } else {
                steps.push(serde_json::from_slice(line).map_err(bad(at))?);
            }
        }
        Ok(Self { header, steps, last })
    }

    /// Writes it.
    pub fn to_text(&self) -> String {
        let mut lines = vec![serde_json::json!({ "header": self.header })];
        lines.extend(self.steps.iter().map(|step| serde_json::to_value(step).unwrap_or_default()));
        lines.extend(self.last.iter().map(|last| serde_json::json!({ "final": last })));
        lines.iter().map(|line| line.to_string() + "\n").collect()
    }
}
