//! What a user namespace cannot do that the machine's root can: which recorded traces it cannot repeat, and why.

use layerlab_core::conformance::trace::{Difference, Kind, Op, Report, Trace, TraceStep, TreeEntry};
use serde_json::{Map, Value};

use super::Ids;

/// With `userxattr`, redirects are neither made nor followed (docs/design/overlayfs.md, rule 23).
const NO_REDIRECTS: &str = "redirects are not followed with user attributes";

/// Why a session with these ids cannot repeat the trace, if it cannot. A reason is always true; a trace without one
/// must come out as recorded.
pub fn cannot_replay(trace: &Trace, ids: Ids) -> Option<String> {
    if ids == Ids::Machine {
        return None;
    }
    let new_uppers = trace.steps.iter().filter_map(|step| match &step.op {
        Op::Remount { new_upper, .. } => new_upper.as_deref(),
        _ => None,
    });
    let header = &trace.header;
    if header.options.split(',').any(|option| matches!(option, "redirect_dir=on" | "redirect_dir=follow")) {
        return Some(NO_REDIRECTS.into());
    }
    let mut entries = header.lower.iter().chain(header.upper.iter().flatten()).chain(new_uppers.flatten());
    entries
        .find_map(|entry| entry_limit(entry, ids))
        .or_else(|| trace.steps.iter().find_map(|step| step_limit(step, ids)))
}

/// Why a replay with these ids came out otherwise in inode numbers and their marks, and in nothing else, if it did.
///
/// A file that was copied up keeps its number, after a new mount or under a second name, by a file handle in its
/// attribute `origin`; in a user namespace handles are not decoded, and
/// only files and directories can have the attribute (user attributes, xattr(7)).
pub fn cannot_keep_inodes(report: &Report, ids: Ids) -> Option<String> {
    let only_marks =
        |difference: &Difference| without_marks(&difference.recorded) == without_marks(&difference.found);
    let applies =
        ids != Ids::Machine && !report.differences.is_empty() && report.differences.iter().all(only_marks);
    applies.then(|| {
        "all is as recorded but inode numbers and the marks (origin) by which copied-up files keep them, which need the \
         machine's root"
            .into()
    })
}

/// The depth is bounded by the JSON reader's.
fn without_marks(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_marks).collect(),
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !matches!(key.as_str(), "ino" | "origin" | "impure"));
            let kept = kept.map(|(key, value)| (key, without_marks(value)));
            let kept =
                kept.filter(|(key, value)| *key != "overlay_xattrs" || *value != Value::Object(Map::new()));
            kept.map(|(key, value)| (key.clone(), value)).collect()
        }
        other => other.clone(),
    }
}

fn entry_limit(entry: &TreeEntry, ids: Ids) -> Option<String> {
    if ids == Ids::One && (entry.uid, entry.gid) != (0, 0) {
        return Some(foreign_ids(entry.uid, entry.gid));
    }
    if matches!(entry.kind, Kind::Char | Kind::Block) {
        return Some("it holds a device, which only the machine's root may make".into());
    }
    if entry.kind == Kind::File && entry.mode.as_deref().is_some_and(has_set_id) {
        return Some(SET_ID.into());
    }
    if let Some(name) = entry.xattrs.keys().find(|name| is_foreign_name(name.as_bytes())) {
        return Some(foreign_name(name));
    }
    if !entry.overlay_xattrs.is_empty() && !matches!(entry.kind, Kind::File | Kind::Dir) {
        return Some(
            "overlay's attributes on something else than a file or directory need the machine's root".into(),
        );
    }
    let redirected = entry.overlay_xattrs.contains_key("redirect");
    redirected.then(|| NO_REDIRECTS.into())
}

fn step_limit(step: &TraceStep, ids: Ids) -> Option<String> {
    let worked = step.result.get("ok").is_some();
    if let (Ids::One, Some(caller)) = (ids, &step.caller) {
        return Some(foreign_ids(caller.uid, caller.gid));
    }
    match &step.op {
        Op::Chown { uid, gid, .. } if ids == Ids::One && (*uid > 0 || *gid > 0) => {
            Some(foreign_ids(uid, gid))
        }
        Op::Mknod { kind: Kind::Char | Kind::Block, .. } if worked => {
            Some("it makes a device, which only the machine's root may".into())
        }
        Op::Setxattr { name, .. } if is_foreign_name(name) => Some(foreign_name(&name.to_text())),
        Op::Chmod { mode, .. } | Op::Open { mode: Some(mode), .. } if has_set_id(mode) => Some(SET_ID.into()),
        _ => None,
    }
}

/// Linux asks for `CAP_FSETID` over the machine.
const SET_ID: &str = "it has a set-id file, whose bits only the machine's root keeps when it writes";

fn foreign_ids(uid: impl std::fmt::Display, gid: impl std::fmt::Display) -> String {
    format!(
        "it needs the ids {uid}:{gid}, and this user has one id only: run as root, or set up subordinate ids (/etc/subuid)"
    )
}

/// `trusted.*` needs the machine's root; `user.overlay.*` is what overlay itself uses here.
fn is_foreign_name(name: &[u8]) -> bool {
    let trusted = name.starts_with(b"trusted.") && !name.starts_with(b"trusted.overlay.");
    trusted || name.starts_with(b"user.overlay.")
}

fn foreign_name(name: &str) -> String {
    format!("it uses the attribute {name}, which needs the machine's root")
}

fn has_set_id(mode: &str) -> bool {
    u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o6000 != 0)
}
