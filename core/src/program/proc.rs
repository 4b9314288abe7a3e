//! `/proc`: what programs read of processes, mounts and the machine, as files (proc(5)).
//!
//! It is a file system of its own on the lab's host and in each container, so that no layer ever holds any of it. The
//! texts are written when a process starts or ends and when something is mounted; nobody else can write there.

use crate::kernel::{ByteString, Kernel, MountFlags, MountInfo, Result, Task, Timespec, fs, path};

/// What is there once and for all. The sizes are those that `docker info` tells.
const FIXED: [(&str, &str); 4] = [
    ("version", "Linux version 6.18.0-layerlab (lab@layerlab) #1 SMP PREEMPT_DYNAMIC\n"),
    ("filesystems", "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevpts\nnodev\toverlay\n"),
    (
        "meminfo",
        "MemTotal:       24683520 kB\nMemFree:        20971520 kB\nMemAvailable:   22544384 kB\n\
         Buffers:           16384 kB\nCached:           245760 kB\nSwapTotal:             0 kB\n\
         SwapFree:              0 kB\n",
    ),
    (
        "cpuinfo",
        "processor\t: 0\nvendor_id\t: Layerlab\nmodel name\t: simulated\ncpu cores\t: 1\n\n\
         processor\t: 1\nvendor_id\t: Layerlab\nmodel name\t: simulated\ncpu cores\t: 1\n\n",
    ),
];

/// A process as `/proc` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its number, where it is shown.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// What it was started with.
    pub args: Vec<ByteString>,
    /// Who it is.
    pub task: Task,
    /// `R`, `S`, `T` or `Z` (proc_pid_status(5)).
    pub state: char,
    /// The path of its control group.
    pub cgroup: String,
}

/// Mounts `/proc` in a tree and fills it with what does not change.
///
/// # Errors
/// The mount's.
pub fn mount(kernel: &mut dyn Kernel, root: &[u8]) -> Result<()> {
    let place = path::join(root, b"proc");
    kernel.mount(&Task::root(), b"proc", &place, b"tmpfs", GUARDS, b"mode=555")?;
    for (name, text) in FIXED {
        put(kernel, &place, name, text.as_bytes())?;
    }
    kernel.symlink(&Task::root(), b"self/mounts", &path::join(&place, b"mounts"))?;
    lock(kernel, &place, true)
}

/// Shows a process that starts. Where it is the first, `self` leads to it.
///
/// # Errors
/// The disk's.
pub fn add(kernel: &mut dyn Kernel, root: &[u8], process: &Shown) -> Result<()> {
    change(kernel, root, |kernel, place| {
        describe(kernel, place, process)?;
        if fs::lstat_opt(kernel, &Task::root(), &path::join(place, b"self"))?.is_none() {
            link(kernel, place, "self", process.pid.to_string().as_bytes())?;
        }
        Ok(())
    })
}

/// Writes the files of one process below a writable `/proc`.
///
/// # Errors
/// The disk's.
pub(super) fn describe(kernel: &mut dyn Kernel, place: &[u8], process: &Shown) -> Result<()> {
    let host = Task::root();
    let dir = path::join(place, process.pid.to_string().as_bytes());
    fs::mkdir_all(kernel, &host, &dir, 0o555)?;
    let name = comm(&process.args);
    put(kernel, &dir, "comm", &[&name[..], b"\n"].concat())?;
    let line: Vec<u8> = process.args.iter().flat_map(|arg| [&arg[..], b"\0"].concat()).collect();
    put(kernel, &dir, "cmdline", &line)?;
    put(kernel, &dir, "cgroup", format!("0::{}\n", process.cgroup).as_bytes())?;
    put(kernel, &dir, "status", &status(process, &name))?;
    put(kernel, &dir, "stat", &stat(process, &name))?;
    let descriptors = path::join(&dir, b"fd");
    fs::mkdir_all(kernel, &host, &descriptors, 0o500)?;
    for number in ["0", "1", "2"] {
        link(kernel, &descriptors, number, b"/dev/pts/0")?;
    }
    Ok(())
}

/// Forgets a process that ended.
///
/// # Errors
/// The disk's.
pub fn remove(kernel: &mut dyn Kernel, root: &[u8], pid: u32) -> Result<()> {
    change(kernel, root, |kernel, place| {
        fs::remove_all(kernel, &Task::root(), &path::join(place, pid.to_string().as_bytes()))
    })
}

/// Writes anew what a mount or an unmount below `root` changes.
///
/// # Errors
/// The disk's.
pub fn mounts_changed(kernel: &mut dyn Kernel, root: &[u8]) -> Result<()> {
    change(kernel, root, |_, _| Ok(()))
}

const GUARDS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Does something in the `/proc` of a tree, if it has one, and brings the texts up to date that any change touches.
pub(super) fn change(
    kernel: &mut dyn Kernel,
    root: &[u8],
    work: impl FnOnce(&mut dyn Kernel, &[u8]) -> Result<()>,
) -> Result<()> {
    let place = path::join(root, b"proc");
    let mounts = kernel.mountinfo()?;
    if !mounts.iter().any(|mount| mount.target == place && mount.source == "proc") {
        return Ok(());
    }
    lock(kernel, &place, false)?;
    let done = work(kernel, &place).and_then(|()| refresh(kernel, &place, &seen_from(mounts, root)));
    lock(kernel, &place, true)?;
    done
}

/// Lets `/proc` be written, or nobody.
fn lock(kernel: &mut dyn Kernel, place: &[u8], locked: bool) -> Result<()> {
    let mut flags = GUARDS | MountFlags::BIND | MountFlags::REMOUNT;
    flags.set(MountFlags::RDONLY, locked);
    kernel.mount(&Task::root(), b"", place, b"", flags, b"")
}

fn refresh(kernel: &mut dyn Kernel, place: &[u8], mounts: &[MountInfo]) -> Result<()> {
    let table: Vec<u8> = mounts.iter().flat_map(line).collect();
    let mut last = 0;
    let mut count = 0;
    for entry in fs::read_dir(kernel, &Task::root(), place)? {
        let Ok(pid) = entry.name.to_text().parse::<u32>() else { continue };
        put(kernel, &path::join(place, &entry.name), "mounts", &table)?;
        last = last.max(pid);
        count += 1;
    }
    // The machine came up when the host's own `/proc` was made.
    let up = kernel.stat(&Task::root(), b"/proc/version").map_or(Timespec::default(), |stat| stat.mtime);
    let up = kernel.clock_gettime().sec.saturating_sub(up.sec).max(0);
    put(kernel, place, "uptime", format!("{up}.00 {up}.00\n").as_bytes())?;
    put(kernel, place, "loadavg", format!("0.00 0.00 0.00 1/{count} {last}\n").as_bytes())
}

pub(super) fn put(kernel: &mut dyn Kernel, dir: &[u8], name: &str, text: &[u8]) -> Result<()> {
    fs::write(kernel, &Task { umask: 0, ..Task::root() }, &path::join(dir, name.as_bytes()), text, 0o444)
}

pub(super) fn link(kernel: &mut dyn Kernel, dir: &[u8], name: &str, to: &[u8]) -> Result<()> {
    let at = path::join(dir, name.as_bytes());
    if fs::lstat_opt(kernel, &Task::root(), &at)?.is_some() {
        kernel.unlink(&Task::root(), &at)?;
    }
    kernel.symlink(&Task::root(), to, &at)
}

/// The program's name, at most 15 bytes.
fn comm(args: &[ByteString]) -> Vec<u8> {
    let name = args.first().and_then(|first| path::file_name(first)).unwrap_or_default();
    name[..name.len().min(15)].to_vec()
}

fn status(process: &Shown, name: &[u8]) -> Vec<u8> {
    let task = &process.task;
    let word = match process.state {
        'R' => "running",
        'T' => "stopped",
        'Z' => "zombie",
        _ => "sleeping",
    };
    let groups: Vec<String> = task.groups.iter().map(u32::to_string).collect();
    let groups = groups.join(" ");
    let bounding = task.caps.bits();
    let effective = if task.uid == 0 { bounding } else { 0 };
    let rest = format!(
        "\nUmask:\t{:04o}\nState:\t{} ({word})\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{}\n\
         Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{gid}\t{gid}\t{gid}\t{gid}\nGroups:\t{groups}\nThreads:\t1\n\
         CapInh:\t{:016x}\nCapPrm:\t{effective:016x}\nCapEff:\t{effective:016x}\nCapBnd:\t{bounding:016x}\n\
         CapAmb:\t{:016x}\n",
        task.umask,
        process.state,
        process.parent,
        0,
        0,
        pid = process.pid,
        uid = task.uid,
        gid = task.gid,
    );
    [b"Name:\t", name, rest.as_bytes()].concat()
}

/// The first fields of proc_pid_stat(5); what the lab does not measure is 0.
fn stat(process: &Shown, name: &[u8]) -> Vec<u8> {
    let zeros = " 0".repeat(44);
    let (pid, state, parent) = (process.pid, process.state, process.parent);
    let rest = format!(") {state} {parent} {pid} {pid} 34816 {pid}{zeros}\n");
    [format!("{pid} (").as_bytes(), name, rest.as_bytes()].concat()
}

/// The text of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)): what is of the mount, then what is of its file system.
pub(super) fn mountinfo(mounts: &[MountInfo]) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, mount) in mounts.iter().enumerate() {
        let options = mount.options.to_text();
        let (own, rest) = options.split_once(",relatime").unwrap_or((&options, ""));
        let mode = if mount.read_only { "ro" } else { "rw" };
        let parent = if at == 0 { 1 } else { 100 };
        let root = if mount.root.is_empty() { b"/".to_vec() } else { mount.root.to_vec() };
        text.extend_from_slice(format!("{} {parent} 0:{} ", 100 + at, 50 + at).as_bytes());
        text.extend_from_slice(&root);
        text.push(b' ');
        text.extend_from_slice(&mount.target);
        text.extend_from_slice(format!(" {own},relatime - ").as_bytes());
        text.extend_from_slice(&mount.fstype);
        text.push(b' ');
        text.extend_from_slice(&mount.source);
        text.extend_from_slice(format!(" {mode}{rest}\n").as_bytes());
    }
    text
}

/// A line of `/proc/mounts`: blanks and backslashes as octal numbers; `ro` also where the file system itself is.
fn line(mount: &MountInfo) -> Vec<u8> {
    let escape = |text: &[u8]| {
        let mut out = Vec::with_capacity(text.len());
        for byte in text {
            match byte {
                b' ' | b'\t' | b'\n' | b'\\' => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
                _ => out.push(*byte),
            }
        }
        out
    };
    let options = match mount.options.strip_prefix(b"rw") {
        Some(rest) if mount.read_only => [b"ro", rest].concat(),
        _ => mount.options.to_vec(),
    };
    let fields = [&mount.source[..], &mount.target, &mount.fstype, &options].map(escape);
    [&fields.join(&b' ')[..], b" 0 0\n"].concat()
}

/// What is mounted, as a process sees it whose root is `root`: with its own paths, in mount order. The host does not see
/// what is mounted in containers, which have mount namespaces of their own. `/proc` and `/sys` are shown as what they
/// stand for.
pub fn seen_from(mounts: Vec<MountInfo>, root: &[u8]) -> Vec<MountInfo> {
    let views: Vec<Vec<u8>> = mounts
        .iter()
        .filter(|mount| mount.fstype == "overlay" && mount.target.starts_with(b"/var/lib/docker/"))
        .map(|mount| [&mount.target[..], b"/"].concat())
        .collect();
    let inside = |mount: &MountInfo| -> Option<ByteString> {
        if root == b"/" {
            let hidden = views.iter().any(|view| mount.target.starts_with(view));
            return (!hidden).then(|| mount.target.clone());
        }
        match mount.target.strip_prefix(root)? {
            [] => Some("/".into()),
            rest @ [b'/', ..] => Some(rest.into()),
            _ => None,
        }
    };
    let shown = |mount: MountInfo| -> Option<MountInfo> {
        let target = inside(&mount)?;
        let (fstype, options) = match (&mount.source[..], &mount.fstype[..]) {
            (b"proc", b"tmpfs") => ("proc".into(), "rw,nosuid,nodev,noexec,relatime".into()),
            (b"sysfs", b"tmpfs") => ("sysfs".into(), "ro,nosuid,nodev,noexec,relatime".into()),
            _ => (mount.fstype.clone(), mount.options.clone()),
        };
        Some(MountInfo { target, fstype, options, ..mount })
    };
    mounts.into_iter().filter_map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Caps, Errno};
    use crate::sim::SimKernel;

    fn text(kernel: &mut SimKernel, path: &str) -> String {
        String::from_utf8_lossy(&fs::read(kernel, &Task::root(), path.as_bytes()).unwrap()).into_owned()
    }

    #[test]
    fn processes_come_and_go_and_nobody_writes() {
        let mut kernel = SimKernel::new();
        kernel.mkdir(&Task::root(), b"/proc", 0o755).unwrap();
        mount(&mut kernel, b"/").unwrap();
        let task = Task::root().with_caps(Caps::CONTAINER);
        let args = vec!["/bin/sleep".into(), "1000".into()];
        let shown = Shown { pid: 7, parent: 1, args, task, state: 'S', cgroup: "/docker/x".to_owned() };
        add(&mut kernel, b"/", &shown).unwrap();
        assert_eq!(text(&mut kernel, "/proc/self/cmdline"), "/bin/sleep\x001000\0");
        assert_eq!(text(&mut kernel, "/proc/7/comm"), "sleep\n");
        assert_eq!(text(&mut kernel, "/proc/7/cgroup"), "0::/docker/x\n");
        let status = text(&mut kernel, "/proc/7/status");
        assert!(status.contains("State:\tS (sleeping)\n") && status.contains("CapBnd:\t00000000a80425fb\n"));
        assert_eq!(
            text(&mut kernel, "/proc/mounts"),
            "lab / tmpfs rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
        );
        assert_eq!(text(&mut kernel, "/proc/loadavg"), "0.00 0.00 0.00 1/1 7\n");
        let write = fs::write(&mut kernel, &Task::root(), b"/proc/version", b"x", 0o644);
        assert_eq!(write, Err(Errno::EROFS));
        remove(&mut kernel, b"/", 7).unwrap();
        assert!(!fs::exists(&mut kernel, &Task::root(), b"/proc/7"));
    }

    #[test]
    fn a_read_only_file_system_and_odd_names_are_told() {
        let mount = MountInfo {
            source: "a b".into(),
            root: "/".into(),
            target: "/m".into(),
            fstype: "overlay".into(),
            options: r"rw,relatime,lowerdir=/l\,x".into(),
            read_only: true,
        };
        assert_eq!(
            line(&mount),
            br"a\040b /m overlay ro,relatime,lowerdir=/l\134,x 0 0"
                .iter()
                .copied()
                .chain(*b"\n")
                .collect::<Vec<_>>()
        );
    }
}
