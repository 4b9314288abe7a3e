//! The flags of the commands about containers as things.

use super::super::fate::{Row, acts, recorded, refused};

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
    acts("volumes", "flags-mounts"),
];

/// `docker cp`.
pub(super) const CP: &[Row] =
    &[acts("archive", "docker_cp_takes_odd_paths_as_docker_does"), acts("follow-link", "flags-container")];

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
    acts("volumes", "flags-mounts"),
];

/// `docker update`.
pub(super) const UPDATE: &[Row] = &[
    acts("blkio-weight", "flags-update"),
    recorded("cpu-period", "HostConfig.CpuPeriod", "flags-update"),
    recorded("cpu-quota", "HostConfig.CpuQuota", "flags-update"),
    recorded("cpu-rt-period", "HostConfig.CpuRealtimePeriod", "flags-update"),
    recorded("cpu-rt-runtime", "HostConfig.CpuRealtimeRuntime", "flags-update"),
    recorded("cpu-shares", "HostConfig.CpuShares", "flags-update"),
    recorded("cpus", "HostConfig.NanoCpus", "flags-update"),
    recorded("cpuset-cpus", "HostConfig.CpusetCpus", "flags-update"),
    recorded("cpuset-mems", "HostConfig.CpusetMems", "flags-update"),
    recorded("kernel-memory", "HostConfig.KernelMemory", "flags-update"),
    recorded("memory", "HostConfig.Memory", "flags-update"),
    recorded("memory-reservation", "HostConfig.MemoryReservation", "flags-update"),
    recorded("memory-swap", "HostConfig.MemorySwap", "flags-update"),
    recorded("pids-limit", "HostConfig.PidsLimit", "flags-update"),
    acts("restart", "flags-container"),
];
