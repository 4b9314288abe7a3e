//! Options as `getopt_long(3)` reads them, from one table a command that also feeds `--help`.

use std::fmt::Write as _;

use super::run::Run;
use crate::help::Topic;
use crate::kernel::ByteString;

/// What a command asks for an option by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Key {
    /// `-x`, which may have a long name too.
    Letter(char),
    /// `--name`, of an option without a letter.
    Name(&'static str),
}

impl Key {
    pub(in crate::shell::commands) fn letter(self) -> Option<char> {
        match self {
            Self::Letter(letter) => Some(letter),
            Self::Name(_) => None,
        }
    }
}

impl From<char> for Key {
    fn from(letter: char) -> Self {
        Self::Letter(letter)
    }
}

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self::Name(name)
    }
}

/// One option.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell::commands) struct Flag {
    pub(in crate::shell::commands) key: Key,
    /// `--long`, empty where there is none.
    pub(in crate::shell::commands) long: &'static str,
    pub(in crate::shell::commands) value: Value,
    pub(in crate::shell::commands) help: &'static str,
    /// Where the option is refused: why, and the values that it takes all the same.
    pub(in crate::shell::commands) refused: Option<(&'static str, &'static [&'static str])>,
}

/// Whether an option has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Value {
    No,
    Required,
    /// `--long=value` or `-kvalue`, never the next argument.
    Optional,
}

/// `-k`, `--long`
pub(in crate::shell::commands) const fn flag(key: char, long: &'static str, help: &'static str) -> Flag {
    Flag { key: Key::Letter(key), long, value: Value::No, help, refused: None }
}

/// `-k value`, `--long=value`
pub(in crate::shell::commands) const fn valued(key: char, long: &'static str, help: &'static str) -> Flag {
    Flag { key: Key::Letter(key), long, value: Value::Required, help, refused: None }
}

/// `--long` alone.
pub(in crate::shell::commands) const fn long(long: &'static str, value: Value, help: &'static str) -> Flag {
    Flag { key: Key::Name(long), long, value, help, refused: None }
}

/// An option that the real program has and this one refuses, but for these values of it.
pub(in crate::shell::commands) const fn refused(
    flag: Flag,
    why: &'static str,
    but: &'static [&'static str],
) -> Flag {
    Flag { refused: Some((why, but)), ..flag }
}

/// How a command is called.
#[derive(Debug)]
pub(in crate::shell::commands) struct Usage {
    /// What stands after the name.
    pub(in crate::shell::commands) synopsis: &'static str,
    /// One sentence.
    pub(in crate::shell::commands) about: &'static str,
    pub(in crate::shell::commands) flags: &'static [Flag],
    /// The status of a usage error.
    pub(in crate::shell::commands) status: u8,
}

/// What a command was called with.
#[derive(Debug, Default)]
pub(in crate::shell::commands) struct Parsed {
    /// The options, in order.
    pub(in crate::shell::commands) options: Vec<(Key, Option<ByteString>)>,
    /// The rest.
    pub(in crate::shell::commands) operands: Vec<ByteString>,
}

impl Parsed {
    pub(in crate::shell::commands) fn has(&self, key: impl Into<Key>) -> bool {
        let key = key.into();
        self.options.iter().any(|(k, _)| *k == key)
    }

    /// The last value given.
    pub(in crate::shell::commands) fn value(&self, key: impl Into<Key>) -> Option<&ByteString> {
        let key = key.into();
        self.options.iter().rev().find(|(k, _)| *k == key).and_then(|(_, value)| value.as_ref())
    }

    /// Of several options that exclude one another, the one given last.
    pub(in crate::shell::commands) fn last_of(&self, letters: &str) -> Option<char> {
        self.options.iter().rev().filter_map(|(key, _)| key.letter()).find(|letter| letters.contains(*letter))
    }
}

/// How operands and options may be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Order {
    /// Options may stand after operands.
    Any,
    /// The first operand ends the options (`env`, `xargs`).
    OptionsFirst,
}

/// Reads the arguments of a process. `Err` is the status to end with: after `--help`, or a usage error that was told.
pub(in crate::shell::commands) fn parse(
    run: &mut Run<'_, '_>,
    usage: &Usage,
    order: Order,
) -> Result<Parsed, u8> {
    let args: Vec<ByteString> = run.process.args[1..].to_vec();
    let mut parsed = Parsed::default();
    let mut rest = args.into_iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            parsed.operands.extend(rest.by_ref());
        } else if let Some(text) = arg.strip_prefix(b"--") {
            parse_long(run, usage, text, &mut rest, &mut parsed)?;
        } else if arg.len() > 1 && arg.starts_with(b"-") {
            parse_short(run, usage, &arg[1..], &mut rest, &mut parsed)?;
        } else {
            parsed.operands.push(arg);
            if order == Order::OptionsFirst {
                parsed.operands.extend(rest.by_ref());
            }
        }
    }
    Ok(parsed)
}

type Rest = std::vec::IntoIter<ByteString>;

fn parse_long(
    run: &mut Run<'_, '_>,
    usage: &Usage,
    text: &[u8],
    rest: &mut Rest,
    parsed: &mut Parsed,
) -> Result<(), u8> {
    let (name, given) = match text.iter().position(|b| *b == b'=') {
        Some(at) => (&text[..at], Some(ByteString::from(&text[at + 1..]))),
        None => (text, None),
    };
    if name == b"help" {
        help(run, usage);
        return Err(0);
    }
    if name == b"version" && !usage.flags.iter().any(|f| f.long == "version") {
        let text = format!("{} (Layerlab)\n", run.name());
        run.print(text);
        return Err(0);
    }
    let exact = usage.flags.iter().find(|f| f.long.as_bytes() == name && !f.long.is_empty());
    let mut like = usage.flags.iter().filter(|f| f.long.as_bytes().starts_with(name) && !f.long.is_empty());
    let found = exact.or_else(|| like.next().filter(|_| like.next().is_none() && !name.is_empty()));
    let shown = String::from_utf8_lossy(name).into_owned();
    let Some(found) = found else {
        let status =
            mistake(run, usage, &format!("unrecognized option '--{}'", String::from_utf8_lossy(text)));
        advise(run, &format!("--{shown}"));
        return Err(status);
    };
    let value = match (found.value, given) {
        (Value::No, Some(_)) => {
            return Err(mistake(run, usage, &format!("option '--{}' doesn't allow an argument", found.long)));
        }
        (Value::Required, None) => match rest.next() {
            Some(value) => Some(value),
            None => return Err(mistake(run, usage, &format!("option '--{shown}' requires an argument"))),
        },
        (_, given) => given,
    };
    check(run, usage, found, value.as_ref())?;
    parsed.options.push((found.key, value));
    Ok(())
}

/// Refuses an option that the lab lacks, in a line of its own.
fn check(run: &mut Run<'_, '_>, usage: &Usage, flag: &Flag, value: Option<&ByteString>) -> Result<(), u8> {
    match flag.refused {
        Some((why, but)) if !value.is_some_and(|value| but.iter().any(|known| *value == **known)) => {
            run.complain(format!("Layerlab: {why}\n"));
            Err(usage.status)
        }
        _ => Ok(()),
    }
}

fn parse_short(
    run: &mut Run<'_, '_>,
    usage: &Usage,
    letters: &[u8],
    rest: &mut Rest,
    parsed: &mut Parsed,
) -> Result<(), u8> {
    let mut at = 0;
    while let Some(byte) = letters.get(at) {
        at += 1;
        let letter = char::from(*byte);
        let Some(found) = usage.flags.iter().find(|f| f.key == Key::Letter(letter)) else {
            let status = mistake(run, usage, &format!("invalid option -- '{letter}'"));
            advise(run, &format!("-{letter}"));
            return Err(status);
        };
        let value = match found.value {
            Value::No => None,
            Value::Optional => {
                let value = (at < letters.len()).then(|| letters[at..].into());
                at = letters.len();
                value
            }
            Value::Required => {
                let value = if at < letters.len() { Some(letters[at..].into()) } else { rest.next() };
                at = letters.len();
                if value.is_none() {
                    return Err(mistake(run, usage, &format!("option requires an argument -- '{letter}'")));
                }
                value
            }
        };
        check(run, usage, found, value.as_ref())?;
        parsed.options.push((found.key, value));
    }
    Ok(())
}

/// Adds the advice on an option that the lab's program lacks; the real one may have it.
pub(in crate::shell::commands) fn advise(run: &mut Run<'_, '_>, option: &str) {
    let name = run.name();
    run.process.advise(run.system, Topic::OptionNotHere, &[&name, option]);
}

/// Tells a usage error in the program's own way, and gives its status.
pub(in crate::shell::commands) fn mistake(run: &mut Run<'_, '_>, usage: &Usage, message: &str) -> u8 {
    let name = run.name();
    if !run.habits().points_to_help {
        let text = format!("{name}: {message}\n");
        run.complain(text);
        return whole_usage(run, usage);
    }
    let text = format!("{name}: {message}\nTry '{name} --help' for more information.\n");
    run.complain(text);
    usage.status
}

/// Reports a missing operand: GNU in one sentence, BusyBox with the whole usage text.
pub(in crate::shell::commands) fn missing(run: &mut Run<'_, '_>, usage: &Usage, message: &str) -> u8 {
    if run.habits().points_to_help { mistake(run, usage, message) } else { whole_usage(run, usage) }
}

/// Tells that a value is wrong, and gives the status.
pub(in crate::shell::commands) fn bad_value(
    run: &mut Run<'_, '_>,
    usage: &Usage,
    message: &str,
    value: &[u8],
) -> u8 {
    let text = run.fill(message, &[value]);
    if run.habits().points_to_help {
        return mistake(run, usage, &String::from_utf8_lossy(&text));
    }
    run.warn(text);
    1
}

fn whole_usage(run: &mut Run<'_, '_>, usage: &Usage) -> u8 {
    let text = help_text(run, usage);
    run.complain(text);
    1
}

fn help(run: &mut Run<'_, '_>, usage: &Usage) {
    let text = help_text(run, usage);
    run.print(text);
}

fn help_text(run: &Run<'_, '_>, usage: &Usage) -> String {
    let name = run.name();
    let mut text = run.words().help_head.to_owned();
    let _ = write!(text, "Usage: {name} {}\n{}\n", usage.synopsis, usage.about);
    if !usage.flags.is_empty() {
        text.push('\n');
    }
    for flag in usage.flags.iter().filter(|f| !f.help.is_empty()) {
        let value = if flag.value == Value::Required { "=VALUE" } else { "" };
        let left = match (flag.key, flag.long) {
            (Key::Letter(letter), "") => format!("  -{letter}"),
            (Key::Letter(letter), long) => format!("  -{letter}, --{long}{value}"),
            (Key::Name(_), long) => format!("      --{long}{value}"),
        };
        let _ = writeln!(text, "{left:<28} {}", flag.help);
    }
    text
}
