//! A trace, run on a kernel and held against what was recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entry::TreeEntry;
use super::format::{Trace, TraceStep};
use super::labels::{Labels, canonical};
use super::layers::Layers;
use super::listing::{self, Contents, Listing, Stored};
use super::op::{Op, octal};
use super::ops::{self, Slots};
use super::times;
use crate::kernel::{ByteString, Errno, Kernel, Task, Timespec, base64_encode};

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The trace's name.
    pub name: String,
    /// Operations made.
    pub calls: usize,
    /// What was not as recorded, in order.
    pub differences: Vec<Difference>,
}

/// One thing that was not as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which step, counted from 1; 0 is the set-up, and one after the last the final state.
    pub step: usize,
    /// The operation, or what was done, as JSON.
    pub op: Value,
    /// What differs: `set-up`, `result`, `upper directory`, `final merged view`, `final upper directory`.
    pub what: String,
    /// As recorded. Of the listings, what differs alone.
    pub recorded: Value,
    /// As found.
    pub found: Value,
}

/// Runs the trace below `base` (absolute, made if it is missing, removed at the end).
///
/// Which times an operation changed is compared where the kernel's clock goes on between operations.
pub fn replay(kernel: &mut dyn Kernel, base: &[u8], trace: &Trace) -> Report {
    let mut run = Run::new(kernel, base, trace);
    for (at, step) in trace.steps.iter().enumerate() {
        run.operation(kernel, at + 1, step);
    }
    run.end(kernel)
}

/// The same on a kernel whose clock goes on only when it is told to: `tick` is called before each operation.
pub fn replay_ticking<K: Kernel>(
    kernel: &mut K,
    base: &[u8],
    trace: &Trace,
    tick: impl Fn(&mut K),
) -> Report {
    let mut run = Run::new(kernel, base, trace);
    for (at, step) in trace.steps.iter().enumerate() {
        tick(kernel);
        run.operation(kernel, at + 1, step);
    }
    run.end(kernel)
}

struct Run<'a> {
    trace: &'a Trace,
    base: &'a [u8],
    labels: Labels,
    report: Report,
    layers: Option<Layers>,
    slots: Slots,
    /// The upper directory before the step.
    stored: Stored,
    /// The clock at the last step.
    clock: Timespec,
    /// Whether the layers could not be made, so that nothing more can be done.
    stuck: bool,
}

impl<'a> Run<'a> {
    fn new(kernel: &mut dyn Kernel, base: &'a [u8], trace: &'a Trace) -> Self {
        let clock = kernel.clock_gettime();
        let mut run = Self {
            trace,
            base,
            labels: Labels::new(trace, clock),
            report: Report { name: trace.header.name.clone(), ..Report::default() },
            layers: None,
            slots: Slots::new(),
            stored: Stored::default(),
            clock,
            stuck: false,
        };
        if let Err(errno) = run.start(kernel) {
            run.stuck = true;
            run.differ(0, Value::Null, "set-up", "done".into(), errno.name().into());
        }
        run
    }

    fn end(mut self, kernel: &mut dyn Kernel) -> Report {
        if let (Some(last), false) = (&self.trace.last, self.stuck) {
            self.finish(kernel, &last.merged, last.upper.as_deref());
        }
        self.stop(kernel);
        self.report
    }

    fn differ(&mut self, step: usize, op: Value, what: &str, recorded: Value, found: Value) {
        self.report.differences.push(Difference { step, op, what: what.to_owned(), recorded, found });
    }

    fn start(&mut self, kernel: &mut dyn Kernel) -> Result<(), Errno> {
        let header = &self.trace.header;
        // Kept at once, so that a start that fails is cleaned up as well.
        let layers = self.layers.insert(Layers::new(kernel, self.base, &header.options)?);
        layers.build(kernel, header)?;
        self.look(kernel)
    }

    fn stop(&mut self, kernel: &mut dyn Kernel) {
        ops::close_all(kernel, &mut self.slots);
        if let Some(layers) = self.layers.take() {
            // A mount that failed is not there to be taken away; what is left stays below the caller's base.
            let _ = layers.umount(kernel);
            let _ = layers.remove(kernel);
        }
    }

    /// Reads the upper directory.
    fn look(&mut self, kernel: &mut dyn Kernel) -> Result<(), Errno> {
        if let Some(upper) = self.layers.as_ref().and_then(Layers::upper) {
            self.stored = listing::stored(kernel, upper, &self.labels, Contents::Skip)?;
        }
        Ok(())
    }

    fn operation(&mut self, kernel: &mut dyn Kernel, number: usize, step: &TraceStep) {
        if self.stuck {
            return;
        }
        self.report.calls += 1;
        match &step.op {
            Op::Remount { rotate, new_upper } => {
                // What else a recorder says of it is its own: it worked, or it did not.
                let recorded = step.result.get("err").cloned().unwrap_or_default();
                let new_upper = new_upper.as_deref().unwrap_or_default();
                let remounted = self.remount(kernel, *rotate, new_upper);
                let found = remounted.err().map_or(Value::Null, |errno| errno.name().into());
                self.compare(number, step, "result", recorded, found);
            }
            Op::Reset { .. } => {
                self.stop(kernel);
                self.labels.forget_inodes();
                if let Err(errno) = self.start(kernel) {
                    self.stuck = true;
                    self.compare(number, step, "set-up", "done".into(), errno.name().into());
                }
            }
            op => self.step(kernel, number, step, op),
        }
    }

    fn step(&mut self, kernel: &mut dyn Kernel, number: usize, step: &TraceStep, op: &Op) {
        let Some(layers) = &self.layers else { return };
        let umask = octal(&self.trace.header.umask);
        let mut task = Task { umask, ..Task::root().chrooted(layers.merged()) };
        if let Some(caller) = &step.caller {
            task = caller.act(kernel, task, &self.slots);
        }
        let recorded = recorded_answer(&step.result);
        let found = ops::perform(kernel, &task, op, (&mut self.labels, &mut self.slots), &recorded);
        self.compare(number, step, "result", recorded, found);
        if !op.changes() && step.upper_delta.is_null() {
            return;
        }
        let before = std::mem::take(&mut self.stored);
        let clock = std::mem::replace(&mut self.clock, kernel.clock_gettime());
        match self.look(kernel) {
            Ok(()) => {
                let found = delta(&before.listing, &self.stored.listing);
                let recorded = delta_map(&canonical(&step.upper_delta));
                self.compare(number, step, "upper directory", recorded, found);
                if clock != self.clock && !step.times.is_null() {
                    let found = times::changed_as(&before.times, &self.stored.times, &step.times);
                    self.compare(number, step, "times in the upper directory", step.times.clone(), found);
                }
            }
            Err(errno) => {
                self.compare(number, step, "upper directory", "readable".into(), errno.name().into());
            }
        }
    }

    fn compare(&mut self, number: usize, step: &TraceStep, what: &str, recorded: Value, found: Value) {
        if recorded != found {
            let op = TraceStep {
                result: Value::Null,
                upper_delta: Value::Null,
                times: Value::Null,
                ..step.clone()
            };
            self.differ(number, serde_json::to_value(op).unwrap_or_default(), what, recorded, found);
        }
    }

    fn remount(
        &mut self,
        kernel: &mut dyn Kernel,
        rotate: bool,
        new_upper: &[TreeEntry],
    ) -> Result<(), Errno> {
        ops::close_all(kernel, &mut self.slots);
        let Some(layers) = &mut self.layers else { return Ok(()) };
        layers.umount(kernel)?;
        if rotate {
            layers.set_upper(kernel, &new_upper.iter().collect::<Vec<_>>())?;
        }
        layers.mount(kernel)?;
        self.look(kernel)
    }

    fn finish(&mut self, kernel: &mut dyn Kernel, merged: &[Value], upper: Option<&[Value]>) {
        let Some(layers) = &self.layers else { return };
        let task = Task::root().chrooted(layers.merged());
        let stored = layers.upper().cloned();
        let recorded = by_path(merged);
        let found = listing::merged(kernel, &task, &mut self.labels, &recorded);
        self.compare_listing("final merged view", recorded, found);
        if let (Some(recorded), Some(dir)) = (upper, stored) {
            let found = listing::stored(kernel, &dir, &self.labels, Contents::Read).map(|s| s.listing);
            self.compare_listing("final upper directory", by_path(recorded), found);
        }
    }

    fn compare_listing(
        &mut self,
        what: &str,
        recorded: BTreeMap<ByteString, Value>,
        found: Result<Listing, Errno>,
    ) {
        let step = self.trace.steps.len() + 1;
        let mut found: BTreeMap<ByteString, Value> = match found {
            Ok(found) => found.into_iter().map(|(path, fields)| (path, fields.into())).collect(),
            Err(errno) => {
                return self.differ(step, Value::Null, what, "readable".into(), errno.name().into());
            }
        };
        let mut differing = (Map::new(), Map::new());
        for (path, entry) in recorded {
            let other = found.remove(&path).unwrap_or_default();
            if other != entry {
                differing.0.insert(key(&path), entry);
                differing.1.insert(key(&path), other);
            }
        }
        for (path, entry) in found {
            differing.0.insert(key(&path), Value::Null);
            differing.1.insert(key(&path), entry);
        }
        if !differing.0.is_empty() {
            self.differ(step, Value::Null, what, differing.0.into(), differing.1.into());
        }
    }
}

/// A recorded answer; number 95 has two names, of which a recorder may have taken the other.
fn recorded_answer(result: &Value) -> Value {
    let mut answer = canonical(result);
    if let Some(error) = answer.get_mut("err").filter(|error| *error == "ENOTSUP") {
        *error = Errno::EOPNOTSUPP.name().into();
    }
    answer
}

/// Recorded entries by path, the path taken out.
fn by_path(entries: &[Value]) -> BTreeMap<ByteString, Value> {
    let entries = entries.iter().filter_map(|entry| {
        let mut fields = canonical(entry);
        let path = fields.as_object_mut()?.remove("path")?;
        Some((serde_json::from_value(path).ok()?, fields))
    });
    entries.collect()
}

/// A recorded delta with its lists as maps, or null.
fn delta_map(delta: &Value) -> Value {
    let list = |part: &str| delta.get(part).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let entries = |part| by_path(list(part)).into_iter().map(|(path, entry)| (key(&path), entry)).collect();
    let mut removed = list("removed").to_vec();
    removed.sort_by_key(ToString::to_string);
    delta_value(&entries("added"), &entries("changed"), &removed)
}

/// What changed from one listing to the next, in the same form.
pub(super) fn delta(before: &Listing, after: &Listing) -> Value {
    let before: BTreeMap<_, _> = before.iter().map(|(path, fields)| (path, fields)).collect();
    let now: BTreeMap<_, _> = after.iter().map(|(path, fields)| (path, fields)).collect();
    let (mut added, mut changed) = (Map::new(), Map::new());
    for (path, fields) in &now {
        match before.get(path) {
            None => drop(added.insert(key(path), quiet(fields))),
            Some(old) if quiet(old) != quiet(fields) => drop(changed.insert(key(path), quiet(fields))),
            Some(_) => {}
        }
    }
    let mut removed: Vec<Value> =
        before.keys().filter(|path| !now.contains_key(*path)).map(|path| super::labels::text(path)).collect();
    removed.sort_by_key(ToString::to_string);
    delta_value(&added, &changed, &removed)
}

fn delta_value(added: &Map<String, Value>, changed: &Map<String, Value>, removed: &[Value]) -> Value {
    if added.is_empty() && changed.is_empty() && removed.is_empty() {
        return Value::Null;
    }
    json!({ "added": added, "changed": changed, "removed": removed })
}

/// A path as a key of JSON: as it is, or in base64.
fn key(path: &[u8]) -> String {
    match std::str::from_utf8(path) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("b64:{}", base64_encode(path)),
    }
}

/// An entry without what a delta leaves out: marks that a look alone can set.
fn quiet(fields: &Map<String, Value>) -> Value {
    let mut fields = fields.clone();
    if let Some(Value::Object(own)) = fields.get_mut("overlay_xattrs") {
        own.remove("origin");
        own.remove("impure");
        if own.is_empty() {
            fields.remove("overlay_xattrs");
        }
    }
    fields.into()
}
