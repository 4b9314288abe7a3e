//! The merged view worked out a second way, that shares nothing with the look-up: layer upon layer, from the lowest.
//!
//! What a layer has replaces what is below; a whiteout removes it, an opaque directory clears it. (The kernel's document,
//! read as an instruction to build the tree, as engines without overlayfs do.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::conformance::trace::{Op, Trace};

type View = BTreeMap<String, (String, String)>;

/// Where the final merged view of a recorded trace is not what the layers say: paths with what each has there. Empty for
/// a trace whose layers were rotated on the way: what was stored then is not in it.
pub fn naive_view(trace: &Trace) -> Vec<String> {
    let Some(last) = &trace.last else { return Vec::new() };
    let rotated = |op: &Op| matches!(op, Op::Remount { rotate: true, .. });
    if trace.steps.iter().any(|step| rotated(&step.op)) {
        return Vec::new();
    }
    let mut naive = View::new();
    for layer in (0..trace.header.lower_layers).rev() {
        let entries = trace.header.lower.iter().filter(|entry| entry.layer == Some(layer));
        let entries: Vec<Value> = entries.filter_map(|entry| serde_json::to_value(entry).ok()).collect();
        apply(&mut naive, &entries);
    }
    apply(&mut naive, last.upper.as_deref().unwrap_or_default());
    let seen: View = last.merged.iter().filter_map(Value::as_object).map(show).collect();
    let mut wrong = Vec::new();
    for path in naive.keys().chain(seen.keys()).collect::<BTreeSet<_>>() {
        let (expected, found) = (naive.get(path), seen.get(path));
        if expected != found {
            wrong.push(format!("{path}: layers say {expected:?}, the mount says {found:?}"));
        }
    }
    wrong
}

/// Path, kind, and what a file holds or a link points to.
fn show(entry: &Map<String, Value>) -> (String, (String, String)) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("path"), (text("kind"), text("content") + &text("content_sha256") + &text("target")))
}

fn apply(view: &mut View, entries: &[Value]) {
    let below_it = view.clone();
    let mut own: View = entries.iter().filter_map(Value::as_object).map(show).collect();
    let mut sorted: Vec<&Map<String, Value>> = entries.iter().filter_map(Value::as_object).collect();
    sorted.sort_by_key(|entry| show(entry).0);
    for entry in sorted {
        let (path, (mut kind, mut data)) = show(entry);
        // A further name of a file has its content.
        if let Some(other) = entry.get("link_to").and_then(Value::as_str)
            && let Some(same) = own.get(other).cloned()
        {
            (kind, data) = same;
            own.insert(path.clone(), (kind.clone(), data.clone()));
        }
        let mark =
            |name: &str| entry.get("overlay_xattrs").and_then(|own| own.get(name)).and_then(Value::as_str);
        let whiteout = kind == "whiteout" || kind == "file" && data.is_empty() && marked(entries, &path);
        let was_dir = view.get(&path).is_some_and(|(kind, _)| kind == "dir");
        let redirected = kind == "dir" && mark("redirect").is_some();
        if path != "/" && (redirected || !was_dir || kind != "dir" || mark("opaque") == Some("y")) {
            let below = format!("{path}/");
            view.retain(|other, _| !other.starts_with(&below));
        }
        if redirected {
            let source = lower_path(entries, &path) + "/";
            let moved = below_it.iter().filter_map(|(at, what)| Some((at.strip_prefix(&source)?, what)));
            view.extend(moved.map(|(rest, what)| (format!("{path}/{rest}"), what.clone())));
        }
        if whiteout {
            view.remove(&path);
        } else {
            view.insert(path, (kind, data));
        }
    }
}

/// Where a directory of a layer is in the layers below: `redirect` names it, from the root or within its parent.
fn lower_path(entries: &[Value], path: &str) -> String {
    let mut names = Vec::new();
    let mut at = path;
    while let Some((parent, name)) = at.rsplit_once('/') {
        let entry = entries.iter().find(|entry| entry.get("path").and_then(Value::as_str) == Some(at));
        let redirect =
            entry.and_then(|entry| entry.pointer("/overlay_xattrs/redirect")).and_then(Value::as_str);
        let name = redirect.unwrap_or(name);
        names.push(name.trim_start_matches('/'));
        if name.starts_with('/') {
            break;
        }
        at = parent;
    }
    names.iter().rev().fold(String::new(), |path, name| format!("{path}/{name}"))
}

/// Whether the inode at `path` has the attribute that makes an empty file a whiteout; a link has its target's.
fn marked(entries: &[Value], path: &str) -> bool {
    let at = |path: &str| entries.iter().find(|e| e.get("path").and_then(Value::as_str) == Some(path));
    let Some(entry) = at(path) else { return false };
    let own = |entry: &Value| entry.pointer("/overlay_xattrs/whiteout").is_some();
    let other = entry.get("link_to").and_then(Value::as_str).and_then(at);
    own(entry) || other.is_some_and(own)
}
