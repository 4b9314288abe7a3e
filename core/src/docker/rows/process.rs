//! The flags of the commands about what happens to a container's processes.

use super::super::fate::{Row, acts, refused};

/// `docker attach`.
pub(super) const ATTACH: &[Row] = &[
    acts("detach-keys", "detach_keys_of_ones_own"),
    acts("no-stdin", "live-looks"),
    acts("sig-proxy", "what_ctrl_c_reaches_in_a_container"),
];

/// `docker checkpoint ls` and `docker checkpoint rm`.
pub(super) const CHECKPOINT: &[Row] = &[refused("checkpoint-dir", NO_CHECKPOINTS)];

/// `docker checkpoint create`.
pub(super) const CHECKPOINT_CREATE: &[Row] =
    &[refused("checkpoint-dir", NO_CHECKPOINTS), refused("leave-running", NO_CHECKPOINTS)];

const NO_CHECKPOINTS: &str =
    "the lab freezes no processes; docker pause stops them, docker commit keeps their files";

/// `docker exec`.
pub(super) const EXEC: &[Row] = &[
    acts("detach", "flags-exec"),
    acts("detach-keys", "detach_keys_of_ones_own"),
    acts("env", "flags-exec"),
    acts("env-file", "flags-exec"),
    acts("interactive", "flags-exec"),
    acts("privileged", "flags-exec"),
    acts("tty", "flags-exec"),
    acts("user", "flags-exec"),
    acts("workdir", "flags-exec"),
];

/// `docker kill`.
pub(super) const KILL: &[Row] = &[acts("signal", "flags-process")];

/// `docker logs`.
pub(super) const LOGS: &[Row] = &[
    acts("details", "processes"),
    acts("follow", "processes"),
    acts("since", "processes"),
    acts("tail", "flags-process"),
    acts("timestamps", "flags-process"),
    acts("until", "processes"),
];

/// `docker restart`.
pub(super) const RESTART: &[Row] = &[acts("time", "flags-process")];

/// `docker start`.
pub(super) const START: &[Row] = &[
    acts("attach", "flags-process"),
    acts("detach-keys", "detach_keys_of_ones_own"),
    acts("interactive", "flags-process"),
];

/// `docker stop`.
pub(super) const STOP: &[Row] = &[acts("time", "flags-process"), acts("timeout", "flags-process")];
