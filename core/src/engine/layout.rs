//! Where the engine keeps what: the tree below `/var/lib/docker`, as Docker 20.10 with overlay2 lays it out
//! (oracle: image-db-layout, overlay2-*-dir, layerdb-container-mount).

use crate::kernel::{Errno, Kernel, Task, fs};
use crate::oci::Digest;

/// Docker's own directory.
pub const ROOT: &str = "/var/lib/docker";
/// The graph driver's directory.
pub const OVERLAY2: &str = "/var/lib/docker/overlay2";
/// The image store.
pub const IMAGE: &str = "/var/lib/docker/image/overlay2";
/// The containers.
pub const CONTAINERS: &str = "/var/lib/docker/containers";
/// Named volumes.
pub const VOLUMES: &str = "/var/lib/docker/volumes";

/// Directories with their modes, parents first.
const DIRS: [(&str, u32); 18] = [
    ("/var", 0o755),
    ("/var/lib", 0o755),
    (ROOT, 0o710),
    (CONTAINERS, 0o710),
    ("/var/lib/docker/image", 0o700),
    (IMAGE, 0o700),
    ("/var/lib/docker/image/overlay2/distribution", 0o700),
    ("/var/lib/docker/image/overlay2/imagedb", 0o700),
    ("/var/lib/docker/image/overlay2/imagedb/content", 0o700),
    ("/var/lib/docker/image/overlay2/imagedb/content/sha256", 0o700),
    ("/var/lib/docker/image/overlay2/imagedb/metadata", 0o700),
    ("/var/lib/docker/image/overlay2/imagedb/metadata/sha256", 0o700),
    ("/var/lib/docker/image/overlay2/layerdb", 0o700),
    ("/var/lib/docker/image/overlay2/layerdb/tmp", 0o755),
    (OVERLAY2, 0o710),
    ("/var/lib/docker/overlay2/l", 0o700),
    ("/var/lib/docker/tmp", 0o700),
    (VOLUMES, 0o701),
];

/// Makes the tree where it is missing.
pub(super) fn prepare(kernel: &mut dyn Kernel) -> Result<(), Errno> {
    let task = Task::root();
    if fs::exists(kernel, &task, VOLUMES.as_bytes()) {
        return Ok(());
    }
    for (dir, mode) in DIRS {
        match kernel.mkdir(&task, dir.as_bytes(), mode) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The directory of a layer in the graph driver.
pub fn layer(cache_id: &str) -> String {
    format!("{OVERLAY2}/{cache_id}")
}

/// The directory that describes the layer with this chain id.
pub fn chain(chain_id: &Digest) -> String {
    format!("{IMAGE}/layerdb/sha256/{}", chain_id.hex())
}

/// The directory that describes a container's writable layer.
pub fn mount(container: &str) -> String {
    format!("{IMAGE}/layerdb/mounts/{container}")
}

/// An image's configuration.
pub fn image(id: &Digest) -> String {
    format!("{IMAGE}/imagedb/content/sha256/{}", id.hex())
}

/// The directory of what is known of an image beside its configuration.
pub fn image_metadata(id: &Digest) -> String {
    format!("{IMAGE}/imagedb/metadata/sha256/{}", id.hex())
}

/// The directory of a container.
pub fn container(id: &str) -> String {
    format!("{CONTAINERS}/{id}")
}

/// The file of names.
pub fn repositories() -> String {
    format!("{IMAGE}/repositories.json")
}
