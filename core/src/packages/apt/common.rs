//! What the verbs of `apt-get` share.

use std::collections::BTreeSet;

use super::super::disk::put;
use crate::kernel::{Errno, fs};
use crate::program::{Process, System};

pub(super) const LISTS: &str = "/var/lib/apt/lists";
pub(super) const ARCHIVES: &str = "/var/cache/apt/archives";
pub(super) const READING: &str =
    "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";

/// Where the lists come from: the address, and the release's name.
pub(super) fn source(system: &mut System<'_>, process: &Process) -> (&'static str, String) {
    let data = fs::read(system.kernel, &process.task, b"/etc/os-release").unwrap_or_default();
    let text = String::from_utf8_lossy(&data).into_owned();
    let value = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim_matches('"').to_owned())
    };
    let release =
        value("VERSION_CODENAME=").or_else(|| value("UBUNTU_CODENAME=")).unwrap_or_else(|| "stable".into());
    let ubuntu = value("ID=").is_some_and(|id| id == "ubuntu");
    (if ubuntu { "archive.ubuntu.com/ubuntu" } else { "deb.debian.org/debian" }, release)
}

pub(super) fn lock(system: &mut System<'_>, process: &Process) -> Result<(), Errno> {
    if process.task.uid != 0 {
        return Err(Errno::EACCES);
    }
    put(system, process, "/var/lib/dpkg/lock-frontend", b"", 0o640)
}

/// A size as apt says it: decimal units, three digits.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..100_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        100_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

pub(super) fn has_lists(system: &mut System<'_>, process: &Process) -> bool {
    let entries = fs::read_dir(system.kernel, &process.task, LISTS.as_bytes()).unwrap_or_default();
    entries.iter().any(|entry| entry.name.ends_with(b"_Packages"))
}

/// Names in lines of at most 79 columns, indented by two.
pub(super) fn columns(names: &BTreeSet<&str>) -> String {
    let mut text = String::new();
    let mut line = " ".to_owned();
    for name in names {
        if line.len() + 1 + name.len() > 79 {
            text.push_str(&line);
            text.push('\n');
            line = " ".to_owned();
        }
        line.push(' ');
        line.push_str(name);
    }
    text + &line + "\n"
}

/// The question before packages are changed.
pub(super) const QUESTION: &str = "Do you want to continue? [Y/n] ";
