//! Completion of docker's command line, from the same table and help texts that parse it.

use super::help::{self, FlagSpec};
use super::table::{self, Found};
use super::verb::Verb;
use crate::engine::Engine;
use crate::kernel::{ByteString, Task, path};
use crate::program::System;

/// Where the paths are that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paths {
    /// On the host.
    Host,
    /// In a container.
    Container {
        /// Its name or id.
        name: String,
        /// The part of the word that is no path: `web1:` of `docker cp web1:/etc`.
        mark: usize,
        /// Whether the word is the name of the program that is to run.
        is_program: bool,
    },
    /// In an image that no container shows yet.
    Unseen,
}

/// A container's tree, for the time of one completion.
#[derive(Debug, Clone)]
pub struct Inside {
    /// A process that looks at it.
    pub task: Task,
    /// The directories of its programs.
    pub programs: Vec<String>,
}

/// The words that could stand after `words` (what follows `docker`) and start with `prefix`; each ends in a space, or in
/// the colon behind which a path of a container follows.
pub fn complete(system: &mut System<'_>, words: &[&str], prefix: &str) -> Vec<String> {
    let owned: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut end = " ";
    let candidates = match table::find(&owned) {
        Found::Nothing if words.is_empty() => table::names().into_iter().map(str::to_owned).collect(),
        Found::Nothing => Vec::new(),
        Found::Group(group, _) => table::names_in(group).into_iter().map(str::to_owned).collect(),
        // Behind the container or image everything belongs to the program in it.
        Found::Verb(verb, _, taken)
            if holds_a_program(verb) && !operands(verb, &owned[taken..]).is_empty() =>
        {
            Vec::new()
        }
        Found::Verb(verb, ..) if prefix.starts_with('-') => {
            help::flags(verb.help).into_iter().map(|flag| format!("--{}", flag.long)).collect()
        }
        Found::Verb(verb, ..) => {
            if verb.help == "cp" {
                end = ":";
            }
            objects(system, verb.help)
        }
    };
    candidates
        .into_iter()
        .filter(|word| word.starts_with(prefix))
        .map(|word| format!("{word}{end}"))
        .collect()
}

/// Where a path at the cursor would be, after `words` (what follows `docker`).
pub fn paths(words: &[&str], prefix: &str) -> Paths {
    let owned: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let Found::Verb(verb, _, taken) = table::find(&owned) else { return Paths::Host };
    let operands = operands(verb, &owned[taken..]);
    match (verb.help, operands.first()) {
        ("exec", Some(name)) => Paths::Container {
            name: name.clone(),
            mark: 0,
            is_program: operands.len() == 1 && !prefix.contains('/'),
        },
        ("run" | "create", Some(_)) => Paths::Unseen,
        // As `splitCpArg` has it: what starts with a slash or a dot is never a container's.
        ("cp", _) if !prefix.starts_with(['/', '.']) => match prefix.split_once(':') {
            Some((name, _)) if !name.is_empty() => {
                Paths::Container { name: name.to_owned(), mark: name.len() + 1, is_program: false }
            }
            _ => Paths::Host,
        },
        _ => Paths::Host,
    }
}

/// A look into a container that is up, as `docker exec` has it.
pub fn inside(system: &mut System<'_>, name: &str) -> Option<Inside> {
    let mut engine = Engine::of(system).ok()?;
    let container = engine.find_container(name).ok().filter(|container| container.state.running)?;
    let root = engine.merged_of(&container.id).ok()?;
    let place = engine.place(&container, &root, "").ok()?;
    let programs = place.env.get(b"PATH".as_slice()).map(ByteString::to_text).unwrap_or_default();
    let programs = programs.split(':').map(str::to_owned).collect();
    // Whoever completes may see what its user may not.
    let task = Task::root().chrooted(root).at(path::normalize(&place.task.cwd));
    Some(Inside { task, programs })
}

/// A look into a container that is not up, as `docker cp` has it. Its tree stays mounted, so that this is for a copy of the
/// machine alone.
pub fn opened(system: &mut System<'_>, name: &str) -> Option<Inside> {
    let mut engine = Engine::of(system).ok()?;
    let container = engine.find_container(name).ok()?;
    let view = engine.view(&container).ok()?;
    Some(Inside { task: Task::root().chrooted(view.root), programs: Vec::new() })
}

/// Whether all that follows its first operand belongs to a program.
fn holds_a_program(verb: &Verb) -> bool {
    matches!(verb.help, "exec" | "run" | "create")
}

/// Returns the operands of a command: its words without the flags and their values.
fn operands(verb: &Verb, words: &[String]) -> Vec<String> {
    let flags = help::flags(verb.help);
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let is_over = holds_a_program(verb) && !found.is_empty();
        if is_over || !word.starts_with('-') || word == "-" {
            found.push(word.clone());
        } else if word == "--" {
            found.extend(words.by_ref().cloned());
        } else if takes_the_next(&flags, word) {
            words.next();
        }
    }
    found
}

/// Whether a flag's value is the word behind it: `-w /`, `--workdir /`, the last of `-itw /`.
fn takes_the_next(flags: &[FlagSpec], word: &str) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        return flags.iter().any(|flag| flag.long == long && !flag.kind.is_empty());
    }
    let mut letters = word.chars().skip(1);
    let takes = |letter: char| flags.iter().any(|flag| flag.short == Some(letter) && !flag.kind.is_empty());
    letters.by_ref().any(takes) && letters.next().is_none()
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
