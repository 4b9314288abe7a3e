//! A registry: the distribution API over a directory of any kernel.
//!
//! The requests and answers are those of Docker's `registry:2` (OCI distribution-spec 1.1; the errors' codes are the
//! specification's, the details those of Distribution 2.8, recorded). The directory is laid out as Distribution lays it
//! out, so that a real one goes on where the lab's ended.

mod answer;
mod api;
mod collect;
mod manifests;
mod server;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod uploads;

pub use answer::{Answer, Request};
pub use collect::{Collect, collect};
pub use server::{Moment, Server};
pub use settings::Settings;
pub use store::{Store, Upload};
