//! Signals: their names and numbers, and what they do to a process that does not say (signal(7)).

use super::row::Row;

/// `SIGINT`.
pub const INT: u8 = 2;
/// `SIGQUIT`.
pub const QUIT: u8 = 3;
/// `SIGKILL`.
pub const KILL: u8 = 9;
/// `SIGPIPE`.
pub const PIPE: u8 = 13;
/// `SIGTERM`.
pub const TERM: u8 = 15;
/// `SIGCONT`.
pub const CONT: u8 = 18;
/// `SIGSTOP`.
pub const STOP: u8 = 19;

/// Their names, from 1 on (x86-64).
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];
const RTMIN: u8 = 34;
/// The highest real-time signal (signal(7)).
pub const RTMAX: u8 = 64;

/// The number of a signal given by name, with or without `SIG`, or by number; `RTMIN+1` and the like too.
pub fn number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=RTMAX).contains(&number).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let relative = |base: u8, rest: &str, up: bool| {
        let by: u8 = if rest.is_empty() { 0 } else { rest.get(1..)?.parse().ok()? };
        let sign = rest.is_empty() || rest.starts_with(if up { '+' } else { '-' });
        let number = if up { base.checked_add(by)? } else { base.checked_sub(by)? };
        (sign && (RTMIN..=RTMAX).contains(&number)).then_some(number)
    };
    if let Some(rest) = name.strip_prefix("RTMIN") {
        return relative(RTMIN, rest, true);
    }
    if let Some(rest) = name.strip_prefix("RTMAX") {
        return relative(RTMAX, rest, false);
    }
    let aliases = [("IOT", 6), ("CLD", 17), ("POLL", 29)];
    let plain = NAMES.iter().position(|known| *known == name).map(|at| at as u8 + 1);
    plain.or_else(|| aliases.iter().find(|(known, _)| *known == name).map(|(_, number)| *number))
}

/// The name of a signal, without `SIG`.
pub fn name(number: u8) -> String {
    match NAMES.get(usize::from(number).wrapping_sub(1)) {
        Some(name) => (*name).to_owned(),
        None if number >= RTMIN => format!("RTMIN+{}", number - RTMIN),
        None => number.to_string(),
    }
}

/// All names with their numbers, for `kill -l`.
pub fn all() -> impl Iterator<Item = (u8, &'static str)> {
    (1..).zip(NAMES)
}

/// What a signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Nothing,
    Catch,
    Stop,
    Go,
    /// It comes when the process goes on.
    Later,
    End,
}

pub(super) fn action(row: &Row, signal: u8) -> Action {
    let bit = 1u64 << (signal & 63);
    let held = row.stopped || row.paused;
    match signal {
        0 => Action::Nothing,
        KILL => Action::End,
        CONT => Action::Go,
        // The first process of a container is not stopped from inside it either; the lab's own `docker pause` holds it.
        STOP => Action::Stop,
        _ if row.ignored & bit != 0 => Action::Nothing,
        _ if row.caught & bit != 0 => Action::Catch,
        // Process 1 gets only what it asked for (pid_namespaces(7)).
        _ if row.inner == 1 => Action::Nothing,
        // CHLD, URG, WINCH.
        17 | 23 | 28 => Action::Nothing,
        // TSTP, TTIN, TTOU.
        20..=22 => Action::Stop,
        _ if held => Action::Later,
        _ => Action::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_and_by_number() {
        for (text, want) in [
            ("TERM", Some(15)),
            ("sigkill", Some(9)),
            ("64", Some(64)),
            ("RTMIN+1", Some(35)),
            ("SIGRTMAX-2", Some(62)),
            ("RTMIN-1", None),
            ("0", None),
            ("65", None),
            ("NOPE", None),
        ] {
            assert_eq!(number(text), want, "{text}");
        }
        assert_eq!((name(15), name(35)), ("TERM".to_owned(), "RTMIN+1".to_owned()));
    }
}
