//! Advice on what went well and is not what was meant.

use crate::docker::Call;
use crate::help::Topic;
use crate::kernel::{ByteString, Task, fs};
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
