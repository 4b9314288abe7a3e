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
