//! Which stages a target needs, and how they hang together.

use std::collections::BTreeSet;

use crate::dockerfile::mount::MountKind;
use crate::dockerfile::{Command, Dockerfile};

/// The base that is nothing.
const SCRATCH: &str = "scratch";

/// What a name in `FROM`, `COPY --from` or a mount means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// A stage.
    Stage(usize),
    /// An image.
    Image(String),
    /// Nothing.
    Scratch,
}

/// The stage of a name, looked for before `end`; numbers count for all but `FROM`.
pub(super) fn meant(file: &Dockerfile, bases: &[String], name: &str, end: usize, numbers: bool) -> Meant {
    let by_name = file.stages[..end]
        .iter()
        .rposition(|stage| !stage.from.name.is_empty() && stage.from.name.eq_ignore_ascii_case(name));
    let by_number = || name.parse::<usize>().ok().filter(|number| numbers && *number < bases.len());
    match by_name.or_else(by_number) {
        Some(stage) => Meant::Stage(stage),
        None if name == SCRATCH => Meant::Scratch,
        None => Meant::Image(name.to_owned()),
    }
}

/// The names that a stage takes something from, beside its base.
pub(super) fn sources(file: &Dockerfile, stage: usize) -> Vec<String> {
    let mut names = Vec::new();
    for instruction in &file.stages[stage].instructions {
        match &instruction.command {
            Command::Copy(files) if !files.from.is_empty() => names.push(files.from.clone()),
            Command::Run(run) => {
                for mount in &run.mounts {
                    if !mount.from.is_empty() {
                        names.push(mount.from.clone());
                    } else if mount.kind == MountKind::Cache {
                        names.push(SCRATCH.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    names
}

/// The stages that a target needs, in the file's order.
///
/// # Errors
/// A stage that needs itself.
pub(super) fn needed(file: &Dockerfile, bases: &[String], target: usize) -> Result<Vec<usize>, String> {
    let edges = |stage: usize| -> Vec<usize> {
        let mut to = Vec::new();
        if let Meant::Stage(base) = meant(file, bases, &bases[stage], stage, false) {
            to.push(base);
        }
        for name in sources(file, stage) {
            if let Meant::Stage(source) = meant(file, bases, &name, file.stages.len(), true) {
                to.push(source);
            }
        }
        to
    };
    let mut seen = BTreeSet::new();
    // Stages that are open, each with the edges that are left.
    let mut open = vec![(target, edges(target))];
    seen.insert(target);
    while let Some((_, left)) = open.last_mut() {
        let Some(next) = left.pop() else {
            open.pop();
            continue;
        };
        if open.iter().any(|(stage, _)| *stage == next) {
            let name = &file.stages[next].from.name;
            let name = if name.is_empty() { next.to_string() } else { name.clone() };
            return Err(format!("circular dependency detected on stage: {name}"));
        }
        if seen.insert(next) {
            open.push((next, edges(next)));
        }
    }
    Ok(seen.into_iter().collect())
}
