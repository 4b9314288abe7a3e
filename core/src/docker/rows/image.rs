//! The flags of the commands about images.

use super::super::fate::{Row, acts, refused};

/// `docker history`.
pub(super) const HISTORY: &[Row] = &[
    acts("format", "flags-image"),
    acts("human", "flags-image"),
    acts("no-trunc", "flags-image"),
    acts("quiet", "flags-image"),
];

/// `docker image inspect`.
pub(super) const IMAGE_INSPECT: &[Row] = &[acts("format", "flags-image")];

/// `docker image prune`.
pub(super) const IMAGE_PRUNE: &[Row] =
    &[acts("all", "flags-image"), acts("filter", "filters"), acts("force", "flags-image")];

/// `docker images`.
pub(super) const IMAGES: &[Row] = &[
    acts("all", "flags-image"),
    acts("digests", "flags-image"),
    acts("filter", "flags-image"),
    acts("format", "flags-image"),
    acts("no-trunc", "flags-image"),
    acts("quiet", "flags-image"),
];

/// `docker import`.
pub(super) const IMPORT: &[Row] = &[
    acts("change", "flags-image"),
    acts("message", "flags-image"),
    refused("platform", "images of the lab are linux/amd64"),
];

/// `docker load`.
pub(super) const LOAD: &[Row] = &[acts("input", "flags-image"), acts("quiet", "flags-image")];

/// `docker pull`.
pub(super) const PULL: &[Row] = &[
    acts("all-tags", "flags-image"),
    refused("disable-content-trust", "images are not signed here; the lab has no server that signs"),
    refused("platform", "images of the lab's hub are linux/amd64"),
    acts("quiet", "flags-image"),
];

/// `docker push`.
pub(super) const PUSH: &[Row] = &[
    acts("all-tags", "registry"),
    refused("disable-content-trust", "images are not signed here; the lab has no server that signs"),
    acts("quiet", "registry"),
];

/// `docker rmi`.
pub(super) const RMI: &[Row] = &[acts("force", "flags-image"), acts("no-prune", "flags-image")];

/// `docker save`.
pub(super) const SAVE: &[Row] = &[acts("output", "flags-image")];

/// `docker search`.
pub(super) const SEARCH: &[Row] = &[
    acts("filter", "management"),
    acts("format", "flags-image"),
    acts("limit", "flags-image"),
    acts("no-trunc", "flags-image"),
];
