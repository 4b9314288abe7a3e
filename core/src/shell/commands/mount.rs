//! `mount`, with the messages of util-linux 2.38.

use super::common::args::{Flag, Order, Parsed, Usage, Value, flag, long, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, FileType, MountFlags, MountInfo, path};
use crate::program::{Flow, Process, Program, Scope, System, proc};

pub(super) const PROGRAM: Program = Program {
    name: "mount",
    summary: "mount a file system, or list what is mounted",
    scope: Scope::Everywhere,
    main,
};

const FLAGS: &[Flag] = &[
    valued('t', "types", "the file system's type"),
    valued('o', "options", "options, separated by commas"),
    flag('B', "bind", "show a directory at a second place"),
    flag('a', "all", ""),
    flag('l', "show-labels", ""),
    flag('n', "no-mtab", ""),
    flag('r', "read-only", "mount read-only (the same as -o ro)"),
    flag('v', "verbose", "say what is done"),
    flag('w', "rw", "mount read-write (default)"),
    long("source", Value::Required, "what to mount"),
    long("target", Value::Required, "where to mount it"),
];
const USAGE: Usage = Usage {
    synopsis: "[-t TYPE] [-o OPTIONS] SOURCE DIRECTORY",
    about: "Mount a filesystem; without operands, list what is mounted.",
    flags: FLAGS,
    status: 1,
};
/// The exit status of a mount that failed.
const FAILED: u8 = 32;

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands.iter();
    let source = parsed.value("source").or_else(|| operands.next()).cloned();
    let target = parsed.value("target").or_else(|| operands.next()).cloned();
    if operands.next().is_some() {
        run.complain("mount: bad usage\nTry 'mount --help' for more information.\n");
        return Flow::Exit(1);
    }
    let (mut flags, data) = options(&parsed);
    match (source, target) {
        (None, _) => {
            list(&mut run, parsed.value('t'));
            run.end()
        }
        (Some(target), None) if flags.contains(MountFlags::REMOUNT) => {
            mount(&mut run, b"none", &target, b"none", flags, &data)
        }
        (Some(only), None) => {
            run.warn([&only[..], b": can't find in /etc/fstab."].concat());
            run.end()
        }
        (Some(source), Some(target)) => {
            let fstype = parsed.value('t').cloned().unwrap_or_default();
            if parsed.has('B') {
                flags |= MountFlags::BIND;
            }
            mount(&mut run, &source, &target, &fstype, flags, &data)
        }
    }
}

/// Splits options into the kernel's flags and the file system's own data.
fn options(parsed: &Parsed) -> (MountFlags, Vec<u8>) {
    let mut flags = MountFlags::empty();
    let mut data: Vec<Vec<u8>> = Vec::new();
    for (key, value) in &parsed.options {
        match (key.letter(), value) {
            (Some('r'), _) => flags |= MountFlags::RDONLY,
            (Some('w'), _) => flags -= MountFlags::RDONLY,
            (Some('o'), Some(text)) => {
                for option in split(text) {
                    match &option[..] {
                        b"ro" => flags |= MountFlags::RDONLY,
                        b"rw" => flags -= MountFlags::RDONLY,
                        b"nosuid" => flags |= MountFlags::NOSUID,
                        b"nodev" => flags |= MountFlags::NODEV,
                        b"noexec" => flags |= MountFlags::NOEXEC,
                        b"suid" => flags -= MountFlags::NOSUID,
                        b"dev" => flags -= MountFlags::NODEV,
                        b"bind" | b"rbind" => flags |= MountFlags::BIND,
                        b"remount" => flags |= MountFlags::REMOUNT,
                        // Flags that the seam does not carry change nothing that the lab shows.
                        b"" | b"defaults" | b"relatime" | b"noatime" | b"strictatime" | b"exec"
                        | b"async" => {}
                        _ => data.push(option),
                    }
                }
            }
            _ => {}
        }
    }
    (flags, data.join(&b','))
}

/// Splits at commas; a backslash keeps the next one (overlay's option strings escape so).
fn split(text: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let last = parts.last_mut().expect("there is always a part");
        match byte {
            b',' => parts.push(Vec::new()),
            b'\\' => {
                last.push(b'\\');
                last.extend(rest.next());
            }
            _ => last.push(*byte),
        }
    }
    parts
}

fn mount(
    run: &mut Run<'_, '_>,
    source: &[u8],
    target: &[u8],
    fstype: &[u8],
    flags: MountFlags,
    data: &[u8],
) -> Flow {
    // util-linux shows the target as the kernel names it, where it exists.
    let (kernel, task) = run.kernel();
    let shown = kernel.chdir(task, target).unwrap_or_else(|_| {
        if kernel.stat(task, target).is_ok() {
            path::normalize(&path::join(&task.cwd, target))
        } else {
            target.into()
        }
    });
    if task.uid != 0 {
        run.warn([&shown[..], b": must be superuser to use mount."].concat());
        return Flow::Exit(1);
    }
    let source_path = if flags.contains(MountFlags::BIND) {
        kernel.chdir(task, source).unwrap_or_else(|_| path::normalize(&path::join(&task.cwd, source)))
    } else {
        source.into()
    };
    if fstype.is_empty() && !flags.intersects(MountFlags::BIND | MountFlags::REMOUNT) {
        let text = untyped(run, source);
        return fail(run, &shown, &text);
    }
    if fstype == b"overlay"
        && let Some(option) = crate::overlay::refused_option(data)
    {
        let text = String::from_utf8_lossy(option).into_owned();
        run.complain(format!(
            "Layerlab: the lab's overlay mounts do not have {text}; nothing was mounted.\n"
        ));
        return Flow::Exit(FAILED);
    }
    let (kernel, task) = run.kernel();
    match kernel.mount(task, &source_path, target, fstype, flags, data) {
        Ok(()) => {
            // What a mount cannot tell `/proc` it does not tell: it is mounted all the same.
            let _ = proc::mounts_changed(kernel, &task.root);
            Flow::OK
        }
        Err(error) => {
            let text = explain(run, source, target, fstype, flags, error);
            fail(run, &shown, &text)
        }
    }
}

fn fail(run: &mut Run<'_, '_>, target: &[u8], text: &str) -> Flow {
    run.warn_filled(run.words().mount_failed, &[target, text.as_bytes()]);
    run.complain_if_any(run.words().mount_hint);
    Flow::Exit(run.habits().mount_status)
}

/// A mount without a type looks for one on the device, of which the lab has none.
fn untyped(run: &mut Run<'_, '_>, source: &[u8]) -> String {
    let shown = String::from_utf8_lossy(source).into_owned();
    match run.stat(source) {
        Err(_) => format!("special device {shown} does not exist"),
        Ok(stat) if stat.kind == FileType::Block => format!("can't read superblock on {shown}"),
        Ok(_) => format!("{shown} is not a block device"),
    }
}

/// What util-linux makes of the system call's answer (`mnt_context_get_mount_excode`).
fn explain(
    run: &mut Run<'_, '_>,
    source: &[u8],
    target: &[u8],
    fstype: &[u8],
    flags: MountFlags,
    error: Errno,
) -> String {
    let shown = String::from_utf8_lossy(source).into_owned();
    match error {
        Errno::EPERM => "permission denied".to_owned(),
        Errno::EBUSY => format!("{shown} already mounted or mount point busy"),
        Errno::ENOENT | Errno::ENOTDIR => {
            let is_link = run.lstat(target).is_ok_and(|s| s.kind == FileType::Symlink);
            match (run.stat(target), error) {
                (Err(_), _) if is_link => "mount point is a symbolic link to nowhere".to_owned(),
                (Err(Errno::ENOENT), _) => "mount point does not exist".to_owned(),
                (Ok(stat), Errno::ENOTDIR) if !stat.is_dir() => "mount point is not a directory".to_owned(),
                (_, Errno::ENOENT) if run.stat(source).is_err() => {
                    format!("special device {shown} does not exist")
                }
                (_, Errno::ENOTDIR) if run.stat(source) == Err(Errno::ENOTDIR) => {
                    format!("special device {shown} does not exist (a path prefix is not a directory)")
                }
                (_, error) => format!("mount(2) system call failed: {}", error.text()),
            }
        }
        Errno::EINVAL if flags.contains(MountFlags::REMOUNT) => {
            "mount point not mounted or bad option".to_owned()
        }
        Errno::EINVAL => {
            let on = if shown.is_empty() { "unknown".to_owned() } else { shown };
            format!(
                "wrong fs type, bad option, bad superblock on {on}, missing codepage or helper program, or other error"
            )
        }
        Errno::EMFILE => "mount table full".to_owned(),
        Errno::EIO => format!("can't read superblock on {shown}"),
        Errno::ENODEV => format!("unknown filesystem type '{}'", String::from_utf8_lossy(fstype)),
        Errno::ENOTBLK => format!("{shown} is not a block device"),
        Errno::ENXIO => format!("{shown} is not a valid block device"),
        Errno::EACCES | Errno::EROFS if flags.contains(MountFlags::BIND) => format!("bind {shown} failed"),
        Errno::EACCES | Errno::EROFS => format!("cannot mount {shown} read-only"),
        error => format!("mount(2) system call failed: {}", error.text()),
    }
}

/// What is mounted below the task's root, with targets as the task sees them, in mount order.
pub(super) fn visible(run: &mut Run<'_, '_>) -> Vec<MountInfo> {
    let mounts = run.system.kernel.mountinfo().unwrap_or_default();
    proc::seen_from(mounts, &run.process.task.root)
}

fn list(run: &mut Run<'_, '_>, fstype: Option<&ByteString>) {
    for mount in visible(run) {
        if fstype.is_some_and(|wanted| wanted.split(|b| *b == b',').all(|one| one != &mount.fstype[..])) {
            continue;
        }
        let line = [
            &mount.source[..],
            b" on ",
            &mount.target,
            b" type ",
            &mount.fstype,
            b" (",
            &mount.options,
            b")\n",
        ];
        run.print(line.concat());
    }
}
