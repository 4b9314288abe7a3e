//! Where the engine keeps what is not its store's: the top of the tree below `/var/lib/docker`, as Docker 20.10 lays it
//! out.

use crate::kernel::{Errno, Kernel, Task, fs};

/// Docker's own directory.
pub const ROOT: &str = "/var/lib/docker";
/// The containers.
pub const CONTAINERS: &str = "/var/lib/docker/containers";
/// Named volumes.
pub const VOLUMES: &str = "/var/lib/docker/volumes";

/// Layers of one image (`maxLayerDepth` of the layer store).
pub const MAX_LAYERS: usize = 125;

/// Directories with their modes, parents first; the store's own come between.
const FIRST: [(&str, u32); 4] = [("/var", 0o755), ("/var/lib", 0o755), (ROOT, 0o710), (CONTAINERS, 0o710)];
const LAST: [(&str, u32); 2] = [("/var/lib/docker/tmp", 0o700), (VOLUMES, 0o701)];

/// Makes the tree where it is missing, with the directories of the store.
pub(super) fn prepare(kernel: &mut dyn Kernel, store: &[(&str, u32)]) -> Result<(), Errno> {
    let task = Task::root();
    if fs::exists(kernel, &task, VOLUMES.as_bytes()) {
        return Ok(());
    }
    for (dir, mode) in FIRST.iter().chain(store).chain(&LAST) {
        match kernel.mkdir(&task, dir.as_bytes(), *mode) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The directory of a container.
pub fn container(id: &str) -> String {
    format!("{CONTAINERS}/{id}")
}

/// What is known of networks.
pub fn networks() -> String {
    format!("{ROOT}/network/files/local-kv.db")
}
