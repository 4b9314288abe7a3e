//! `layerlab` as typed: what goes in, what comes out of both streams, and the exit status.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::lab::{On, layerlab};

/// Runs it with these arguments and this standard input.
///
/// # Panics
/// If it cannot be started.
pub fn typed(on: On, arguments: &[&str], input: &str) -> Output {
    let mut command = layerlab(on);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    // A program that does not read its input closes it.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// Standard output, standard error and exit status.
pub fn answer(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}
