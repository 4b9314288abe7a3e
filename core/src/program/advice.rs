//! Advice on what the kernel refused: known by the last words of a message, which are the C library's for every program.

use super::{Output, System};
use crate::help::{Help, Topic};
use crate::kernel::{Errno, Task};

/// Gives advice on a message that `stderr` has shown, where it ends in an error that a learner of layers meets.
pub fn advise_on_errno(system: &mut System<'_>, stderr: Output, task: &Task, message: &[u8]) {
    if !system.world.files.is_heard(stderr.0) {
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
    } else {
        return;
    };
    system.world.help.add(help);
}
