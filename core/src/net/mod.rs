//! The wire: who reaches whom, what answers there, and the programs that ask.
//!
//! Nothing here is a network. Namespaces, addresses and published ports are what the containers' documents say; who listens
//! is what runs in a container that is up. A request is answered in one go.

mod clients;
mod http;
mod names;
mod reach;
mod web;

pub use clients::programs;

/// What is said where a name or an address is not of the lab.
const BEYOND: &str = "Layerlab: there is no network beyond the lab\n";
