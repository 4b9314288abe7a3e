//! `vi FILE` in `layerlab shell`: opens a file of the lab in the editor of the person at the terminal.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use layerlab_core::kernel::{ByteString, path};
use layerlab_core::session::Request;

use crate::temp::Folder;

/// Why a file was not edited.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditError {
    /// Neither of the two variables names an editor.
    #[error("set EDITOR or VISUAL to the program that you edit with")]
    NoEditor,
    /// The editor could not be started, or the copy not be made.
    #[error("the editor did not run: {0}")]
    Failed(#[from] io::Error),
    /// It ended with another status than 0.
    #[error("the editor ended with {0}; nothing is changed")]
    Refused(std::process::ExitStatus),
}

/// Edits a copy of a file, and returns the request that writes it back; `None` where it is as it was.
///
/// The editor is `$VISUAL` or `$EDITOR`, with arguments if it has any, as git-var(1) describes `GIT_EDITOR`.
///
/// # Errors
/// The editor's or the disk's. The lab's file is untouched then.
pub(super) fn edit(file: ByteString, content: Option<&[u8]>) -> Result<Option<Request>, EditError> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut command = named("VISUAL").or_else(|| named("EDITOR")).ok_or(EditError::NoEditor)?;
    let folder = Folder::new("edit")?;
    let name = path::file_name(&file).map_or(&b"file"[..], |name| name);
    let copy = folder.path().join(OsStr::from_bytes(name));
    let before = content.unwrap_or_default();
    fs::write(&copy, before)?;
    command.push(" \"$@\"");
    let status = Command::new("sh").arg("-c").arg(command).arg("editor").arg(&copy).status()?;
    if !status.success() {
        return Err(EditError::Refused(status));
    }
    let after = fs::read(&copy)?;
    let is_new = content.is_none();
    let is_changed = is_new && !after.is_empty() || after != before;
    Ok(is_changed.then(|| Request::Edit { path: file, content: after.into(), after: 0 }))
}
