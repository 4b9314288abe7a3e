//! `--chown`: names looked up in the tree that is copied to (moby `builder/dockerfile/internals_linux.go`).

use super::super::scoped::scoped;
use crate::engine::{Engine, go_text};
use crate::kernel::{Task, fs};

/// The user and group that a `--chown` means.
///
/// # Errors
/// Docker's words.
pub(in crate::engine) fn parse(
    engine: &mut Engine<'_>,
    task: &Task,
    root: &str,
    text: &str,
) -> Result<(u32, u32), String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (user, group) = match parts.as_slice() {
        [one] => (*one, *one),
        [user, group] => (*user, *group),
        _ => return Err(format!("invalid chown string format: {text}")),
    };
    let uid = look_up(engine, task, root, "/etc/passwd", user)
        .map_err(|why| format!("can't find uid for user {user}: {}", why.text("user", user)))?;
    let gid = look_up(engine, task, root, "/etc/group", group)
        .map_err(|why| format!("can't find gid for group {group}: {}", why.text("group", group)))?;
    Ok((uid, gid))
}

/// The user and group that a `--chown` means to BuildKit (recorded): a name that nobody has is user and group 0, a user's group
/// is that of `/etc/passwd`, a group that nobody has changes nothing, and an empty one is group 0.
pub(in crate::engine) fn parse_kit(engine: &mut Engine<'_>, task: &Task, text: &str) -> (u32, u32) {
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let mut fields = |file: &str, name: &str| -> Option<Vec<u32>> {
        let at = scoped(engine.kernel, task, file.as_bytes()).ok()?;
        let text = fs::read(engine.kernel, task, &at).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
        Some(line.split(':').skip(2).take(2).filter_map(|number| number.parse().ok()).collect())
    };
    let number = |text: &str| text.parse::<u32>().ok();
    let (uid, gid) = match number(user) {
        Some(id) => (id, id),
        None => match fields("/etc/passwd", user).as_deref() {
            Some([uid, gid]) => (*uid, *gid),
            _ => (0, 0),
        },
    };
    let gid = match group {
        None => gid,
        Some("") => 0,
        Some(group) => number(group).or_else(|| fields("/etc/group", group)?.first().copied()).unwrap_or(gid),
    };
    (uid, gid)
}

/// Returns whether a `--chown` holds a name, not numbers alone.
pub(in crate::engine) fn is_named(text: &str) -> bool {
    text.splitn(2, ':').any(|part| !part.is_empty() && part.parse::<u32>().is_err())
}

enum Lost {
    NoFile(String),
    NoName,
}

impl Lost {
    fn text(&self, what: &str, name: &str) -> String {
        match self {
            Self::NoFile(why) => why.clone(),
            Self::NoName => format!("no such {what}: {name}"),
        }
    }
}

fn look_up(engine: &mut Engine<'_>, task: &Task, root: &str, file: &str, name: &str) -> Result<u32, Lost> {
    if let Ok(number) = name.parse::<u32>() {
        return Ok(number);
    }
    let at = scoped(engine.kernel, task, file.as_bytes()).map_err(|error| Lost::NoFile(error.to_string()))?;
    let text = fs::read(engine.kernel, task, &at)
        .map_err(|errno| Lost::NoFile(format!("open {root}{}: {}", at.to_text(), go_text(errno))))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let found = text.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|parts| parts[0] == name);
    found.and_then(|parts| parts.get(2).and_then(|number| number.parse().ok())).ok_or(Lost::NoName)
}
