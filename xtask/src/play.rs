//! `cargo xtask play`: from a fresh clone to the page in a browser.

use std::time::Instant;

use crate::build::{self, Effort};
use crate::sh::{self, Result};

/// `cargo xtask play [--listen ADDR:PORT]`: what is given goes on to `layerlab serve`.
pub(crate) fn play(args: &[&str]) -> Result {
    let start = Instant::now();
    println!("play       building the page and its server (the first time takes minutes) ...");
    // What is built for this machine is built beside the page: the last step of that keeps one processor busy, not two.
    let native = std::thread::spawn(|| ["layerlab-bundle", "layerlab"].into_iter().try_for_each(native));
    print!("{}", build::build(Effort::Full)?);
    native.join().map_err(|_| "the server's build broke off".to_owned())??;
    println!("play       ready after {:.0} s; Ctrl-C ends it", start.elapsed().as_secs_f64());
    let mut serve = sh::command(sh::target().join("debug/layerlab"));
    serve.arg("serve").args(args);
    sh::shown(&mut serve)
}

fn native(name: &str) -> Result {
    let (ok, output) = sh::kept(&mut sh::cargo(&["build", "--quiet", "--locked", "-p", name]))?;
    if ok { Ok(()) } else { Err(format!("`cargo build -p {name}` failed:\n{output}")) }
}
