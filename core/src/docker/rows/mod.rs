//! What becomes of the flags, a file for each group of commands. A command's owner changes its row when the flag changes
//! its kind.

mod build;
mod container;
mod image;
mod network;
mod process;
mod run;
mod system;
mod volume;

use super::fate::Rows;

/// Every command that takes flags or has a help text of its own, by that text's name.
pub(super) static ROWS: &[(&str, Rows)] = &[
    ("", system::DOCKER),
    ("attach", process::ATTACH),
    ("build", build::BUILD),
    ("builder prune", system::BUILDER_PRUNE),
    ("checkpoint create", process::CHECKPOINT_CREATE),
    ("checkpoint ls", process::CHECKPOINT),
    ("checkpoint rm", process::CHECKPOINT),
    ("commit", container::COMMIT),
    ("container inspect", container::CONTAINER_INSPECT),
    ("container prune", container::CONTAINER_PRUNE),
    ("container rm", container::CONTAINER_RM),
    ("cp", container::CP),
    ("create", run::CREATE),
    ("diff", &[]),
    ("events", system::EVENTS),
    ("exec", process::EXEC),
    ("export", container::EXPORT),
    ("history", image::HISTORY),
    ("image inspect", image::IMAGE_INSPECT),
    ("image prune", image::IMAGE_PRUNE),
    ("images", image::IMAGES),
    ("import", image::IMPORT),
    ("info", system::INFO),
    ("inspect", container::INSPECT),
    ("kill", process::KILL),
    ("load", image::LOAD),
    ("login", system::LOGIN),
    ("logout", &[]),
    ("logs", process::LOGS),
    ("network connect", network::NETWORK_CONNECT),
    ("network create", network::NETWORK_CREATE),
    ("network disconnect", network::NETWORK_DISCONNECT),
    ("network inspect", network::NETWORK_INSPECT),
    ("network ls", network::NETWORK_LS),
    ("network prune", network::NETWORK_PRUNE),
    ("network rm", &[]),
    ("pause", &[]),
    ("port", &[]),
    ("ps", container::PS),
    ("pull", image::PULL),
    ("push", image::PUSH),
    ("rename", &[]),
    ("restart", process::RESTART),
    ("rm", container::RM),
    ("rmi", image::RMI),
    ("run", run::RUN),
    ("save", image::SAVE),
    ("search", image::SEARCH),
    ("start", process::START),
    ("stats", system::STATS),
    ("stop", process::STOP),
    ("system df", system::SYSTEM_DF),
    ("system prune", system::SYSTEM_PRUNE),
    ("tag", &[]),
    ("top", &[]),
    ("unpause", &[]),
    ("update", container::UPDATE),
    ("version", system::VERSION),
    ("volume create", volume::VOLUME_CREATE),
    ("volume inspect", volume::VOLUME_INSPECT),
    ("volume ls", volume::VOLUME_LS),
    ("volume prune", volume::VOLUME_PRUNE),
    ("volume rm", volume::VOLUME_RM),
    ("wait", &[]),
];
