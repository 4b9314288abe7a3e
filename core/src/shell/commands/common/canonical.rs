//! A path without links and dots, for `realpath` and `readlink -f`.

use super::run::Run;
use crate::kernel::{ByteString, Errno, FileType, path};

/// How many links may lead to one another (Linux's `MAXSYMLINKS`).
pub(in crate::shell::commands) const MAX_LINKS: u32 = 40;

/// What of a path need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Missing {
    Nothing,
    Last,
    Anything,
}

/// A path without links and dots, as `realpath(3)`.
pub(in crate::shell::commands) fn canonical(
    run: &mut Run<'_, '_>,
    file: &[u8],
    missing: Missing,
) -> Result<ByteString, Errno> {
    if file.is_empty() {
        return Err(Errno::ENOENT);
    }
    let (kernel, task) = run.kernel();
    let full = path::join(&task.cwd, file);
    let mut todo: Vec<ByteString> = path::components(&full).rev().map(ByteString::from).collect();
    let mut done = ByteString::from("/");
    let mut links = 0;
    while let Some(part) = todo.pop() {
        match &part[..] {
            b"." => continue,
            b".." => {
                done = path::parent(&done).into();
                continue;
            }
            _ => {}
        }
        let next = path::join(&done, &part);
        match kernel.lstat(task, &next) {
            Ok(stat) if stat.kind == FileType::Symlink => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Errno::ELOOP);
                }
                let target = kernel.readlink(task, &next)?;
                if target.starts_with(b"/") {
                    done = "/".into();
                }
                todo.extend(path::components(&target).rev().map(ByteString::from));
            }
            Ok(stat) => {
                if !stat.is_dir() && !todo.is_empty() && missing != Missing::Anything {
                    return Err(Errno::ENOTDIR);
                }
                done = next;
            }
            Err(Errno::ENOENT)
                if missing == Missing::Anything || missing == Missing::Last && todo.is_empty() =>
            {
                done = next;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
