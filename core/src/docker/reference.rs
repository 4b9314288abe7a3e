//! The rows of all flags, held together with the help texts: for the reference page, for tests, and for the refusal of what
//! the lab does not have.

use super::fate::{Fate, Row, Rows};
use super::flags::Flags;
use super::{help, rows, table};

/// A command with its flags, for the reference page and for tests.
#[derive(Debug, Clone)]
pub struct CommandRows {
    /// The command behind `docker`, as its help text names it; empty for `docker` itself.
    pub command: &'static str,
    /// Its flags in the order of the help text, each as shown there and with its row, if it has one.
    pub flags: Vec<(String, Option<Row>)>,
    /// Rows without a flag.
    pub strangers: Vec<&'static str>,
}

/// Every command with all its flags.
pub fn commands() -> Vec<CommandRows> {
    let names = table::VERBS.iter().map(|verb| verb.help);
    let mut names: Vec<&'static str> = std::iter::once("").chain(names).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(rows_of).collect()
}

fn rows_of(command: &'static str) -> CommandRows {
    let rows = find(command).unwrap_or_default();
    let specs = help::flags(command);
    let shown = |spec: &help::FlagSpec| match spec.short {
        Some(short) => format!("-{short}, --{}", spec.long),
        None => format!("--{}", spec.long),
    };
    let row = |long: &str| rows.iter().find(|row| row.flag == long).copied();
    let flags: Vec<(String, Option<Row>)> =
        specs.iter().filter(|spec| spec.long != "help").map(|spec| (shown(spec), row(spec.long))).collect();
    let strangers = rows.iter().map(|row| row.flag).filter(|flag| !specs.iter().any(|s| s.long == *flag));
    CommandRows { command, flags, strangers: strangers.collect() }
}

fn find(command: &str) -> Option<Rows> {
    rows::ROWS.iter().find(|(name, _)| *name == command).map(|(_, rows)| *rows)
}

/// The lab's line for the first flag on the line that it refuses. A switch that is set to what it is anyway asks for
/// nothing.
pub(super) fn refusal(command: &str, flags: &Flags) -> Option<String> {
    let rows = find(command)?;
    let specs = help::flags(command);
    rows.iter().find_map(|row| {
        let Fate::Refused { why } = row.fate else { return None };
        let spec = specs.iter().find(|spec| spec.long == row.flag)?;
        let idle =
            spec.kind.is_empty() && flags.is_set(row.flag) == help::is_on_by_default(command, row.flag);
        (flags.has(row.flag) && !idle).then(|| format!("Layerlab: {why}"))
    })
}
