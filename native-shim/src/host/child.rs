//! The child's end: makes the namespaces, then does what the parent asks.
//!
//! Two threads: the first reads the socket and lives as long as the parent (its parent-death signal would be lost with
//! a change of effective ids, and so would the parent's end go unseen during a long call); the second is the kernel's
//! and does the work.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};

use layerlab_core::kernel::perform;
use layerlab_core::kernel::trace::{self, Report, Trace};
use layerlab_core::kernel::verify::verify;
use layerlab_core::session::Backend;
use layerlab_core::sim::SimKernel;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::process::{Resource, Signal, getegid, geteuid};
use rustix::thread::CapabilitySet;

use super::ids;
use super::machine::HostMachine;
use super::room::{self, NamedDisk, Refusal};
use super::wire::{self, Answer, Ids, Mapped, Order, Ready, Setup, Start};
use crate::linux::Naming;

/// What the namespaces came to.
#[derive(Debug)]
struct Room {
    naming: Naming,
    ready: Ready,
    proc: OwnedFd,
    disk: Option<NamedDisk>,
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
    let Start { root, subordinate_ids } = wire::receive(&mut socket).map_err(not_ours)?;
    let root = root.as_ref().map(|root| &root[..]);
    let room = match make_room(&mut socket, root, subordinate_ids) {
        Ok(room) => room,
        Err(refusal) => return wire::send(&mut socket, &Setup::Refused(refusal)),
    };
    let (orders, queue) = channel();
    let answers = socket.try_clone()?;
    let kernel = std::thread::Builder::new().name("kernel".into()).stack_size(64 << 20);
    kernel.spawn(move || {
        // Unwinding has said what went wrong on stderr; the parent sees that the socket is closed.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(room, &queue, answers)));
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
    Ok(Room { naming, ready: Ready { ids }, proc, disk })
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

fn work(room: Room, queue: &Receiver<Order>, mut answers: UnixStream) {
    let ready = room.ready;
    let mut machine = match HostMachine::new(room.naming, room.proc, room.disk) {
        Ok(machine) => machine,
        Err(error) => {
            let refusal = format!("this thread cannot have a root of its own: {error}");
            let _ = wire::send(&mut answers, &Setup::Refused(refusal));
            return;
        }
    };
    if wire::send(&mut answers, &Setup::Ready(ready)).is_err() {
        return;
    }
    let mut answer = |answer: Answer| wire::send(&mut answers, &answer);
    while let Ok(order) = queue.recv() {
        if obey(order, &mut machine, &mut answer).is_err() {
            return;
        }
    }
}

/// Below a directory of its own, which is taken away again.
fn replay(machine: &mut HostMachine, text: &[u8]) -> Result<Report, String> {
    let trace = Trace::parse(text).map_err(|error| error.to_string())?;
    Ok(trace::replay(machine.kernel(), b"/trace", &trace))
}

fn obey(
    order: Order,
    machine: &mut HostMachine,
    answer: &mut dyn FnMut(Answer) -> io::Result<()>,
) -> io::Result<()> {
    match order {
        Order::Calls(calls) => {
            let outcomes = calls.iter().map(|(task, call)| perform(machine.kernel(), task, call)).collect();
            answer(Answer::Outcomes(outcomes))
        }
        Order::Mounts => answer(Answer::Mounts(machine.kernel().mountinfo().unwrap_or_default())),
        Order::Reset => answer(Answer::Reset(machine.reset())),
        Order::Replay(text) => answer(Answer::Replayed(replay(machine, &text))),
        Order::Verify(plan) => {
            let mut model = SimKernel::new();
            answer(Answer::Verified(verify(machine.kernel(), &mut model, b"/verify", &plan)))
        }
    }
}
