//! The flags of the commands about networks.

use super::super::fate::{Row, acts, recorded};

/// `docker network connect`.
pub(super) const NETWORK_CONNECT: &[Row] = &[
    acts("alias", "network-life"),
    recorded("driver-opt", "NetworkSettings.Networks.DriverOpts", "network-flags"),
    acts("ip", "network-flags"),
    acts("ip6", "network-flags"),
    recorded("link", "NetworkSettings.Networks.Links", "network-flags"),
    recorded("link-local-ip", "NetworkSettings.Networks.IPAMConfig", "network-flags"),
];

/// `docker network create`.
pub(super) const NETWORK_CREATE: &[Row] = &[
    recorded("attachable", "Attachable", "network-flags"),
    acts("aux-address", "network-flags"),
    acts("config-from", "network-flags"),
    acts("config-only", "network-flags"),
    acts("driver", "network-flags"),
    acts("gateway", "network-flags"),
    acts("ingress", "network-flags"),
    acts("internal", "network-flags"),
    acts("ip-range", "network-flags"),
    acts("ipam-driver", "network-flags"),
    recorded("ipam-opt", "IPAM.Options", "network-flags"),
    acts("ipv6", "network-flags"),
    acts("label", "network-flags"),
    recorded("opt", "Options", "network-flags"),
    acts("scope", "network-flags"),
    acts("subnet", "network-flags"),
];

/// `docker network disconnect`.
pub(super) const NETWORK_DISCONNECT: &[Row] = &[acts("force", "network-flags")];

/// `docker network inspect`.
pub(super) const NETWORK_INSPECT: &[Row] =
    &[acts("format", "network-life"), acts("verbose", "network-flags")];

/// `docker network ls`.
pub(super) const NETWORK_LS: &[Row] = &[
    acts("filter", "network-life"),
    acts("format", "network-life"),
    acts("no-trunc", "flags-list"),
    acts("quiet", "flags-list"),
];

/// `docker network prune`.
pub(super) const NETWORK_PRUNE: &[Row] = &[acts("filter", "network-life"), acts("force", "network-life")];
