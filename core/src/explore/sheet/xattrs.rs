//! Whether what a sheet holds could have an entry's attributes: the simulator's kernel says.

use crate::explore::node::NodeKind;
use crate::kernel::{Device, Errno, FileType, Follow, Kernel, Result, Task, XattrMode, fs};
use crate::oci::Hasher;
use crate::oci::layer::{LayerCall, LayerError};
use crate::oci::tar::TarEntry;
use crate::sim::SimKernel;

const PATH: &[u8] = b"/x";

/// Docker refuses the layer where an attribute cannot be set, unless it is of a kind that the file system does not keep.
pub(super) fn check(entry: &TarEntry, kind: &NodeKind, path: &[u8]) -> std::result::Result<(), LayerError> {
    if entry.xattrs.is_empty() {
        return Ok(());
    }
    set(entry, kind).map_err(|errno| {
        let what = format!("setxattr {}", String::from_utf8_lossy(path));
        LayerError::Call { call: LayerCall::SetXattr, what, errno }
    })
}

fn set(entry: &TarEntry, kind: &NodeKind) -> Result<()> {
    let (mut kernel, task) = (SimKernel::new(), Task::root());
    match kind {
        NodeKind::Dir { .. } => kernel.mkdir(&task, PATH, 0o755)?,
        NodeKind::File { .. } => fs::write(&mut kernel, &task, PATH, b"", 0o644)?,
        NodeKind::Symlink(_) => kernel.symlink(&task, b"x", PATH)?,
        NodeKind::Device(..) | NodeKind::Fifo | NodeKind::Whiteout => {
            kernel.mknod(&task, PATH, FileType::Fifo, 0o644, Device::default())?;
        }
    }
    for (name, value) in &entry.xattrs {
        match kernel.setxattr(&task, PATH, name, value, XattrMode::Set, Follow::Link) {
            Ok(()) | Err(Errno::EOPNOTSUPP | Errno::EPERM) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The SHA-256 of an entry's attributes with their values, where it has any: values may be long, and are only compared.
pub(super) fn digest(entry: &TarEntry) -> Option<Box<[u8; 32]>> {
    if entry.xattrs.is_empty() {
        return None;
    }
    let mut hasher = Hasher::new();
    for text in entry.xattrs.iter().flat_map(|(name, value)| [name, value]) {
        hasher.update(&(text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finish().as_bytes().try_into().ok().map(Box::new)
}
