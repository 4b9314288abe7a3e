//! What the tests share: transcripts, images made from scratch, real tools started and stopped by the test.
//!
//! A helper that cannot do its work panics with what is missing and how to get it: no test skips itself.

#![expect(clippy::missing_panics_doc, reason = "every helper of a test fails by a panic that says why")]

pub mod archive;
pub mod browser;
pub mod builds;
mod chromedriver;
pub mod cli;
pub mod corpus;
pub mod dockerd;
pub mod files;
pub mod guest;
pub mod job;
pub mod lab;
pub mod layout;
pub mod listing;
mod mouse;
pub mod normal;
pub mod oracle;
pub mod pattern;
pub mod poll;
pub mod process;
pub mod properties;
pub mod proxy;
pub mod random;
pub mod seeds;
pub mod sessions;
pub mod sim;
pub mod stacks;
pub mod tools;
pub mod transcript;
pub mod turns;
