//! `docker pull` (oracle: pull-*).

use super::super::{Call, Failure};
use crate::engine::Progress;
use crate::oci::Reference;
use crate::program::{Flow, Output};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let text = call.arg(0);
    let name = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
    let all = call.flags.is_set("all-tags");
    let quiet = call.flags.is_set("quiet");
    if all && !name.is_name_only() {
        return Err(Failure::new("tag can't be used with --all-tags/-a"));
    }
    let mut shown = name.clone();
    if !all && name.is_name_only() {
        shown = name.clone().or_latest();
        if !quiet {
            call.line("Using default tag: latest");
        }
    }
    let to = if quiet { Output::NULL } else { call.process.stdout };
    let mut lines = Vec::new();
    let mut engine = call.engine()?;
    let mut progress = |event| lines.push(event);
    let result =
        if all { engine.pull_all(&shown, &mut progress) } else { engine.pull(&shown, &mut progress) };
    print(call, to, &lines);
    result?;
    if !all {
        call.engine()?.tell_transfer("pull", &shown);
    }
    let full = shown.to_string();
    call.line(&full);
    Ok(Flow::OK)
}

/// Pulls for `docker run`: progress goes to standard error.
pub(super) fn for_run(call: &mut Call<'_, '_>, text: &str) -> Result<(), Failure> {
    let name = Reference::parse(text).map_err(|error| Failure::new(error.to_string()))?.or_latest();
    let to = call.process.stderr;
    let mut lines = Vec::new();
    let result = call.engine()?.pull(&name, &mut |event| lines.push(event));
    print(call, to, &lines);
    result?;
    call.engine()?.tell_transfer("pull", &name);
    Ok(())
}

fn print(call: &mut Call<'_, '_>, to: Output, lines: &[Progress]) {
    for line in lines {
        let text = match line {
            Progress::Pulling(text) => format!("{text}\n"),
            Progress::Layer(digest, what) => format!("{}: {what}\n", digest.short()),
            Progress::Digest(digest) => format!("Digest: {digest}\n"),
            Progress::Status(text) => format!("Status: {text}\n"),
        };
        to.write(call.system, text);
    }
}
