//! Package managers in containers: `apk`, `apt-get`, `yum` and `dnf`, `pip`, `npm`, over the lab's own small index.
//!
//! What they leave on the disk is what people argue about in images: lists, caches, databases, documentation and the
//! programs themselves, each a tenth of its real size. The lab has no network, so an index is a text of this crate
//! ([`index`]), and each file says that it is a stand-in. A program that the lab has of its own runs when its package is
//! there; another says what it is.

mod advise;
mod apk;
mod apt;
mod asked;
mod disk;
mod dpkg;
mod index;
mod npm;
mod pip;
mod records;
mod turn;
mod yum;

use crate::program::{Flow, Process, Program, Scope, System};

/// The states of package managers that wait for an answer, for [`crate::program::Table::with_jobs`].
pub(crate) fn jobs() -> [(&'static str, crate::program::Loader); 1] {
    asked::jobs()
}

/// All of them. They run in containers alone, where an image has them.
pub(crate) fn programs() -> Vec<Program> {
    let service = |name, summary, main| Program { name, summary, scope: Scope::Service, main };
    vec![
        service("apk", "Alpine's package manager", apk::main),
        service("apt-get", "Debian's package manager", asked::apt),
        service("dpkg", "what Debian's packages hold", dpkg::main),
        service("yum", "CentOS's package manager", asked::yum),
        service("rpm", "what CentOS's packages hold", yum::rpm),
        service("pip", "Python's package manager", pip::main),
        service("npm", "Node's package manager", npm::main),
        service("stand-in", "a program that the lab does not have", stand_in),
    ]
}

/// What a package's program does that the lab has not: it says so.
fn stand_in(system: &mut System<'_>, process: &mut Process) -> Flow {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    if process
        .args
        .get(1)
        .is_some_and(|arg| ["--version", "-V", "-v", "version"].contains(&arg.to_text().as_str()))
    {
        process.print(system, format!("{name} (a stand-in made by Layerlab)\n"));
        return Flow::OK;
    }
    let text = format!("Layerlab: {name} is a stand-in: it takes its place in the layer and does no work\n");
    process.complain(system, text);
    Flow::Exit(1)
}
