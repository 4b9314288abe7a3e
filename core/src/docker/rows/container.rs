//! The flags of the commands about containers as things.

use super::super::fate::{Row, acts, refused};

/// `docker commit`.
pub(super) const COMMIT: &[Row] = &[
    acts("author", "flags-container"),
    acts("change", "flags-container"),
    acts("message", "flags-container"),
    acts("pause", "flags-container"),
];

/// `docker container inspect`.
pub(super) const CONTAINER_INSPECT: &[Row] = &[acts("format", "flags-list"), acts("size", "flags-list")];

/// `docker container prune`.
pub(super) const CONTAINER_PRUNE: &[Row] = &[acts("filter", "filters"), acts("force", "flags-list")];

/// `docker container rm`.
pub(super) const CONTAINER_RM: &[Row] = &[
    acts("force", "flags-container"),
    refused("link", "containers are removed as a whole here; links have no life of their own"),
    refused(
        "volumes",
        "remove the volumes with `docker volume rm`, or unused ones with `docker volume prune`",
    ),
];

/// `docker cp`.
pub(super) const CP: &[Row] = &[
    refused(
        "archive",
        "files belong to root in the container, and to you outside of it; change that with `chown`",
    ),
    acts("follow-link", "flags-container"),
];

/// `docker export`.
pub(super) const EXPORT: &[Row] = &[acts("output", "flags-container")];

/// `docker inspect`.
pub(super) const INSPECT: &[Row] =
    &[acts("format", "flags-list"), acts("size", "flags-list"), acts("type", "flags-list")];

/// `docker ps`.
pub(super) const PS: &[Row] = &[
    acts("all", "flags-list"),
    acts("filter", "flags-list"),
    acts("format", "flags-list"),
    acts("last", "flags-list"),
    acts("latest", "flags-list"),
    acts("no-trunc", "flags-list"),
    acts("quiet", "flags-list"),
    acts("size", "flags-list"),
];

/// `docker rm`.
pub(super) const RM: &[Row] = &[
    acts("force", "flags-container"),
    refused("link", "containers are removed as a whole here; links have no life of their own"),
    refused(
        "volumes",
        "remove the volumes with `docker volume rm`, or unused ones with `docker volume prune`",
    ),
];

/// `docker update`.
pub(super) const UPDATE: &[Row] = &[
    refused("blkio-weight", "the lab measures and limits nothing of a container after its start"),
    refused("cpu-period", "the lab measures and limits nothing of a container after its start"),
    refused("cpu-quota", "the lab measures and limits nothing of a container after its start"),
    refused("cpu-rt-period", "the lab measures and limits nothing of a container after its start"),
    refused("cpu-rt-runtime", "the lab measures and limits nothing of a container after its start"),
    refused("cpu-shares", "the lab measures and limits nothing of a container after its start"),
    refused("cpus", "the lab measures and limits nothing of a container after its start"),
    refused("cpuset-cpus", "the lab measures and limits nothing of a container after its start"),
    refused("cpuset-mems", "the lab measures and limits nothing of a container after its start"),
    refused("kernel-memory", "the lab measures and limits nothing of a container after its start"),
    refused("memory", "the lab measures and limits nothing of a container after its start"),
    refused("memory-reservation", "the lab measures and limits nothing of a container after its start"),
    refused("memory-swap", "the lab measures and limits nothing of a container after its start"),
    refused("pids-limit", "the lab measures and limits nothing of a container after its start"),
    acts("restart", "flags-container"),
];
