//! The child's end: makes the namespaces, then does what the parent asks.
//!
//! Two threads: the first reads the socket and lives as long as the parent (its parent-death signal would be lost with
//! a change of effective ids, and so would the parent's end go unseen during a long call); the second is the kernel's
//! and does the work.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};

use layerlab_core::session::SimBackend;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::process::{Resource, Signal, getegid, geteuid};
use rustix::thread::CapabilitySet;

use super::ids;
use super::machine::HostMachine;
use super::room::{self, NamedDisk, Refusal};
use super::wire::{self, Ids, Mapped, Order, Ready, Setup, Start};
use super::work::{Work, session};
use crate::linux::Naming;

/// What the namespaces came to.
#[derive(Debug)]
struct Room {
    naming: Naming,
    ids: Ids,
    proc: OwnedFd,
    disk: Option<NamedDisk>,
}

/// What the kernel's thread works on.
#[derive(Debug)]
enum Plan {
    Host(Room),
    Sim { clock: i64 },
}

/// Runs the child on its standard input, which is the socket, until the parent is gone.
///
/// # Errors
/// What the socket or Linux says before the session stands; later errors go to the parent.
pub fn serve() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let stdin = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let mut socket = UnixStream::from(stdin);
    let not_ours = |_| io::Error::new(io::ErrorKind::InvalidInput, "this command is for layerlab's own use");
    let plan = match wire::receive(&mut socket).map_err(not_ours)? {
        Start::Sim { clock } => Plan::Sim { clock },
        Start::Host { root, subordinate_ids } => {
            let root = root.as_ref().map(|root| &root[..]);
            match make_room(&mut socket, root, subordinate_ids) {
                Ok(room) => Plan::Host(room),
                Err(refusal) => return wire::send(&mut socket, &Setup::Refused(refusal)),
            }
        }
    };
    let (orders, queue) = channel();
    let answers = socket.try_clone()?;
    let kernel = std::thread::Builder::new().name("kernel".into()).stack_size(64 << 20);
    kernel.spawn(move || {
        // Unwinding has said what went wrong on stderr; the parent sees that the socket is closed.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(plan, &queue, answers)));
        std::process::exit(i32::from(ended.is_err()) * 101);
    })?;
    while let Ok(order) = wire::receive(&mut socket) {
        if orders.send(order).is_err() {
            break;
        }
    }
    std::process::exit(0)
}

fn make_room(socket: &mut UnixStream, root: Option<&[u8]>, subordinate: bool) -> Result<Room, Refusal> {
    raise_descriptors();
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    let may_mount = uid == 0
        && rustix::thread::capabilities(None)
            .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_ADMIN | CapabilitySet::SYS_CHROOT));
    room::unshare(may_mount)?;
    let ids = if may_mount {
        // Root of a user namespace that somebody else made (a container) has what that one mapped.
        ids::mapped_here().map_err(needs_proc)?
    } else if subordinate && ask_for_ids(socket).map_err(|error| error.to_string())? {
        Ids::Subordinate
    } else {
        ids::map_own(uid, gid).map_err(|error| {
            format!("user namespaces are not allowed for this user here ({error}): run as root")
        })?;
        Ids::One
    };
    let naming = if ids == Ids::Machine { Naming::Trusted } else { Naming::User };
    room::make_private()?;
    let disk = root.map(|path| NamedDisk::take(path, naming)).transpose()?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let proc = rustix::fs::openat(CWD, c"/proc", flags, Mode::empty()).map_err(needs_proc)?;
    let root_of = |error| format!("the lab's root cannot be made ({error}): Linux 5.11 or newer is needed");
    room::enter_fresh_tmpfs().map_err(root_of)?;
    room::check_overlay(naming)?;
    if let Some(disk) = &disk {
        disk.enter().map_err(root_of)?;
    }
    Ok(Room { naming, ids, proc, disk })
}

fn needs_proc(error: impl std::fmt::Display) -> Refusal {
    format!("/proc is needed, and cannot be read ({error}): mount it (mount -t proc proc /proc)")
}

fn ask_for_ids(socket: &mut UnixStream) -> io::Result<bool> {
    wire::send(socket, &Setup::MapIds(std::process::id()))?;
    let Mapped(mapped) = wire::receive(socket)?;
    Ok(mapped)
}

/// As many open files as the hard limit allows: a lab of many layers holds many.
fn raise_descriptors() {
    let mut limit = rustix::process::getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = rustix::process::setrlimit(Resource::Nofile, limit);
}

fn work(plan: Plan, queue: &Receiver<Order>, mut answers: UnixStream) {
    let (ids, mut work) = match plan {
        Plan::Sim { clock } => (Ids::Machine, Work::Session(session(Box::new(SimBackend::new(clock))))),
        Plan::Host(room) => match HostMachine::new(room.naming, room.proc, room.disk) {
            Ok(machine) => (room.ids, Work::Machine(Box::new(machine))),
            Err(error) => {
                let refusal = format!("this thread cannot have a root of its own: {error}");
                let _ = wire::send(&mut answers, &Setup::Refused(refusal));
                return;
            }
        },
    };
    if wire::send(&mut answers, &Setup::Ready(Ready { ids })).is_err() {
        return;
    }
    while let Ok(order) = queue.recv() {
        let mut sent = Ok(());
        work = work.obey(order, queue, &mut |answer| {
            if sent.is_ok() {
                sent = wire::send(&mut answers, &answer);
            }
        });
        if sent.is_err() {
            return;
        }
    }
}
