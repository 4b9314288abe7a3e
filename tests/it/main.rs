//! Tests of the simulator across crates: no privileges, no other programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]
#![expect(clippy::print_stderr, reason = "what was counted is told beside the verdict")]
#![expect(clippy::format_collect, reason = "a test's text is built where it is read most easily")]

mod book;
mod builds;
mod cli;
mod drivers;
mod endless;
mod flags;
mod hub;
mod image;
mod large_builds;
mod lesson;
mod mistakes;
mod oci;
mod overlay;
mod recorded;
mod seeds;
mod sessions;
mod terminal;
mod transcripts;
mod walks;
