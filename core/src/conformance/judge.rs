//! Calls that were made on one kernel, made again on another and judged: in whatever process or worker that one is.

use std::collections::BTreeMap;

use crate::kernel::{Call, Fd, Kernel, Made, Outcome, Stat, Task, Timespec, Value, perform};

/// Makes calls again on another kernel, which must stand where the first one stood before them.
#[derive(Debug, Default)]
pub struct Judge {
    /// The other kernel's descriptors, by the first one's.
    fds: BTreeMap<Fd, Fd>,
}

impl Judge {
    /// Makes a call. Returns what the kernel answered where that is not the same.
    ///
    /// Times, inode numbers, the sizes of directories and the order of a listing are each kernel's own, as are the list of
    /// mounts, the room on a disk, and overlayfs's handles.
    pub fn make(&mut self, kernel: &mut dyn Kernel, made: &Made) -> Option<Outcome> {
        let mut call = made.call.clone();
        call.map_fds(|fd| self.fds.get(&fd).copied().unwrap_or(fd));
        let mut task = made.task.clone().unwrap_or_else(Task::root);
        task.dir = task.dir.map(|fd| self.fds.get(&fd).copied().unwrap_or(fd));
        let outcome = perform(kernel, &task, &call);
        if let (Outcome::Ok(Value::Fd(there)), Outcome::Ok(Value::Fd(here))) = (&made.outcome, &outcome) {
            self.fds.insert(*there, *here);
        }
        let is_alike = match (&made.outcome, &outcome) {
            (Outcome::Ok(_), Outcome::Ok(_)) if is_handle(&call) => true,
            (there, here) => common(there) == common(here),
        };
        (!is_alike).then_some(outcome)
    }
}

/// Whether a call reads overlayfs's mark of where a file was copied up from: a handle, which each kernel makes for itself.
fn is_handle(call: &Call) -> bool {
    matches!(call, Call::Getxattr { name, .. } if name.ends_with(b".overlay.origin"))
}

/// What two kernels have in common of an answer.
fn common(outcome: &Outcome) -> Outcome {
    let Outcome::Ok(value) = outcome else { return outcome.clone() };
    Outcome::Ok(match value {
        Value::Stat(stat) => {
            let never = Timespec::default();
            let size = if stat.is_dir() { 0 } else { stat.size };
            let own = Stat { dev: 0, ino: 0, size, blocks: 0, ..stat.clone() };
            Value::Stat(Stat { atime: never, mtime: never, ctime: never, ..own })
        }
        Value::Entries(list) => {
            let mut list = list.clone();
            for entry in &mut list {
                entry.ino = 0;
            }
            list.sort_by(|a, b| a.name.cmp(&b.name));
            Value::Entries(list)
        }
        Value::Names(names) => {
            let mut names = names.clone();
            names.sort();
            Value::Names(names)
        }
        Value::Fd(_) | Value::Mounts(_) | Value::Space(_) => Value::Unit,
        value => value.clone(),
    })
}
