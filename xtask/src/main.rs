//! `cargo xtask`: sets up, builds, tests and serves the project.

fn main() {}
