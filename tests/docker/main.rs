//! Tests with the real Docker and its neighbours, started and stopped by the tests.

mod alike;
mod broken;
mod builds;
mod committed;
mod drivers;
mod export;
mod flags;
mod hub;
mod lessons;
mod main_job;
mod neighbours;
mod registry;
mod scripts;
mod stacks;
mod transcripts;
