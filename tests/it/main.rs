//! Tests of the simulator across crates: no privileges, no other programs.

mod cli;
mod lesson;
mod oci;
mod overlay;
mod recorded;
mod transcripts;
