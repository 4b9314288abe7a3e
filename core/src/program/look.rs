//! `/proc` and `/sys` as somebody looks at them: every process that is seen from there, with the looker as `self`.
//!
//! The texts are written when a program starts that names a path there, and when the shell opens or lists one. So a
//! loop of ten thousand commands costs nothing, and whoever reads finds what there is.

use sha2::{Digest as _, Sha256};

use super::proc::{self, Shown};
use super::sysctl;
use super::wait::Pid;
use super::{Place, Process, Row, System};
use crate::kernel::{Kernel, MountFlags, Result, Task, fs, path};

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Its name.
    pub name: String,
    /// Its hardware address.
    pub address: String,
    /// Its largest packet.
    pub mtu: u32,
}

/// What surrounds a process and is not a process: its network, and whose namespaces it has. Nothing is the host's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// The interfaces that it sees.
    pub faces: Vec<Face>,
    /// The container whose network it has.
    pub net: Option<String>,
    /// The container whose System V IPC it has.
    pub ipc: Option<String>,
    /// The container whose name it has.
    pub uts: Option<String>,
}

/// Says what surrounds the processes at a place.
pub type LooksAround = fn(&mut System<'_>, &Place) -> Around;

/// Returns whether a program is likely to read `/proc` or `/sys`: its working directory is there, or an argument names a path
/// there.
pub(super) fn is_about(process: &Process) -> bool {
    let names = |text: &[u8]| text.windows(5).any(|w| w == b"/proc" || w == b"/sys/");
    let cwd = &process.task.cwd;
    cwd.starts_with(b"/proc") || cwd.starts_with(b"/sys") || process.args.iter().any(|arg| names(arg))
}

/// Brings `/proc` and `/sys` up to date for a process that looks there. What cannot be written is as it was.
pub fn look(system: &mut System<'_>, process: &Process) {
    let around = system.table.around().map(|around| around(system, &process.place)).unwrap_or_default();
    let own = system.current;
    let from = &process.place;
    let tasks = &system.world.tasks;
    let seen: Vec<(Shown, Vec<u8>)> = tasks
        .iter()
        .filter_map(|row| {
            let number = tasks.number(from, row)?;
            let parent = tasks.get(row.parent).and_then(|row| tasks.number(from, row)).unwrap_or_default();
            let (task, env) = match &row.core {
                _ if row.pid == own => (process.task.clone(), &process.env),
                Some(core) => (core.process.task.clone(), &core.process.env),
                None => return None,
            };
            let environ =
                env.iter().flat_map(|(name, value)| [&name[..], b"=", value, b"\0"].concat()).collect();
            let args = if row.pid == own { process.args.clone() } else { row.args.clone() };
            let state = state_of(row, own);
            Some((Shown { pid: number, parent, args, task, state, cgroup: cgroup(from, row) }, environ))
        })
        .collect();
    let number = tasks.get(own).and_then(|row| tasks.number(from, row));
    let spaces = namespaces(system, from, &around);
    let limits = limits(system, from);
    let root = process.task.root.clone();
    let kernel = &mut *system.kernel;
    let table =
        kernel.mountinfo().map(|mounts| proc::mountinfo(&proc::seen_from(mounts, &root))).unwrap_or_default();
    let host = Task::root();
    // The runtime sets the machine's name, and writes the same to this file.
    let name = fs::read(kernel, &host, &path::join(&root, b"etc/hostname")).ok();
    let _ = proc::change(kernel, &root, |kernel, dir| {
        for entry in fs::read_dir(kernel, &host, dir)? {
            let gone =
                entry.name.to_text().parse::<Pid>().is_ok_and(|pid| seen.iter().all(|(s, _)| s.pid != pid));
            if gone {
                fs::remove_all(kernel, &host, &path::join(dir, &entry.name))?;
            }
        }
        for (shown, environ) in &seen {
            let place = path::join(dir, shown.pid.to_string().as_bytes());
            proc::describe(kernel, dir, shown)?;
            proc::put(kernel, &place, "environ", environ)?;
            proc::put(kernel, &place, "mountinfo", &table)?;
            proc::link(kernel, &place, "cwd", &shown.task.cwd)?;
            proc::link(kernel, &place, "root", b"/")?;
            fs::mkdir_all(kernel, &host, &path::join(&place, b"ns"), 0o511)?;
            for (kind, inode) in &spaces {
                let text = format!("{kind}:[{inode}]");
                proc::link(kernel, &path::join(&place, b"ns"), kind, text.as_bytes())?;
            }
        }
        if let Some(number) = number {
            proc::link(kernel, dir, "self", number.to_string().as_bytes())?;
        }
        if !fs::exists(kernel, &host, &path::join(dir, b"sys/kernel/ostype")) {
            sysctl::fill(kernel, dir, &std::collections::BTreeMap::new())?;
        }
        if let Some(name) = &name {
            proc::put(kernel, &path::join(dir, b"sys/kernel"), "hostname", name)?;
        }
        net_dev(kernel, dir, &around.faces)
    });
    let _ = show_sys(kernel, &root, &around.faces, &limits);
}

fn state_of(row: &Row, own: Pid) -> char {
    match () {
        () if row.ended.is_some() => 'Z',
        () if row.stopped || row.paused => 'T',
        () if row.pid == own => 'R',
        () => 'S',
    }
}

/// A control group's path, as the host sees it, or a container its own.
fn cgroup(from: &Place, row: &Row) -> String {
    match (from, &row.place) {
        (Place::Host, Place::Container(id)) => format!("/docker/{id}"),
        _ => "/".to_owned(),
    }
}

/// The numbers of a place's namespaces (namespaces(7)): those of the host are Linux's first ones.
fn namespaces(system: &System<'_>, from: &Place, around: &Around) -> Vec<(&'static str, u64)> {
    let id = |place: &Place| match place {
        Place::Host => None,
        Place::Container(id) => Some(id.clone()),
    };
    let own = id(from);
    let pid = id(system.world.tasks.space(from));
    let list = [
        ("cgroup", 4_026_531_835, &None),
        ("ipc", 4_026_531_839, &around.ipc),
        ("mnt", 4_026_531_841, &own),
        ("net", 4_026_531_840, &around.net),
        ("pid", 4_026_531_836, &pid),
        ("user", 4_026_531_837, &None),
        ("uts", 4_026_531_838, &around.uts),
    ];
    list.into_iter()
        .map(|(kind, first, owner)| match owner {
            None => (kind, first),
            Some(id) => {
                let hash = Sha256::digest(format!("{kind} of {id}"));
                (kind, 4_026_532_000 + (u64::from(hash[0]) << 8 | u64::from(hash[1])))
            }
        })
        .collect()
}

fn net_dev(kernel: &mut dyn Kernel, dir: &[u8], faces: &[Face]) -> Result<()> {
    let place = path::join(dir, b"net");
    fs::mkdir_all(kernel, &Task::root(), &place, 0o555)?;
    let mut text = String::from(
        "Inter-|   Receive                                                |  Transmit\n \
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls \
         carrier compressed\n",
    );
    for face in faces {
        text.push_str(&format!("{:>6}:", face.name));
        for width in [8, 8, 5, 5, 5, 6, 11, 10, 9, 8, 5, 5, 5, 6, 8, 11] {
            text.push_str(&format!("{:>width$}", 0));
        }
        text.push('\n');
    }
    proc::put(kernel, &place, "dev", text.as_bytes())
}

/// A container's limits as files of its control groups (the kernel's `cgroup-v1/memory`, `cgroup-v1/pids`).
fn limits(system: &System<'_>, place: &Place) -> Vec<(&'static str, String)> {
    let Place::Container(id) = place else { return Vec::new() };
    let Some(running) = system.world.running.get(id) else { return Vec::new() };
    // What nobody has limited is the largest number of whole pages.
    let memory = if running.memory == 0 { 0x7fff_ffff_ffff_f000 } else { running.memory };
    let pids = if running.pids == 0 { "max".to_owned() } else { running.pids.to_string() };
    vec![
        ("fs/cgroup/memory/memory.limit_in_bytes", format!("{memory}\n")),
        ("fs/cgroup/pids/pids.max", format!("{pids}\n")),
    ]
}

/// Shows the interfaces in a container's `/sys/class/net`, and its limits.
fn show_sys(kernel: &mut dyn Kernel, root: &[u8], faces: &[Face], limits: &[(&str, String)]) -> Result<()> {
    let place = path::join(root, b"sys");
    if !kernel.mountinfo()?.iter().any(|mount| mount.target == place && mount.source == "sysfs") {
        return Ok(());
    }
    let guards = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::BIND | MountFlags::REMOUNT;
    let host = Task::root();
    kernel.mount(&host, b"", &place, b"", guards, b"")?;
    let net = path::join(&place, b"class/net");
    let mut write = || -> Result<()> {
        if fs::exists(kernel, &host, &net) {
            fs::remove_all(kernel, &host, &net)?;
        }
        for (file, text) in limits {
            let file = path::join(&place, file.as_bytes());
            fs::mkdir_all(kernel, &host, path::parent(&file), 0o755)?;
            fs::write(kernel, &host, &file, text.as_bytes(), 0o644)?;
        }
        for face in faces {
            let dir = path::join(&net, face.name.as_bytes());
            fs::mkdir_all(kernel, &host, &dir, 0o755)?;
            proc::put(kernel, &dir, "address", format!("{}\n", face.address).as_bytes())?;
            proc::put(kernel, &dir, "mtu", format!("{}\n", face.mtu).as_bytes())?;
            let state: &[u8] = if face.name == "lo" { b"unknown\n" } else { b"up\n" };
            proc::put(kernel, &dir, "operstate", state)?;
        }
        Ok(())
    };
    let written = write();
    kernel.mount(&host, b"", &place, b"", guards | MountFlags::RDONLY, b"")?;
    written
}
