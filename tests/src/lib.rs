//! What the tests share: transcripts, images made from scratch, real tools started and stopped by the test.
//!
//! A helper that cannot do its work panics with what is missing and how to get it: no test skips itself.

pub mod archive;
pub mod dockerd;
pub mod lab;
pub mod listing;
pub mod pattern;
pub mod poll;
pub mod process;
pub mod tools;
pub mod transcript;
