//! Advice on what the kernel refused: known by the last words of a message, which are the C library's for every program.

use super::{Output, Place, System};
use crate::help::{Help, Topic, nearest};
use crate::kernel::{Errno, Task, fs, path};

/// Gives advice on a message that `stderr` has shown, where it ends in an error that a learner of layers meets.
pub fn advise_on_errno(system: &mut System<'_>, stderr: Output, task: &Task, message: &[u8]) {
    if !system.world.files.is_heard(stderr.0) || !system.world.help.has_room() {
        return;
    }
    let message = message.trim_ascii_end();
    let ends = |errno: Errno| message.ends_with(errno.text().as_bytes());
    let help = if ends(Errno::EROFS) {
        Help::new(Topic::ReadOnly, &[])
    } else if ends(Errno::ENOSPC) {
        Help::new(Topic::NoSpace, &[])
    } else if task.uid != 0 && (ends(Errno::EACCES) || ends(Errno::EPERM)) {
        Help::new(Topic::PermissionDenied, &[&task.uid.to_string()])
    } else if is_mount(message) && in_container(system) && (ends(Errno::EPERM) || message.ends_with(b"?)")) {
        Help::new(Topic::MountInContainer, &[])
    } else if ends(Errno::EACCES) && task.uid == 0 && is_program(system, task, message) {
        let path = named(&message[..message.len() - Errno::EACCES.text().len()]);
        Help::new(Topic::NotExecutable, &[&path])
    } else if let Some(help) = on_mount(message) {
        help
    } else if message.windows(9).any(|part| part == b"omitting ") {
        let path = named(message);
        Help::new(Topic::IsDirectory, &[&path])
    } else if is_in_front(system)
        && let Some(help) = on_path(system, task, message)
    {
        help
    } else {
        return;
    };
    system.world.help.add(help);
}

fn is_mount(message: &[u8]) -> bool {
    message.starts_with(b"mount: ") || message.starts_with(b"umount: ")
}

/// What util-linux and BusyBox say of a mount point or a device that is not there.
fn on_mount(message: &[u8]) -> Option<Help> {
    if !is_mount(message) {
        return None;
    }
    let text = String::from_utf8_lossy(message);
    let line = text.lines().next().unwrap_or_default().trim_end_matches('.');
    let (_, rest) = line.split_once(": ")?;
    if let Some((_, device)) = rest.split_once("special device ") {
        let device = device.split_once(" does not exist")?.0;
        return Some(Help::new(Topic::NoSuchDevice, &[device]));
    }
    let rest = rest.strip_prefix("mounting on ").unwrap_or(rest);
    let missing = ["failed: mount point does not exist", "mount point does not exist"];
    let place = missing.iter().find_map(|end| rest.strip_suffix(end));
    if let Some(place) = place {
        return Some(Help::new(Topic::NoSuchDir, &[place.trim_end_matches([':', ' '])]));
    }
    let ends = ["no mount point specified", "not mounted"];
    let place = ends.iter().find_map(|end| rest.strip_suffix(end))?;
    Some(Help::new(Topic::NotMounted, &[place.trim_end_matches([':', ' '])]))
}

/// Whether a shell was refused the start of a file that it names.
fn is_program(system: &mut System<'_>, task: &Task, message: &[u8]) -> bool {
    let path = named(&message[..message.len() - Errno::EACCES.text().len()]);
    let is_shell = [&b"bash: "[..], b"sh: ", b"/bin/sh: "].iter().any(|name| message.starts_with(name));
    is_shell
        && system
            .kernel
            .stat(task, path.as_bytes())
            .is_ok_and(|stat| !stat.is_dir() && stat.mode & 0o111 == 0)
}

fn in_container(system: &System<'_>) -> bool {
    let row = system.world.tasks.get(system.current);
    row.is_some_and(|row| matches!(row.place, Place::Container(_)))
}

/// Whether a person waits for what runs: what a container in the background cannot find is no mistake of the line at hand.
fn is_in_front(system: &System<'_>) -> bool {
    system.world.tasks.get(system.current).is_none_or(|row| row.front)
}

/// Advice on an error about a path.
fn on_path(system: &mut System<'_>, task: &Task, message: &[u8]) -> Option<Help> {
    const KINDS: [(Errno, Topic); 6] = [
        (Errno::ENOENT, Topic::NoSuchFile),
        (Errno::EISDIR, Topic::IsDirectory),
        (Errno::ENOTDIR, Topic::NotDirectory),
        (Errno::ENOTEMPTY, Topic::DirNotEmpty),
        (Errno::EEXIST, Topic::FileExists),
        (Errno::EBUSY, Topic::DeviceBusy),
    ];
    let (errno, topic) = KINDS.into_iter().find(|(errno, _)| message.ends_with(errno.text().as_bytes()))?;
    let named = named(&message[..message.len() - errno.text().len()]);
    match topic {
        Topic::NoSuchFile => {
            let near = near(system, task, &named);
            Some(Help::new(topic, &[&named, &near]))
        }
        // BusyBox says `read error` and names no path.
        Topic::IsDirectory if named == "error" => Some(Help::new(topic, &[""])),
        _ => Some(Help::new(topic, &[&named])),
    }
    .filter(|help| !named.is_empty() || help.id == Topic::IsDirectory)
}

/// The path that a message names before the error: `cat: can't open '/x': `, `ls: /x: `, `sh: cd: can't cd to x: `.
fn named(before: &[u8]) -> String {
    let text = String::from_utf8_lossy(before);
    let text = text.trim_end().trim_end_matches(':');
    let marks = ['\'', '\u{2018}', '\u{2019}', '"'];
    if let Some(quoted) = text.strip_suffix(marks) {
        let start =
            quoted.rfind(marks).map_or(0, |at| at + quoted[at..].chars().next().map_or(1, char::len_utf8));
        return quoted[start..].to_owned();
    }
    let last = text.rsplit(": ").next().unwrap_or_default();
    last.rsplit(' ').next().unwrap_or_default().to_owned()
}

/// The name in a path's directory that is nearest to its own.
fn near(system: &mut System<'_>, task: &Task, named: &str) -> String {
    let (folder, name) = named.rsplit_once('/').unwrap_or((".", named));
    let folder = if folder.is_empty() { "/" } else { folder };
    let entries = fs::read_dir(system.kernel, task, folder.as_bytes()).unwrap_or_default();
    let names: Vec<String> = entries.iter().map(|entry| entry.name.to_text()).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) if named.contains('/') => path::join(folder.as_bytes(), near.as_bytes()).to_text(),
        near => near.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_found_in_the_words_of_every_program() {
        for (before, path) in [
            ("cat: can't open '/etc/nosuch': ", "/etc/nosuch"),
            ("ls: /nosuch: ", "/nosuch"),
            ("ls: cannot access 'a b': ", "a b"),
            ("mkdir: cannot create directory \u{2018}x\u{2019}: ", "x"),
            ("/bin/sh: cd: can't cd to nosuch: ", "nosuch"),
            ("bash: cd: nosuch: ", "nosuch"),
            ("", ""),
        ] {
            assert_eq!(named(before.as_bytes()), path, "{before}");
        }
    }
}
