//! Completion of docker's command line, from the same table and help texts that parse it.

use super::help;
use super::table::{self, Found};
use crate::engine::Engine;
use crate::program::System;

/// The words that could stand after `words` (what follows `docker`) and start with `prefix`; each ends in a space.
pub fn complete(system: &mut System<'_>, words: &[&str], prefix: &str) -> Vec<String> {
    let owned: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let candidates = match table::find(&owned) {
        Found::Nothing if words.is_empty() => table::names().into_iter().map(str::to_owned).collect(),
        Found::Nothing => Vec::new(),
        Found::Group(group, _) => table::names_in(group).into_iter().map(str::to_owned).collect(),
        Found::Verb(verb, ..) if prefix.starts_with('-') => {
            help::flags(verb.help).into_iter().map(|flag| format!("--{}", flag.long)).collect()
        }
        Found::Verb(verb, ..) => objects(system, verb.help),
    };
    candidates.into_iter().filter(|word| word.starts_with(prefix)).map(|word| format!("{word} ")).collect()
}

/// The containers or images that a command takes.
fn objects(system: &mut System<'_>, command: &str) -> Vec<String> {
    let usage = help::usage(help::section(command).unwrap_or_default());
    let takes = |what: &str| usage.lines().any(|line| line.starts_with("Usage:") && line.contains(what));
    let Ok(mut engine) = Engine::of(system) else { return Vec::new() };
    let mut names = Vec::new();
    if takes("CONTAINER") || takes("NAME|ID") {
        names.extend(engine.containers().unwrap_or_default().iter().map(|c| c.plain_name().to_owned()));
    }
    if takes("IMAGE") || takes("NAME|ID") {
        names.extend(
            engine.references().unwrap_or_default().iter().map(|(reference, _)| reference.familiar()),
        );
    }
    if command == "pull" {
        names.extend(engine.world.hub.repositories().unwrap_or_default().into_iter().map(|r| r.name));
    }
    names
}
