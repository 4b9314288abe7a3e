//! The extended attributes of an entry, as Docker's child process sets them, and what it logs where it cannot.

use super::{LayerCall, LayerError, go_text};
use crate::kernel::{Errno, Follow, Kernel, Task, Timespec, XattrMode};
use crate::oci::tar::TarEntry;
use crate::oci::time;

/// Sets an entry's attributes on its path. What this file system has no place for is left out and told to `log`, which
/// Docker's words hold where the layer is refused later on.
pub(super) fn set(
    kernel: &mut dyn Kernel,
    task: &Task,
    path: &[u8],
    entry: &TarEntry,
    log: &mut String,
) -> Result<(), LayerError> {
    let mut unset = Vec::new();
    for (name, value) in &entry.xattrs {
        match kernel.setxattr(task, path, name, value, XattrMode::Set, Follow::Link) {
            Ok(()) => {}
            Err(errno @ (Errno::EOPNOTSUPP | Errno::EPERM)) => unset.push(go_text(errno)),
            Err(errno) => {
                let what = format!("setxattr {}", String::from_utf8_lossy(path));
                return Err(LayerError::Call { call: LayerCall::SetXattr, what, errno });
            }
        }
    }
    if !unset.is_empty() {
        let now = Timespec { nsec: 0, ..kernel.clock_gettime() };
        *log += &format!(
            "time=\"{}\" level=warning msg=\"ignored xattrs in archive: underlying filesystem doesn't support \
             them\" errors=\"[{}]\"\n",
            time::format(now),
            unset.join(" ")
        );
    }
    Ok(())
}
