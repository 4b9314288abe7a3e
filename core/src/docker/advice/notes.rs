//! Advice on what went well and is not what was meant.

use super::finder::Finder;
use super::rule::Kind;
use crate::docker::Call;
use crate::help::{Topic, nearest};
use crate::kernel::{ByteString, OpenFlags, Task, fs};
use crate::oci::Limits;
use crate::oci::archive::{DOCKER_MANIFEST, Index};
use crate::oci::blob::{FdBlob, KernelBlob};
use crate::program::Flow;

/// Shells that end at once where nobody types to them.
const SHELLS: [&str; 8] = ["sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash"];

/// Looks at what a command that went well has left behind.
pub(in crate::docker) fn after_success(call: &mut Call<'_, '_>, command: &str, flow: Flow) {
    if !call.process.is_heard(call.system) {
        return;
    }
    match (command, flow) {
        ("run", _) if call.flags.is_set("detach") => {}
        ("run", Flow::Exit(0) | Flow::GoesOn) if !call.flags.is_set("interactive") => unattended(call),
        ("commit", Flow::Exit(0)) => committed(call),
        ("build", Flow::Exit(0)) => built(call),
        ("import", Flow::Exit(0)) => imported(call),
        ("images", Flow::Exit(0)) => listed(call),
        ("search", Flow::Exit(0)) => searched(call),
        _ => {}
    }
}

/// A shell that nobody can type to.
fn unattended(call: &mut Call<'_, '_>) {
    let args = call.args();
    let command = match args.as_slice() {
        [image] => {
            let found = call.engine().ok().and_then(|mut engine| engine.find_image(image).ok());
            let config = found.and_then(|image| image.config.config).unwrap_or_default();
            if config.entrypoint.is_some_and(|words| !words.is_empty()) {
                return;
            }
            config.cmd.unwrap_or_default()
        }
        [_, command @ ..] => command.to_vec(),
        [] => return,
    };
    let [shell] = command.as_slice() else { return };
    if SHELLS.contains(&shell.as_str()) && !call.flags.is_set("tty") && !call.flags.has("entrypoint") {
        let typed: Vec<String> = call.process.args.iter().skip(2).map(ByteString::to_text).collect();
        call.system.help(Topic::InteractiveWithoutIt, &[&format!("docker run -it {}", typed.join(" "))]);
    }
}

/// An image of a container in which nothing was changed.
fn committed(call: &mut Call<'_, '_>) {
    let name = call.arg(0);
    let Ok(mut engine) = call.engine() else { return };
    let upper = engine.find_container(&name).and_then(|container| {
        let upper = engine.upper_of(&container.id)?;
        Ok((container, upper))
    });
    let Ok((container, upper)) = upper else { return };
    let entries = fs::read_dir(engine.kernel, &Task::root(), &upper);
    if entries.is_ok_and(|entries| entries.is_empty()) {
        call.system.help(Topic::NothingToCommit, &[container.plain_name()]);
    }
}

/// A Dockerfile with an invalid JSON list, or a `--build-arg` that no `ARG` uses.
fn built(call: &mut Call<'_, '_>) {
    if let Some((written, meant)) = super::build::not_json(&call.seen.dockerfile) {
        call.system.help(Topic::NotJson, &[&written, &meant]);
    } else if !call.seen.unused.is_empty() {
        let unused = call.seen.unused.clone();
        call.system.help(Topic::BuildArgUnused, &[&unused]);
    }
}

/// An image's archive that was taken for a file system.
fn imported(call: &mut Call<'_, '_>) {
    let file = call.arg(0);
    let task = call.process.task.clone();
    let is_image =
        fs::with_open(call.system.kernel, &task, file.as_bytes(), OpenFlags::RDONLY, 0, |kernel, fd| {
            let blob = FdBlob::new(kernel, fd)?;
            let index = Index::of_tar(&mut KernelBlob::new(kernel, blob), Limits::default());
            Ok(index.is_ok_and(|index| index.has(DOCKER_MANIFEST).unwrap_or(false)))
        });
    if is_image.unwrap_or(false) {
        call.system.help(Topic::ImportOfSave, &[&file]);
    }
}

/// A name behind `docker images` that no image has.
fn listed(call: &mut Call<'_, '_>) {
    let name = call.arg(0);
    if name.is_empty() || name.contains(['*', '?', '[']) {
        return;
    }
    let mut finder = Finder::of(call);
    let known = finder.names(Kind::Image);
    let is_known = |known: &String| *known == name || known.split(':').next() == Some(name.as_str());
    if !known.iter().any(is_known) {
        let near = finder.near(Kind::Image, &name);
        call.system.help(Topic::NoSuchImage, &[&name, &near]);
    }
}

/// A word that no image of the hub has in its name.
fn searched(call: &mut Call<'_, '_>) {
    let word = call.arg(0).to_lowercase();
    let mut finder = Finder::of(call);
    let known = finder.names(Kind::Hub);
    if !call.flags.has("filter") && !known.iter().any(|name| name.contains(&word)) {
        let near = nearest(&word, known.iter().map(String::as_str)).unwrap_or_default();
        call.system.help(Topic::PullDenied, &[&word, near, &known.join(", ")]);
    }
}
