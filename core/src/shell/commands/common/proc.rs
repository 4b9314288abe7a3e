//! Files of `/proc` that commands read.

use super::run::Run;
use crate::kernel::fs;

pub(in crate::shell::commands) fn text(run: &mut Run<'_, '_>, file: &str) -> String {
    let task = run.process.task.clone();
    let bytes = fs::read(run.system.kernel, &task, file.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
