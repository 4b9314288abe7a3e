//! The Linux that the page runs, held against the recordings of another Linux and against the simulator.

#![expect(clippy::print_stdout, reason = "differences and figures, for whoever runs it with --nocapture")]

mod recorded;
mod sessions;
