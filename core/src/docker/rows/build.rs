//! The flags of `docker build`.

use super::super::fate::{Row, acts, recorded, refused};

const LIMITS: &str = "the lab measures and limits nothing of a step's container";

/// `docker build`.
pub(super) const BUILD: &[Row] = &[
    acts("add-host", "build-flags"),
    acts("build-arg", "build-flags"),
    acts("cache-from", "build-flags"),
    refused("cgroup-parent", LIMITS),
    acts("compress", "build-flags"),
    refused("cpu-period", LIMITS),
    refused("cpu-quota", LIMITS),
    refused("cpu-shares", LIMITS),
    refused("cpuset-cpus", LIMITS),
    refused("cpuset-mems", LIMITS),
    refused("disable-content-trust", "images are not signed here; the lab has no server that signs"),
    acts("file", "build-flags"),
    acts("force-rm", "build-flags"),
    acts("iidfile", "build-flags"),
    refused("isolation", "the lab's containers are Linux's"),
    acts("label", "build-flags"),
    recorded("memory", "HostConfig.Memory", "build-flags"),
    refused("memory-swap", LIMITS),
    recorded("network", "HostConfig.NetworkMode", "build-flags"),
    acts("no-cache", "build-flags"),
    acts("output", "build-flags"),
    refused("platform", "images of the lab are linux/amd64"),
    acts("progress", "build-flags"),
    acts("pull", "build-flags"),
    acts("quiet", "build-flags"),
    acts("rm", "build-flags"),
    acts("secret", "build-flags"),
    refused("security-opt", "the lab models no AppArmor, SELinux or seccomp"),
    refused("shm-size", LIMITS),
    acts("squash", "build-flags"),
    refused("ssh", "a lab has no SSH agent to pass on"),
    refused("stream", "a context is sent at once here"),
    acts("tag", "build-flags"),
    acts("target", "build-flags"),
    refused("ulimit", LIMITS),
];
