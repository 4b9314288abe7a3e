//! Where the store keeps what, as Docker 20.10 with overlay2 lays it out (oracle: image-db-layout, overlay2-*-dir,
//! layerdb-container-mount).

use crate::oci::Digest;

/// The graph driver's directory.
pub(crate) const OVERLAY2: &str = "/var/lib/docker/overlay2";
/// The image store.
pub(super) const IMAGE: &str = "/var/lib/docker/image/overlay2";

/// Directories with their modes, parents first.
pub(super) const DIRS: [(&str, u32); 12] = [
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
];

/// The directory of a layer in the graph driver.
pub(super) fn layer(cache_id: &str) -> String {
    format!("{OVERLAY2}/{cache_id}")
}

/// The directory that describes the layer with this chain id.
pub(super) fn chain(chain_id: &Digest) -> String {
    format!("{IMAGE}/layerdb/sha256/{}", chain_id.hex())
}

/// The directory that describes a container's writable layer.
pub(super) fn mount(container: &str) -> String {
    format!("{IMAGE}/layerdb/mounts/{container}")
}

/// An image's configuration.
pub(super) fn image(id: &Digest) -> String {
    format!("{IMAGE}/imagedb/content/sha256/{}", id.hex())
}

/// The directory of what is known of an image beside its configuration.
pub(super) fn image_metadata(id: &Digest) -> String {
    format!("{IMAGE}/imagedb/metadata/sha256/{}", id.hex())
}

/// The file of names.
pub(super) fn repositories() -> String {
    format!("{IMAGE}/repositories.json")
}
