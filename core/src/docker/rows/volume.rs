//! The flags of the commands about volumes.

use super::super::fate::{Row, acts};

/// `docker volume create`.
pub(super) const VOLUME_CREATE: &[Row] = &[
    acts("driver", "flags-volume"),
    acts("label", "flags-volume"),
    acts("opt", "flags-volume"),
    acts("name", "flags-volume"),
];

/// `docker volume inspect`.
pub(super) const VOLUME_INSPECT: &[Row] = &[acts("format", "flags-volume")];

/// `docker volume ls`.
pub(super) const VOLUME_LS: &[Row] =
    &[acts("filter", "filters"), acts("format", "flags-volume"), acts("quiet", "flags-volume")];

/// `docker volume prune`.
pub(super) const VOLUME_PRUNE: &[Row] = &[acts("filter", "filters"), acts("force", "flags-volume")];

/// `docker volume rm`.
pub(super) const VOLUME_RM: &[Row] = &[acts("force", "flags-volume")];
