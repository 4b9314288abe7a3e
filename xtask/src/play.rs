//! `cargo xtask play`: from a fresh clone to the page in a browser.

use std::time::Instant;

use crate::build::{self, Effort};
use crate::sh::{self, Result};

/// `cargo xtask play [--listen ADDR:PORT]`: what is given goes on to `layerlab serve`.
pub(crate) fn play(args: &[&str]) -> Result {
    let start = Instant::now();
    println!("play       building the page (the first time takes minutes) ...");
    print!("{}", build::build(Effort::Full)?);
    println!("play       building the server ...");
    sh::shown(&mut sh::cargo(&["build", "--quiet", "--locked", "-p", "layerlab"]))?;
    println!("play       ready after {:.0} s; Ctrl-C ends it", start.elapsed().as_secs_f64());
    let mut serve = sh::command(sh::target().join("debug/layerlab"));
    serve.arg("serve").args(args);
    sh::shown(&mut serve)
}
