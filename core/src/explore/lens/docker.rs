//! Layers as Docker's overlay2 unpacks them, by the engine's own unpacker: each in a directory of its own.

use super::disk::{Disk, content_of};
use crate::engine::OVERLAY;
use crate::explore::image::Record;
use crate::kernel::{Kernel, Task};
use crate::oci::layer::{LayerError, Unpacker};
use crate::oci::tar::Kind;
use crate::oci::{Limits, gopath};

/// Unpacks a layer beside those below.
pub(super) fn apply(disk: &mut Disk, layer: usize, records: &[Record]) -> Result<(), LayerError> {
    let dir = disk.layer(layer)?;
    let inside = Task::root().chrooted(dir.clone());
    let mut unpacker = Unpacker::new(&Task::root(), &dir, OVERLAY, Limits::default()).as_docker();
    for record in records {
        match record {
            Record::Entry(entry) => {
                unpacker.entry(&mut disk.kernel, entry.clone())?;
                // A marker has made something else, or nothing.
                if entry.kind == Kind::File
                    && let Ok(stat) = disk.kernel.lstat(&inside, &gopath::rooted(&entry.name))
                {
                    disk.keep(stat.ino, content_of(layer, entry));
                }
            }
            Record::Global(name) => unpacker.global(&mut disk.kernel, name)?,
        }
    }
    unpacker.settle(&mut disk.kernel)
}
