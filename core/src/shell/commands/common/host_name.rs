//! The name of the machine that a process sees.

use super::run::Run;
use crate::kernel::{ByteString, Task, fs};
use crate::program::Place;

/// The machine's name, as the file in the task's root has it.
pub(in crate::shell::commands) fn own_name(run: &mut Run<'_, '_>) -> String {
    let hosts = match &run.process.place {
        Place::Container(id) => run.system.world.running.get(id).is_some_and(|running| running.has_host_name),
        Place::Host => false,
    };
    let reader = if hosts { Task::root() } else { Task { uid: 0, ..run.process.task.clone() } };
    let file = fs::read(run.system.kernel, &reader, b"/etc/hostname").unwrap_or_default();
    let text = String::from_utf8_lossy(&file).trim().to_owned();
    let from_env = || run.process.env.get(&b"HOSTNAME"[..]).map(ByteString::to_text);
    if text.is_empty() { from_env().unwrap_or_else(|| "lab".to_owned()) } else { text }
}
