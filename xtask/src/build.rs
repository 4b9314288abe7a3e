//! `cargo xtask build`: the page as a folder of static files, dist/.
//!
//! The work that needs libraries (wasm-bindgen's, and the compressors) is done by the crate `layerlab-bundle` in
//! xtask/bundle, so that xtask itself has none.

use std::path::PathBuf;

use crate::sh::{self, Result};
use crate::{linux, setup};

const TARGET: &str = "wasm32-unknown-unknown";

/// How much is done for a small bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// wasm-opt, if it can be had.
    Full,
    /// What is built soonest: nothing is optimised, in Rust or after it. For looking.
    Fast,
    /// The page that tells which of its functions run: nothing is cut or optimised after Rust.
    Recording,
}

/// `cargo xtask build [--fast]`.
pub(crate) fn build_command(args: &[&str]) -> Result {
    let effort = match args {
        [] => Effort::Full,
        ["--fast"] => Effort::Fast,
        _ => return Err("usage: cargo xtask build [--fast]".into()),
    };
    print!("{}", build(effort)?);
    Ok(())
}

/// Builds dist/ and returns what the bundler said: the files and their sizes.
pub(crate) fn build(effort: Effort) -> Result<String> {
    setup::rust(&[])?;
    let profile = if effort == Effort::Fast { "wasm-fast" } else { "wasm" };
    let mut page = sh::cargo(&["build", "--quiet", "--locked", "-p", "layerlab-web", "--profile", profile]);
    page.args(["--target", TARGET]);
    for folder in sources()? {
        // Where the libraries lie on this machine is nobody's business, and makes no difference to the page then.
        page.args([
            "--config",
            &format!("target.{TARGET}.rustflags=[{:?}]", format!("--remap-path-prefix={folder}=")),
        ]);
    }
    step(&mut page)?;
    let module = sh::target().join(TARGET).join(profile).join("layerlab-web.wasm");
    let mut bundle = sh::cargo(&["run", "--quiet", "--locked", "-p", "layerlab-bundle", "--"]);
    bundle.arg(module).arg(sh::root()).arg(sh::root().join("dist"));
    if effort == Effort::Full
        && let Some(program) = wasm_opt()?
    {
        bundle.arg(program);
    }
    match effort {
        Effort::Full => {}
        Effort::Fast => drop(bundle.arg("--whole")),
        Effort::Recording => drop(bundle.arg("--record")),
    }
    let mut said = step(&mut bundle)?;
    if !linux::add_to_page()? {
        said.push_str("without Linux itself; `cargo xtask linux` adds it as dist/linux/\n");
    }
    Ok(said)
}

/// The folders that the libraries' sources lie in, each with a slash behind it.
fn sources() -> Result<Vec<String>> {
    step(&mut sh::cargo(&["fetch", "--quiet", "--locked"]))?;
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    // A project with its libraries beside it has no such folder.
    let found = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    Ok(found.into_iter().flatten().flatten().map(|entry| format!("{}/", entry.path().display())).collect())
}

fn step(command: &mut std::process::Command) -> Result<String> {
    match sh::kept(command)? {
        (true, output) => Ok(output),
        (false, output) => Err(format!("`{}` failed:\n{output}", sh::typed(command))),
    }
}

/// wasm-opt of npm's binaryen, if it can be had.
pub(crate) fn wasm_opt() -> Result<Option<PathBuf>> {
    setup::npm("binaryen", "132.0.0", "wasm-opt", "makes the page's WebAssembly smaller")
}
