//! The calls on two paths: each thing with each other one, within a directory and from one to another.

use super::case::{TOGETHER, caller_name, callers, step, trace};
use super::things::{parent, things};
use crate::conformance::trace::{Creds, Op, Trace};
use crate::kernel::ByteString;

#[derive(Debug, Clone, Copy)]
enum Call {
    Link,
    Rename(Option<&'static str>),
}

const CALLS: [Call; 5] = [
    Call::Link,
    Call::Rename(None),
    Call::Rename(Some("NOREPLACE")),
    Call::Rename(Some("EXCHANGE")),
    Call::Rename(Some("WHITEOUT")),
];

/// In which layers the directory is that the names go to.
const INTO: [(&str, &[Option<usize>]); 3] =
    [("merged", &[None, Some(0), Some(1)]), ("lower", &[Some(1)]), ("upper", &[None])];

fn op(call: Call, from: String, to: String) -> Op {
    let (from, to) = (ByteString::from(from.as_bytes()), ByteString::from(to.as_bytes()));
    match call {
        Call::Link => Op::Link { from, to },
        Call::Rename(flag) => Op::Rename { from, to, flags: flag.map(|flag| vec![flag.to_owned()]) },
    }
}

/// From a thing of `/d` to the thing of `/e` that stands `ahead` of it in the list.
fn across(
    call: Call,
    caller: Option<&Creds>,
    endings: (&str, &str),
    ahead: usize,
    into: usize,
) -> Vec<Trace> {
    let (from, mut to) = (things("/d"), things("/e"));
    let (place, layers) = INTO[into];
    for thing in &mut to {
        thing.entries.retain(|entry| layers.contains(&entry.layer));
    }
    let parts = from.len().div_ceil(TOGETHER / 2);
    let part = |part: usize| {
        let chosen = (part..from.len()).step_by(parts).map(|at| (&from[at], &to[(at + ahead) % to.len()]));
        let mut entries = parent("/d", &[None, Some(0), Some(1)]);
        entries.extend(parent("/e", layers));
        let mut steps = Vec::new();
        for (one, other) in chosen {
            entries.extend(one.entries.iter().chain(&other.entries).cloned());
            let (one, other) = (format!("{}{}", one.path, endings.0), format!("{}{}", other.path, endings.1));
            steps.push(step(op(call, one, other), caller));
        }
        let name = format!("{call:?} {} {endings:?} {ahead} {place} {part}", caller_name(caller));
        trace(name, entries, steps)
    };
    (0..parts).map(part).collect()
}

pub(super) fn traces() -> impl Iterator<Item = Trace> {
    let count = things("/d").len();
    CALLS.into_iter().flat_map(move |call| {
        (0..count).flat_map(move |ahead| {
            // Not each with each: users, endings and places take turns.
            let caller = &callers()[ahead % 3];
            let ending = [("", ""), ("/", ""), ("", "/"), ("/", "/")][ahead % 4];
            let mut traces = across(call, None, ("", ""), ahead, 0);
            traces.extend(across(call, caller.as_ref(), ending, ahead, ahead % INTO.len()));
            traces
        })
    })
}
