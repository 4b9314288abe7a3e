//! The flags before the command: `docker -H unix:///var/run/docker.sock --config DIR ps`.

use super::flags::{self, FlagError, Flags, Order, Parsed};
use super::{Failure, help};
use crate::kernel::ByteString;
use crate::program::Env;

/// Where the lab's one daemon listens, and other spellings of it.
const SOCKET: [&str; 3] = ["unix:///var/run/docker.sock", "unix:///run/docker.sock", "unix://"];
/// Levels of the client's log (logrus). What the lab's client does has no log to be told in, at any level.
const LEVELS: [&str; 8] = ["panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"];

/// The values of those flags.
#[derive(Debug, Clone, Default)]
pub(super) struct Top {
    /// `--config`, where it was given.
    pub(super) config_dir: Option<ByteString>,
    /// The address of a daemon that is not the lab's.
    pub(super) elsewhere: Option<String>,
    /// `--debug`: `docker info` says so of the client.
    pub(super) debug: bool,
}

impl Top {
    /// Reads the flags, and the variables that stand for them (`DOCKER_HOST`, `DOCKER_CONTEXT`).
    pub(super) fn of(flags: &Flags, env: &Env) -> Result<Self, Failure> {
        let level = flags.text("log-level").unwrap_or_default();
        if !level.is_empty() && !LEVELS.contains(&level.to_lowercase().as_str()) {
            return Err(Failure::new(format!("Unable to parse logging level: {level}")));
        }
        let hosts = flags.list("host");
        let variable = |name: &str| {
            let value = env.get(name.as_bytes()).map(ByteString::to_text);
            value.filter(|value| !value.is_empty())
        };
        let context = flags.text("context").filter(|name| !name.is_empty());
        let host = match hosts.as_slice() {
            [] if context.is_some() => None,
            [] => variable("DOCKER_HOST"),
            [_] if context.is_some() => {
                let why = "Conflicting options: either specify --host or --context, not both";
                return Err(Failure::new(why));
            }
            [host] => Some(host.clone()),
            _ => return Err(Failure::new("Please specify only one -H")),
        };
        let context = context.or_else(|| variable("DOCKER_CONTEXT").filter(|_| host.is_none()));
        if let Some(name) = context.filter(|name| name != "default") {
            let why = format!("unable to resolve docker endpoint: context \"{name}\" does not exist");
            return Err(Failure::new(format!(
                "{why}\nLayerlab: the lab has one daemon, and one context for it, default"
            )));
        }
        let elsewhere =
            host.filter(|host| !SOCKET.contains(&host.as_str())).map(|host| match host.split_once("://") {
                Some(_) => host,
                None if host.contains(':') => format!("tcp://{host}"),
                None => format!("tcp://{host}:2375"),
            });
        Ok(Self { config_dir: flags.bytes("config").cloned(), elsewhere, debug: flags.is_set("debug") })
    }
}

/// Parses the flags before the command.
pub(super) fn flags(words: &[ByteString]) -> Result<Parsed, FlagError> {
    flags::parse(&help::flags(""), words, Order::FlagsFirst)
}
