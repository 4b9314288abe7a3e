//! Paths followed within a tree.

use super::error::{Error, Result};
use crate::kernel::{ByteString, Kernel, Task, path};

/// Links that one path may lead through.
const MAX_LINKS: usize = 255;

/// Follows every link of a path within the task's root, the last one too; what is missing stays as it is named
/// (moby `pkg/symlink`, `FollowSymlinkInScope`).
pub(super) fn scoped(kernel: &mut dyn Kernel, task: &Task, asked: &[u8]) -> Result<ByteString> {
    let mut rest: Vec<Vec<u8>> =
        asked.split(|b| *b == b'/').rev().filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect();
    let mut at = ByteString::from("/");
    let mut links = 0;
    while let Some(part) = rest.pop() {
        match part.as_slice() {
            b"." => continue,
            b".." => {
                at = ByteString::from(path::parent(&at));
                continue;
            }
            _ => {}
        }
        let next = path::join(&at, &part);
        let Ok(link) = kernel.readlink(task, &next) else {
            at = next;
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return Err(Error::Failed(format!("too many links in {}", next.to_text())));
        }
        if link.starts_with(b"/") {
            at = ByteString::from("/");
        }
        let parts = link.split(|b| *b == b'/').rev().filter(|part| !part.is_empty());
        rest.extend(parts.map(<[u8]>::to_vec));
    }
    Ok(at)
}
