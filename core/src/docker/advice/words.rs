//! Advice on a line that Docker's client cannot read: a misspelt command or option, too few words.

use super::known;
use crate::docker::flags::FlagError;
use crate::docker::help::{self, FlagSpec};
use crate::docker::table;
use crate::help::{Topic, nearest};
use crate::kernel::ByteString;
use crate::program::{Process, System};

/// Plugins that usually come with Docker's client, and that the lab has not.
const PLUGINS: [&str; 5] = ["app", "buildx", "compose", "sbom", "scan"];

/// The first word is no command.
pub(in crate::docker) fn of_verb(system: &mut System<'_>, process: &Process, word: &str) {
    if PLUGINS.contains(&word) {
        return process.advise(system, Topic::VerbNotInLab, &[word]);
    }
    let near = nearest(word, table::names()).unwrap_or_default();
    process.advise(system, Topic::VerbUnknown, &[word, near]);
}

/// The word behind a group's name is none of its commands.
pub(in crate::docker) fn of_group(system: &mut System<'_>, process: &Process, group: &str, word: &str) {
    let near = nearest(word, table::names_in(group)).unwrap_or_default();
    process.advise(system, Topic::SubcommandUnknown, &[group, word, near]);
}

/// Gives advice on the options of `name` that cannot be read.
pub(in crate::docker) fn of_flags(
    system: &mut System<'_>,
    process: &Process,
    name: &str,
    specs: &[FlagSpec],
    error: &FlagError,
) {
    match error {
        FlagError::Syntax(_) => {}
        FlagError::Unknown(flag) => {
            let near = nearest(flag, specs.iter().map(|spec| spec.long));
            let near = near.map(|long| format!("--{long}")).unwrap_or_default();
            process.advise(system, Topic::FlagUnknown, &[&format!("--{flag}"), name, &near]);
        }
        FlagError::UnknownShort { letter, word } => {
            process.advise(system, Topic::FlagUnknown, &[&format!("-{letter}"), name, &meant(word, specs)]);
        }
        FlagError::NeedsValue(flag) => {
            process.advise(system, Topic::FlagNeedsValue, &[&format!("--{flag}"), name]);
        }
        FlagError::ShortNeedsValue { letter, .. } => {
            process.advise(system, Topic::FlagNeedsValue, &[&format!("-{letter}"), name]);
        }
        FlagError::Value { value, name, long, .. } => {
            process.advise(system, Topic::FlagBadValue, &[name, &value.to_text(), known::example(long)]);
        }
    }
}

/// Returns the long option that was typed with one dash, as in `-name`.
fn meant(word: &str, specs: &[FlagSpec]) -> String {
    let found = specs.iter().find(|spec| spec.long == word && word.len() > 1);
    found.map(|spec| format!("--{}", spec.long)).unwrap_or_default()
}

/// The number of arguments is wrong.
pub(in crate::docker) fn of_arguments(
    system: &mut System<'_>,
    process: &Process,
    (name, text): (&str, &str),
    given: usize,
) {
    let typed: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let typed = format!("docker {}", typed.join(" "));
    match (name.rsplit(' ').next().unwrap_or_default(), given) {
        ("build", 0) => return process.advise(system, Topic::ContextUnnamed, &[&format!("{typed} .")]),
        ("run" | "create", 0) if !name.starts_with(['n', 'v']) => {
            return process.advise(system, Topic::ImageUnnamed, &[name, &format!("{typed} busybox sh")]);
        }
        _ => {}
    }
    let form = help::usage(text).lines().find_map(|line| line.strip_prefix("Usage:"));
    process.advise(system, Topic::ArgumentsWrong, &[name, form.unwrap_or_default().trim()]);
}

/// An option before the command is none of Docker's own: it belongs behind the command.
pub(in crate::docker) fn of_top_flags(system: &mut System<'_>, process: &Process, error: &FlagError) {
    let flag = match error {
        FlagError::UnknownShort { word, .. } => format!("-{word}"),
        FlagError::Unknown(flag) => format!("--{flag}"),
        _ => return,
    };
    process.advise(system, Topic::FlagBeforeVerb, &[&flag]);
}
