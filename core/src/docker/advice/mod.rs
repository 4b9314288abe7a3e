//! Advice after an error of Docker's: from its text to what can be done about it.
//!
//! The texts are Docker's own and the same from release to release, so they are what the advice goes by: one table
//! ([`rules`]) from text to topic. Whoever words an error as Docker does needs to do nothing more.

mod build;
mod finder;
mod known;
mod notes;
mod pattern;
mod rule;
mod rules;
mod words;

use build::Said;
pub(super) use notes::after_success;
pub(super) use words::{of_arguments, of_flags, of_group, of_top_flags, of_verb};

use finder::Finder;
use rule::Kind;

use super::Call;
use crate::help::{Help, Topic, is_ours};

/// Gives advice on each line of an error that a command printed. Where the error has a line of the lab's own, that is it.
pub(super) fn after_error(call: &mut Call<'_, '_>, text: &str) {
    if !call.process.is_heard(call.system) || text.lines().any(is_ours) {
        return;
    }
    if let Some(help) = call.advised.take() {
        return call.system.world.help.add(help);
    }
    for line in text.lines() {
        if !call.system.world.help.has_room() {
            return;
        }
        if let Some(help) = advice(call, line) {
            call.system.world.help.add(help);
        }
    }
}

fn advice(call: &mut Call<'_, '_>, line: &str) -> Option<Help> {
    if call.verb == "build" {
        match build::of_line(call, line) {
            Said::Advice(help) => return Some(help),
            Said::Enough => return None,
            Said::Nothing => {}
        }
    }
    let fits = |rule: &&rule::Rule| rule.verbs.is_empty() || rule.verbs.contains(&call.verb);
    let (rule, holes) =
        rules::all().filter(fits).find_map(|rule| Some((rule, pattern::holes(rule.pattern, line)?)))?;
    let mut finder = Finder::of(call);
    let help = finder.given(rule, &holes);
    Some(refined(&mut finder, help))
}

/// Some texts of Docker's stand for several mistakes.
fn refined(finder: &mut Finder<'_>, help: Help) -> Help {
    let arg = |at: usize| help.args.get(at).cloned().unwrap_or_default();
    let bare = arg(0).strip_suffix(":latest").map_or_else(|| arg(0), str::to_owned);
    match help.id {
        Topic::NameBad if arg(0).chars().count() == 1 => Help { id: Topic::NameTooShort, ..help },
        Topic::ProgramMissing if arg(0).starts_with('-') => {
            Help::new(Topic::FlagAfterImage, &[&arg(0), finder.verb])
        }
        Topic::ImageUsedByStopped if finder.is_up(&arg(1)) => Help { id: Topic::ImageUsedByRunning, ..help },
        Topic::NoSuchPath if !finder.finds_container(&arg(0)) && !finder.is_named(Kind::Image, &arg(0)) => {
            let near = finder.near(Kind::Container, &arg(0));
            Help::new(Topic::NoSuchContainer, &[&arg(0), &near])
        }
        Topic::NoSuchPath if finder.finds_container(&arg(0)) => {
            let of_kernel = ["/proc", "/sys", "/dev"];
            let lives = of_kernel.iter().any(|dir| arg(1) == *dir || arg(1).starts_with(&format!("{dir}/")));
            if lives { Help { id: Topic::KernelPath, ..help } } else { help }
        }
        Topic::NoSuchPath | Topic::NoSuchContainer if finder.is_named(Kind::Image, &arg(0)) => {
            let container = finder.container_of(&arg(0));
            Help::new(Topic::ImageNotContainer, &[&arg(0), &container, finder.verb])
        }
        Topic::NoSuchImage | Topic::PullDenied if finder.is_named(Kind::Container, &bare) => {
            Help::new(Topic::ContainerNotImage, &[&bare])
        }
        Topic::NoSuchImage => {
            let near = finder.near(Kind::Image, &bare);
            Help::new(Topic::NoSuchImage, &[&bare, &near])
        }
        Topic::NoDockerfile if !finder.flag("file").is_empty() => {
            Help::new(Topic::NoDockerfileNamed, &[&finder.flag("file")])
        }
        Topic::ChangeBad => {
            let change = finder.flag("change");
            Help::new(Topic::ChangeBad, &[change.split_whitespace().next().unwrap_or_default()])
        }
        _ => help,
    }
}
