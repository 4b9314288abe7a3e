//! One trace of the matrix: its layers, its callers, and a call a thing.

use serde_json::Value;

use super::things::{self, Thing, things};
use crate::conformance::trace::{Creds, Header, Op, Trace, TraceStep, TreeEntry};
use crate::kernel::ByteString;

/// Things in one trace: its upper directory is read after each call, so that it is kept small.
pub(super) const TOGETHER: usize = 28;
/// What may stand after a path.
pub(super) const ENDINGS: [&str; 3] = ["", "/", "/."];

/// Who calls: root, root without its powers over files, a user, and another one who is in the first one's group.
pub(super) fn callers() -> [Option<Creds>; 4] {
    let user = |uid, groups| Some(Creds { uid, gid: uid, groups, ..Creds::default() });
    let bare = Some(Creds { caps: Some(Vec::new()), ..Creds::default() });
    [None, bare, user(1000, Vec::new()), user(1001, vec![1000])]
}

pub(super) fn caller_name(caller: Option<&Creds>) -> String {
    let bare = caller.is_some_and(|caller| caller.caps.is_some());
    format!("{}{}", caller.map_or(0, |caller| caller.uid), if bare { " bare" } else { "" })
}

pub(super) fn step(op: Op, caller: Option<&Creds>) -> TraceStep {
    TraceStep {
        op,
        caller: caller.cloned(),
        result: Value::Null,
        upper_delta: Value::Null,
        times: Value::Null,
    }
}

/// A trace over these entries.
pub(super) fn trace(
    name: String,
    entries: impl IntoIterator<Item = TreeEntry>,
    steps: Vec<TraceStep>,
) -> Trace {
    let (mut upper, mut lower): (Vec<TreeEntry>, Vec<TreeEntry>) =
        entries.into_iter().partition(|entry| entry.layer.is_none());
    let roots = [None, Some(0), Some(1)].map(things::root);
    let [root, zero, one] = roots;
    upper.insert(0, root);
    lower.splice(0..0, [zero, one]);
    let header = Header {
        format: "overlay-trace/3".to_owned(),
        name,
        options: "redirect_dir=off,index=off,metacopy=off".to_owned(),
        umask: "0022".to_owned(),
        lower_layers: 2,
        lower,
        upper: Some(upper),
    };
    Trace { header, steps, last: None }
}

/// A trace for each part of the things in `/d`: one call a thing.
pub(super) fn each_thing<'a>(
    name: &'a str,
    caller: Option<&'a Creds>,
    ending: &'a str,
    op: impl Fn(ByteString, usize) -> Op + 'a,
) -> impl Iterator<Item = Trace> + 'a {
    let parts = things("/d").len().div_ceil(TOGETHER);
    (0..parts).map(move |part| {
        let all = things("/d");
        let chosen: Vec<&Thing> = all.iter().skip(part).step_by(parts).collect();
        let steps = chosen.iter().enumerate().map(|(at, thing)| {
            let path = ByteString::from(format!("{}{ending}", thing.path).as_bytes());
            step(op(path, at), caller)
        });
        let name = format!("{name} {} {ending:?} {part}", caller_name(caller));
        let parents = things::parent("/d", &[None, Some(0), Some(1)]);
        let entries = parents.into_iter().chain(chosen.iter().flat_map(|thing| thing.entries.clone()));
        trace(name, entries, steps.collect())
    })
}
