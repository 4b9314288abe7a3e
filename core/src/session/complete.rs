//! Completion at the prompt: what could stand at the cursor.

use super::machine::Machine;
use crate::docker;
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
            if word.contains(['/', '.']) || found.is_empty() {
                found.extend(paths(machine, &task, word));
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
