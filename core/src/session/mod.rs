//! A session: lines typed one after another on one machine, with undo, redo and a journal.

mod ask;
mod backend;
mod calls;
mod changes;
pub mod compare;
mod complete;
mod direct;
mod disk;
mod editing;
pub mod export;
mod files;
mod input;
mod interrupt;
mod journal;
mod machine;
mod protocol;
#[expect(clippy::module_inception, reason = "the file holds the type of that name")]
mod session;
mod sim;
mod travel;
mod tree;
mod watched;
mod work;

pub use backend::Backend;
pub use changes::Touched;
pub use editing::edited;
pub use journal::{Content, DOCKER, Journal, JournalEntry, Said, What};
pub use machine::DETACH;
pub use protocol::{BranchNode, ChangeKind, Event, Events, LayerChange, Reply, Request};
pub use session::{Session, Standing};
pub use sim::{DEFAULT_CLOCK, SimBackend};

use crate::program::Table;
use crate::{accounts, docker, drivers, net, packages, program, services, sharing, shell};

/// Every program of the lab.
pub fn programs() -> Table {
    let programs = shell::programs().into_iter().chain(services::programs());
    let jobs = program::jobs()
        .into_iter()
        .chain(shell::jobs())
        .chain(docker::jobs())
        .chain(services::jobs())
        .chain(packages::jobs());
    let packages = packages::programs().into_iter().chain(accounts::programs());
    let docker = docker::host_programs().chain([docker::program()]);
    let looks = drivers::programs().into_iter().chain(sharing::programs());
    Table::new(programs.chain(net::programs()).chain(looks).chain(packages).chain(docker))
        .with_jobs(jobs)
        .with_around(net::around)
}

#[cfg(test)]
mod tests;
