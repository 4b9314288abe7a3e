//! The flags of the commands about `docker` itself, the daemon and the hub.

use super::super::fate::{Row, acts, refused};

/// `docker`.
pub(super) const DOCKER: &[Row] = &[
    acts("config", "the_configuration_file_says_how_lists_look"),
    acts("context", "flags_before_the_command"),
    acts("debug", "flags_before_the_command"),
    acts("host", "flags_before_the_command"),
    acts("log-level", "flags_before_the_command"),
    refused("tls", "the lab's daemon is asked without a connection; there is nothing to encrypt"),
    refused("tlscacert", "the lab's daemon is asked without a connection; there is nothing to encrypt"),
    refused("tlscert", "the lab's daemon is asked without a connection; there is nothing to encrypt"),
    refused("tlskey", "the lab's daemon is asked without a connection; there is nothing to encrypt"),
    refused("tlsverify", "the lab's daemon is asked without a connection; there is nothing to encrypt"),
    acts("version", "flags_before_the_command"),
];

/// `docker info`.
pub(super) const INFO: &[Row] = &[acts("format", "flags-list")];

/// `docker login`.
pub(super) const LOGIN: &[Row] =
    &[acts("password", "flags-list"), acts("password-stdin", "flags-list"), acts("username", "flags-list")];

/// `docker system df`.
pub(super) const SYSTEM_DF: &[Row] = &[acts("format", "flags-list"), acts("verbose", "flags-list")];

/// `docker version`.
pub(super) const VERSION: &[Row] =
    &[acts("format", "flags-list"), refused("kubeconfig", "the lab has no Kubernetes")];

/// `docker builder prune`.
pub(super) const BUILDER_PRUNE: &[Row] = &[
    acts("all", "network-flags"),
    acts("filter", "network-flags"),
    acts("force", "network-flags"),
    acts("keep-storage", "network-flags"),
];

/// `docker system prune`.
pub(super) const SYSTEM_PRUNE: &[Row] = &[
    acts("all", "filters"),
    acts("filter", "filters"),
    acts("force", "filters"),
    acts("volumes", "filters"),
];

/// `docker events`.
pub(super) const EVENTS: &[Row] =
    &[acts("filter", "events"), acts("format", "events"), acts("since", "events"), acts("until", "events")];

/// `docker stats`.
pub(super) const STATS: &[Row] = &[
    acts("all", "management"),
    acts("format", "management"),
    acts("no-stream", "management"),
    acts("no-trunc", "management"),
];
