//! The wire: who reaches whom, what answers there, and the programs that ask.
//!
//! Nothing here is a network. Namespaces, addresses and published ports are what the containers' documents say; who listens
//! is what runs in a container that is up. A request is answered in one go.

mod clients;
mod http;
mod names;
mod sites;
mod web;

pub use clients::{around, programs};

use crate::engine::Engine;
use crate::program::{Place, Process, System};

/// What is said where a name or an address is not of the lab.
const BEYOND: &str = "Layerlab: there is no network beyond the lab\n";

/// Whether a process has no way out: its container is in no network that leads anywhere.
pub fn is_cut_off(system: &mut System<'_>, process: &Process) -> bool {
    let Place::Container(id) = &process.place else { return false };
    let host = Engine::of(system).and_then(|mut engine| engine.host_config(id));
    host.is_ok_and(|host| host.network_mode == "none")
}
