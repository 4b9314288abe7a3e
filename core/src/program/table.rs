//! The programs that there are, by name.

use std::collections::BTreeMap;

use super::job::{Job, Loader};
use super::look::LooksAround;
use super::{Flow, Process, System};
use crate::kernel::ByteString;

/// A program's entry point.
pub type Main = fn(&mut System<'_>, &mut Process) -> Flow;

/// Where a program can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On the lab's host by its name, and in a container where a file of that name is.
    Everywhere,
    /// On the lab's host alone (`docker`, `mount` of the host).
    Host,
    /// In a container alone: what a hub image's service file is marked as (`nginx`).
    Service,
}

/// A program.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name, the last component of `argv[0]`.
    pub name: &'static str,
    /// One line for `help`.
    pub summary: &'static str,
    /// Where it can be run.
    pub scope: Scope,
    /// Its code.
    pub main: Main,
}

/// All programs, by name.
#[derive(Debug, Clone, Default)]
pub struct Table {
    programs: BTreeMap<&'static str, Program>,
    jobs: BTreeMap<&'static str, Loader>,
    around: Option<LooksAround>,
}

impl Table {
    /// A table of these programs; of two with one name the later one stays.
    pub fn new(programs: impl IntoIterator<Item = Program>) -> Self {
        Self {
            programs: programs.into_iter().map(|p| (p.name, p)).collect(),
            jobs: BTreeMap::new(),
            around: None,
        }
    }

    /// The table with loaders for states that were written down.
    pub fn with_jobs(mut self, jobs: impl IntoIterator<Item = (&'static str, Loader)>) -> Self {
        self.jobs.extend(jobs);
        self
    }

    /// The table with what says of a place what surrounds it.
    pub fn with_around(mut self, around: LooksAround) -> Self {
        self.around = Some(around);
        self
    }

    /// What says of a place what surrounds it, if it is known.
    pub fn around(&self) -> Option<LooksAround> {
        self.around
    }

    /// A job that was written down, by its state's name.
    pub fn load(&self, name: &str, value: serde_json::Value) -> Option<Box<dyn Job>> {
        self.jobs.get(name)?(value)
    }

    /// The program of this name.
    pub fn get(&self, name: &[u8]) -> Option<&Program> {
        self.programs.get(std::str::from_utf8(name).ok()?)
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Program> {
        self.programs.values()
    }
}

/// How a program that runs to its end in one step reads its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Not at all, or as its own state says: it starts at once.
    Nothing,
    /// A line or two.
    Some,
    /// Lines, each for itself: it runs on a piece after another.
    Lines,
    /// All of it: it starts when all has come.
    Whole,
}

/// Programs that do not read their standard input, or that read it as it comes.
const STARTS_AT_ONCE: &[&str] = &[
    "[",
    "ash",
    "basename",
    "bash",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "cp",
    "dash",
    "date",
    "dd",
    "df",
    "dirname",
    "du",
    "echo",
    "env",
    "expr",
    "false",
    "find",
    "free",
    "groups",
    "head",
    "help",
    "hostname",
    "id",
    "install",
    "kill",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "mount",
    "mv",
    "nginx",
    "nohup",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "seq",
    "sh",
    "sha256sum",
    "sha512sum",
    "sleep",
    "stat",
    "sudo",
    "sync",
    "tee",
    "test",
    "timeout",
    "touch",
    "true",
    "truncate",
    "umount",
    "uname",
    "uptime",
    "wc",
    "which",
    "whoami",
    "yes",
];

/// Filters that read what is typed at a terminal to its end, where they are given no file.
const TYPED: &[&str] = &[
    "awk",
    "base64",
    "bc",
    "cksum",
    "column",
    "fold",
    "hexdump",
    "md5sum",
    "nl",
    "od",
    "rev",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sort",
    "sum",
    "tac",
    "uniq",
    "xargs",
];

/// How a program reads its standard input. From a terminal, what does not say that it reads there meets the end, so that no
/// command waits for a person who does not know why.
pub(super) fn reads(name: &str, args: &[ByteString], typed: bool) -> Reads {
    match reads_input(name, args) {
        Reads::Whole if typed && !(TYPED.contains(&name) && is_bare(name, args)) => Reads::Nothing,
        Reads::Some if typed => Reads::Nothing,
        reads => reads,
    }
}

/// Whether a filter is given no file: nothing but flags, and for awk its script.
fn is_bare(name: &str, args: &[ByteString]) -> bool {
    let operands = args.iter().skip(1).filter(|word| !word.starts_with(b"-") || *word == "-").count();
    match name {
        "awk" => operands == 1 && args.len() == 2 && awk_reads(args[1].as_bytes()),
        "xargs" => true,
        _ => operands == 0,
    }
}

/// Whether an awk script reads records: it has more than BEGIN rules (POSIX, awk: "the input is not read"), and is closed.
fn awk_reads(script: &[u8]) -> bool {
    let mut rest = script.trim_ascii_start();
    while let Some(rule) = rest.strip_prefix(b"BEGIN") {
        let Some(end) = end_of_braces(rule) else { return false };
        rest = rule[end..].trim_ascii_start();
        rest = rest.strip_prefix(b";").unwrap_or(rest).trim_ascii_start();
    }
    !rest.is_empty() && end_of_braces(rest).is_some()
}

/// Where the last brace of a balanced text ends, or the text, where it has none; nothing where one is left open. Braces in
/// quotes do not count.
fn end_of_braces(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut at) = (0_u32, false, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted && depth <= 1 => return Some(at + 1),
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    (depth == 0).then_some(text.len())
}

fn reads_input(name: &str, args: &[ByteString]) -> Reads {
    let words: Vec<&[u8]> = args.iter().skip(1).map(ByteString::as_bytes).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.iter().any(|w| w.as_bytes() == *word));
    match name {
        "docker" if has(&["load", "import", "cp", "build"]) => Reads::Whole,
        "docker" if has(&["prune", "login"]) => Reads::Some,
        "docker" => Reads::Nothing,
        // What is counted from the end needs the end.
        "head" if words.iter().any(|w| w.starts_with(b"-n-") || w.starts_with(b"-c-")) => Reads::Whole,
        "head" if words.windows(2).any(|w| matches!(w[0], b"-n" | b"-c") && w[1].starts_with(b"-")) => {
            Reads::Whole
        }
        "grep" | "egrep" | "fgrep" if is_plain_grep(&words) => Reads::Lines,
        "cut" if words.iter().all(|word| word.starts_with(b"-") && word.len() > 2) => Reads::Lines,
        "tr" if !words.iter().any(|word| word.starts_with(b"-") && word.contains(&b's')) => Reads::Lines,
        "sed" if is_plain_sed(&words) => Reads::Lines,
        _ if STARTS_AT_ONCE.contains(&name) => Reads::Nothing,
        _ => Reads::Whole,
    }
}

/// A grep that looks at each line for itself and prints it: a pattern, no file, no counting.
fn is_plain_grep(words: &[&[u8]]) -> bool {
    let options = words.iter().take_while(|word| word.starts_with(b"-") && word.len() > 1);
    let known = |word: &&&[u8]| word[1..].iter().all(|letter| b"viEFGwxoahsy".contains(letter));
    words.len() == options.clone().count() + 1 && options.clone().filter(known).count() == options.count()
}

/// A sed whose script is one `s` for every line.
fn is_plain_sed(words: &[&[u8]]) -> bool {
    let (script, options) = match words.split_last() {
        Some((script, options)) => (*script, options),
        None => return false,
    };
    let [b's', mark, rest @ ..] = script else { return false };
    let parts: Vec<&[u8]> = rest.split(|b| b == mark).collect();
    let flags = |part: &[u8]| part.iter().all(|b| b"gpiI123456789".contains(b));
    options.iter().all(|word| matches!(*word, b"-E" | b"-r" | b"-n" | b"-e"))
        && !script.contains(&b'\\')
        && parts.len() == 3
        && flags(parts[2])
}
