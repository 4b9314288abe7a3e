//! The pure core of Layerlab: images, layers, whiteouts and writable layers, over one seam.
//!
//! Everything above [`kernel`] is written once and runs on two kernels: a simulated one in memory and Linux
//! itself. The crate reads no clock, no file, no network and no randomness, and never prints: the same input
//! gives the same bytes out, natively and as WebAssembly.

#![forbid(unsafe_code)]

mod accounts;
pub mod conformance;
pub mod distribution;
pub mod docker;
pub mod dockerfile;
pub mod drivers;
pub mod engine;
pub mod explore;
pub mod help;
pub mod hub;
pub mod kernel;
pub mod lesson;
pub mod map;
pub mod net;
pub mod oci;
pub mod opening;
mod options;
pub mod overlay;
mod packages;
pub mod program;
pub mod services;
pub mod session;
mod sharing;
pub mod shell;
pub mod sim;
pub mod steps;
mod texts;
pub mod view;
