//! Go's types behind the data: which fields are maps, pointers, sets and structures, and what they are called.

/// Fields of Docker's API that are maps: an empty one prints as `map[]`, an empty list as `[]`.
pub(super) const MAPS: [&str; 11] = [
    "StorageOpt",
    "Volumes",
    "Labels",
    "ExposedPorts",
    "Options",
    "Ports",
    "Networks",
    "DriverOpts",
    "PortBindings",
    "Sysctls",
    "Tmpfs",
];
/// Fields that are pointers: a missing value prints as `<nil>`.
pub(super) const POINTERS: [&str; 11] = [
    "IPAMConfig",
    "MemorySwappiness",
    "PidsLimit",
    "StopTimeout",
    "Healthcheck",
    "Health",
    "SizeRw",
    "SizeRootFs",
    "Node",
    "Init",
    "OomKillDisable",
];

/// Fields that are sets, in Go maps whose values are empty structures: these print as `{}`.
pub(super) const SETS: [&str; 2] = ["ExposedPorts", "Volumes"];

/// Fields that are structures: these print the values of their members in Go's order.
pub(super) fn members(field: &str) -> Option<&'static [&'static str]> {
    match field {
        "RestartPolicy" => Some(&["Name", "MaximumRetryCount"]),
        "LogConfig" => Some(&["Type", "Config"]),
        "GraphDriver" => Some(&["Data", "Name"]),
        _ => None,
    }
}

/// The name that a field of a Go structure has in its document (recorded: `docker info`, `docker version`); empty for a name
/// that only the document has.
pub(super) fn tag(field: &str) -> &str {
    match field {
        "APIVersion" => "ApiVersion",
        "HTTPProxy" => "HttpProxy",
        "HTTPSProxy" => "HttpsProxy",
        "CPUCfsPeriod" => "CpuCfsPeriod",
        "CPUCfsQuota" => "CpuCfsQuota",
        "Path" => "path",
        "ApiVersion" | "HttpProxy" | "HttpsProxy" | "CpuCfsPeriod" | "CpuCfsQuota" | "path" => "",
        _ => field,
    }
}

/// Returns the Go type that Docker names in its error for an unknown field of `docker info` or `docker version` (recorded on
/// 20.10.24).
pub(super) fn structure(fields: &[String]) -> Option<&'static str> {
    match fields {
        [outer, _] if outer == "Client" => Some("system.clientVersion"),
        [outer, _] if outer == "Server" => Some("*types.Version"),
        [outer, _] if outer == "Swarm" => Some("swarm.Info"),
        [outer, _] if outer == "ClientInfo" => Some("*system.clientInfo"),
        _ => None,
    }
}
