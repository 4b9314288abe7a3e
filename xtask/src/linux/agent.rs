//! The agent: the one program inside, a static one for 32-bit processors.

use std::path::PathBuf;

use crate::setup;
use crate::sh::{self, Result};

const TARGET: &str = "i686-unknown-linux-musl";

/// Builds it. Returns where it is.
pub(super) fn build() -> Result<PathBuf> {
    setup::target(TARGET, "the agent inside is built for a 32-bit Linux")?;
    println!("linux      the agent ...");
    let mut cargo =
        sh::cargo(&["build", "--quiet", "--locked", "-p", "layerlab-guest", "--profile", "guest"]);
    cargo.args(["--target", TARGET]);
    // Rust's own linker: there need be no C compiler for that target.
    cargo.env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    match sh::kept(&mut cargo)? {
        (true, _) => Ok(sh::target().join(TARGET).join("guest/layerlab-guest")),
        (false, output) => Err(format!("`{}` failed:\n{output}", sh::typed(&cargo))),
    }
}
