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
    ("", Rows::Of(system::DOCKER)),
    ("attach", Rows::Of(process::ATTACH)),
    ("build", Rows::Of(build::BUILD)),
    ("builder prune", Rows::Of(system::BUILDER_PRUNE)),
    ("commit", Rows::Of(container::COMMIT)),
    ("container inspect", Rows::Of(container::CONTAINER_INSPECT)),
    ("container prune", Rows::Of(container::CONTAINER_PRUNE)),
    ("container rm", Rows::Of(container::CONTAINER_RM)),
    ("cp", Rows::Of(container::CP)),
    ("create", Rows::Of(run::CREATE)),
    ("diff", Rows::Of(&[])),
    ("events", Rows::Of(system::EVENTS)),
    ("exec", Rows::Of(process::EXEC)),
    ("export", Rows::Of(container::EXPORT)),
    ("history", Rows::Of(image::HISTORY)),
    ("image inspect", Rows::Of(image::IMAGE_INSPECT)),
    ("image prune", Rows::Of(image::IMAGE_PRUNE)),
    ("images", Rows::Of(image::IMAGES)),
    ("import", Rows::Of(image::IMPORT)),
    ("info", Rows::Of(system::INFO)),
    ("inspect", Rows::Of(container::INSPECT)),
    ("kill", Rows::Of(process::KILL)),
    ("load", Rows::Of(image::LOAD)),
    ("login", Rows::Of(system::LOGIN)),
    ("logout", Rows::Of(&[])),
    ("logs", Rows::Of(process::LOGS)),
    ("network connect", Rows::Of(network::NETWORK_CONNECT)),
    ("network create", Rows::Of(network::NETWORK_CREATE)),
    ("network disconnect", Rows::Of(network::NETWORK_DISCONNECT)),
    ("network inspect", Rows::Of(network::NETWORK_INSPECT)),
    ("network ls", Rows::Of(network::NETWORK_LS)),
    ("network prune", Rows::Of(network::NETWORK_PRUNE)),
    ("network rm", Rows::Of(&[])),
    ("pause", Rows::Of(&[])),
    ("port", Rows::Of(&[])),
    ("ps", Rows::Of(container::PS)),
    ("pull", Rows::Of(image::PULL)),
    ("push", Rows::Missing),
    ("rename", Rows::Of(&[])),
    ("restart", Rows::Of(process::RESTART)),
    ("rm", Rows::Of(container::RM)),
    ("rmi", Rows::Of(image::RMI)),
    ("run", Rows::Of(run::RUN)),
    ("save", Rows::Of(image::SAVE)),
    ("search", Rows::Of(image::SEARCH)),
    ("start", Rows::Of(process::START)),
    ("stats", Rows::Of(system::STATS)),
    ("stop", Rows::Of(process::STOP)),
    ("system df", Rows::Of(system::SYSTEM_DF)),
    ("system prune", Rows::Of(system::SYSTEM_PRUNE)),
    ("tag", Rows::Of(&[])),
    ("top", Rows::Of(&[])),
    ("unpause", Rows::Of(&[])),
    ("update", Rows::Of(container::UPDATE)),
    ("version", Rows::Of(system::VERSION)),
    ("volume create", Rows::Of(volume::VOLUME_CREATE)),
    ("volume inspect", Rows::Of(volume::VOLUME_INSPECT)),
    ("volume ls", Rows::Of(volume::VOLUME_LS)),
    ("volume prune", Rows::Of(volume::VOLUME_PRUNE)),
    ("volume rm", Rows::Of(volume::VOLUME_RM)),
    ("wait", Rows::Of(&[])),
];
