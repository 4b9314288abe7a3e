//! `layerlab` on a Linux host: core's kernel seam on Linux itself, the namespaces that a host session lives in, and the
//! command line.

pub mod archive;
pub mod cli;
pub mod host;
pub mod lab;
mod person;
pub mod registry;
pub mod serve;
pub mod store;
mod temp;

pub use layerlab_linux as linux;
