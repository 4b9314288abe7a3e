//! Which times an operation changed, of the inodes that stood in the upper directory before it and after it.

use serde_json::{Value, json};

use super::labels::text;
use super::listing::{Changed, Times};
use crate::kernel::ByteString;

fn both<'t>(before: &'t Times, after: &'t Times) -> impl Iterator<Item = (&'t ByteString, Changed, Changed)> {
    let pairs = after.iter().filter_map(|(path, now)| Some((path, *before.get(path)?, *now)));
    pairs.filter(|(_, old, now)| old.ino == now.ino)
}

/// The paths whose change time and whose modification time is another than before.
pub(super) fn changed(before: &Times, after: &Times) -> Value {
    changed_as(before, after, &Value::Null)
}

/// The same, to be held against what was recorded: a directory's times may be others than before where the recording
/// says that they are not. Linux takes some of them from a clock that goes on with the tick, where something is copied
/// up and where a name goes (seen on Linux 6.18): what happens within a tick cannot be told apart.
pub(super) fn changed_as(before: &Times, after: &Times, recorded: &Value) -> Value {
    let told = |which: &str, path: &Value| {
        recorded.get(which).and_then(Value::as_array).is_none_or(|recorded| recorded.contains(path))
    };
    let (mut ctime, mut mtime) = (Vec::new(), Vec::new());
    for (path, old, now) in both(before, after) {
        let path = text(path);
        if old.mtime != now.mtime && (!now.is_dir || told("mtime", &path)) {
            mtime.push(path.clone());
        }
        if old.ctime != now.ctime && (!now.is_dir || told("ctime", &path)) {
            ctime.push(path);
        }
    }
    json!({ "ctime": ctime, "mtime": mtime })
}
