//! The flags of the commands about networks.

use super::super::fate::{Row, acts, refused};

/// `docker network ls`.
pub(super) const NETWORK_LS: &[Row] = &[
    refused("filter", "the lab lists the networks that every Docker has: bridge, host, none"),
    refused("format", "the lab lists the networks that every Docker has: bridge, host, none"),
    acts("no-trunc", "flags-list"),
    acts("quiet", "flags-list"),
];
