//! Completion at the prompt: what could stand at the cursor.

use super::machine::Machine;
use crate::docker::{self, Inside, Paths};
use crate::kernel::{FileType, Task, fs, path};
use crate::program::{Scope, System, Table};

/// Where the word at the cursor starts, and the words that it could become, sorted. A directory ends in `/`, any other
/// finished word in a space.
pub(super) fn complete(
    machine: &mut Machine,
    table: &Table,
    line: &str,
    cursor: usize,
) -> (usize, Vec<String>) {
    let cursor = (0..=cursor.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let before = &line[..cursor];
    let command = before.rfind(['|', ';', '&', '(']).map_or(0, |at| at + 1);
    let start = before[command..].rfind([' ', '\t', '=']).map_or(command, |at| command + at + 1);
    let word = &before[start..];
    let words: Vec<&str> = before[command..start].split_whitespace().collect();
    let task = machine.innermost().task().clone();
    let mut found = match words.as_slice() {
        [] if !word.contains('/') => programs(table, word),
        ["docker", arguments @ ..] => {
            let mut system = System::new(machine.backend.kernel(), &mut machine.world, table);
            let mut found = docker::complete(&mut system, arguments, word);
            match docker::paths(arguments, word) {
                Paths::Host if word.contains(['/', '.']) || found.is_empty() => {
                    found.extend(paths(machine, &task, word));
                }
                Paths::Container { name, mark, is_program } => {
                    found.extend(contained(machine, table, &name, (mark, is_program), word));
                }
                Paths::Host | Paths::Unseen => {}
            }
            found
        }
        _ => paths(machine, &task, word),
    };
    found.sort();
    found.dedup();
    (start, found)
}

fn programs(table: &Table, word: &str) -> Vec<String> {
    let at_hand = table.iter().filter(|program| program.scope != Scope::Service);
    at_hand
        .filter(|program| program.name.starts_with(word))
        .map(|program| format!("{} ", program.name))
        .collect()
}

/// What could stand there in a container. What a look into it needs is done to a copy of the machine, where there can be
/// one: a completion leaves nothing behind.
fn contained(
    machine: &mut Machine,
    table: &Table,
    name: &str,
    (mark, is_program): (usize, bool),
    word: &str,
) -> Vec<String> {
    let mut copy = machine.fork();
    let is_copy = copy.is_some();
    let machine = copy.as_mut().unwrap_or(machine);
    let mut system = System::new(machine.backend.kernel(), &mut machine.world, table);
    let (before, path) = word.split_at(mark);
    let mut inside = docker::inside(&mut system, name);
    if mark > 0 {
        // `docker cp` sees a container that is not up, and starts at its root.
        inside = inside.or_else(|| is_copy.then(|| docker::opened(&mut system, name)).flatten());
        inside = inside.map(|inside| Inside { task: inside.task.at("/"), ..inside });
    }
    let Some(inside) = inside else { return Vec::new() };
    if !is_program {
        let found = paths(machine, &inside.task, path);
        return found.into_iter().map(|path| format!("{before}{path}")).collect();
    }
    let in_dir = |dir: &String| {
        let found = paths(machine, &inside.task, &format!("{dir}/{word}"));
        found.into_iter().filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned())).collect::<Vec<_>>()
    };
    inside.programs.iter().flat_map(in_dir).filter(|name| !name.is_empty()).collect()
}

fn paths(machine: &mut Machine, task: &Task, word: &str) -> Vec<String> {
    let (dir, prefix) = word.rsplit_once('/').map_or(("", word), |(dir, rest)| (&word[..=dir.len()], rest));
    let kernel = machine.backend.kernel();
    let listed = if dir.is_empty() { "." } else { dir };
    let entries = fs::read_dir(kernel, task, listed.as_bytes()).unwrap_or_default();
    let mut found = Vec::new();
    for entry in entries {
        // A name that is not UTF-8 cannot be typed, and a hidden one is offered to who asks for it.
        let Ok(name) = std::str::from_utf8(&entry.name) else { continue };
        if !name.starts_with(prefix) || (name.starts_with('.') && !prefix.starts_with('.')) {
            continue;
        }
        let full = path::join(listed.as_bytes(), name.as_bytes());
        let is_dir = entry.kind == FileType::Dir
            || (entry.kind == FileType::Symlink && kernel.stat(task, &full).is_ok_and(|s| s.is_dir()));
        found.push(format!("{dir}{name}{}", if is_dir { "/" } else { " " }));
    }
    found
}
