//! A recording: operations made on a kernel, with what it answers, as a trace.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::format::{Final, Trace};
use super::labels::Labels;
use super::layers::Layers;
use super::listing::{self, Contents, Listing, Stored};
use super::op::{Op, octal};
use super::ops::{self, Slots};
use super::replay::delta;
use super::times;
use crate::kernel::{Kernel, Result, Task};

/// Makes the operations of `plan` on a kernel, below `base` (which is made, and removed at the end), and returns the
/// plan with the answers. What the plan says of results is not looked at.
///
/// # Errors
/// What the kernel says where the layers cannot be made, mounted or read.
pub fn record(kernel: &mut dyn Kernel, base: &[u8], plan: &Trace) -> Result<Trace> {
    let mut layers = Layers::new(kernel, base, &plan.header.options)?;
    let mut slots = Slots::new();
    let recorded = steps(kernel, &mut layers, &mut slots, plan);
    let stopped = stop(kernel, &layers, &mut slots);
    let recorded = recorded?;
    stopped.map(|()| recorded)
}

fn stop(kernel: &mut dyn Kernel, layers: &Layers, slots: &mut Slots) -> Result<()> {
    ops::close_all(kernel, slots);
    let unmounted = layers.umount(kernel);
    unmounted.and(layers.remove(kernel))
}

fn steps(kernel: &mut dyn Kernel, layers: &mut Layers, slots: &mut Slots, plan: &Trace) -> Result<Trace> {
    let mut labels = Labels::for_recording(plan, kernel.clock_gettime());
    let mut trace = plan.clone();
    layers.build(kernel, &plan.header)?;
    let mut before = look(kernel, layers, &labels, Contents::Skip)?;
    for step in &mut trace.steps {
        (step.upper_delta, step.times) = (Value::Null, Value::Null);
        match &step.op {
            Op::Remount { rotate, new_upper } => {
                ops::close_all(kernel, slots);
                layers.umount(kernel)?;
                if *rotate {
                    let entries = new_upper.as_deref().unwrap_or_default();
                    layers.set_upper(kernel, &entries.iter().collect::<Vec<_>>())?;
                }
                layers.mount(kernel)?;
                step.result = json!({ "ok": {} });
                before = look(kernel, layers, &labels, Contents::Skip)?;
            }
            Op::Reset { .. } => {
                stop(kernel, layers, slots)?;
                *layers = layers.again(kernel)?;
                layers.build(kernel, &plan.header)?;
                labels.forget_inodes();
                before = look(kernel, layers, &labels, Contents::Skip)?;
            }
            op => {
                let umask = octal(&plan.header.umask);
                let mut task = Task { umask, ..Task::root().chrooted(layers.merged()) };
                if let Some(caller) = &step.caller {
                    task = caller.act(kernel, task, slots);
                }
                step.result = ops::perform(kernel, &task, op, (&mut labels, slots), &Value::Null);
                if op.changes() {
                    let after = look(kernel, layers, &labels, Contents::Skip)?;
                    step.upper_delta = as_lists(&delta(&before.listing, &after.listing));
                    step.times = times::changed(&before.times, &after.times);
                    before = after;
                }
            }
        }
    }
    let task = Task::root().chrooted(layers.merged());
    let merged = listing::merged(kernel, &task, &mut labels, &BTreeMap::new())?;
    let upper = match layers.upper() {
        Some(_) => Some(entries(look(kernel, layers, &labels, Contents::Read)?.listing)),
        None => None,
    };
    trace.last = Some(Final { merged: entries(merged), upper });
    Ok(trace)
}

/// What the upper directory holds.
fn look(kernel: &mut dyn Kernel, layers: &Layers, labels: &Labels, contents: Contents) -> Result<Stored> {
    match layers.upper() {
        Some(upper) => listing::stored(kernel, upper, labels, contents),
        None => Ok(Stored::default()),
    }
}

fn entries(listing: Listing) -> Vec<Value> {
    let entry = |(path, mut fields): (_, Map<String, Value>)| {
        fields.insert(
            "path".into(),
            serde_json::to_value::<crate::kernel::ByteString>(path).unwrap_or_default(),
        );
        fields.into()
    };
    listing.into_iter().map(entry).collect()
}

/// A delta whose entries are maps by path, in the trace's form.
fn as_lists(delta: &Value) -> Value {
    let Some(parts) = delta.as_object() else { return Value::Null };
    let mut lists = Map::new();
    for (part, content) in parts {
        let list = match content {
            Value::Object(entries) => entries
                .iter()
                .map(|(path, fields)| {
                    let mut fields = fields.clone();
                    if let Some(fields) = fields.as_object_mut() {
                        fields.insert("path".into(), path.as_str().into());
                    }
                    fields
                })
                .collect(),
            other => other.clone(),
        };
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            lists.insert(part.clone(), list);
        }
    }
    lists.into()
}
