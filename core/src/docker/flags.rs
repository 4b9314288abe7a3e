//! Reading a command's flags as Docker's command line does (the Go packages cobra and pflag), with its error texts.

use std::collections::BTreeMap;

use thiserror::Error;

use super::goparse::{parse_bool, parse_bytes};
use super::help::FlagSpec;
use crate::kernel::ByteString;

/// What stood on the line.
#[derive(Debug, Clone, Default)]
pub(super) struct Flags {
    values: BTreeMap<&'static str, Vec<ByteString>>,
    /// What is no flag, in order.
    pub args: Vec<ByteString>,
}

/// Whether flags may stand behind the first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// They may.
    Mixed,
    /// Everything from the first argument on belongs to something else (`run`, `exec`).
    FlagsFirst,
}

/// What reading came to.
#[derive(Debug, Clone)]
pub(super) enum Parsed {
    /// Flags and arguments.
    Flags(Flags),
    /// `--help`.
    Help,
    /// `-h` where that is help's old short form.
    ShortHelp,
}

impl Flags {
    /// No flags, and these arguments.
    pub(super) fn of(args: Vec<ByteString>) -> Self {
        Self { values: BTreeMap::new(), args }
    }

    /// Whether a flag without value is set.
    pub(super) fn is_set(&self, long: &str) -> bool {
        self.values.get(long).and_then(|v| v.last()).is_some_and(|v| parse_bool(v) == Some(true))
    }

    /// Whether no flag stood on the line.
    pub(super) fn is_bare(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether the flag stood on the line at all.
    pub(super) fn has(&self, long: &str) -> bool {
        self.values.contains_key(long)
    }

    /// A flag that is on unless it is said to be off.
    pub(super) fn is_on(&self, long: &str) -> bool {
        !self.has(long) || self.is_set(long)
    }

    /// The last value, as text.
    pub(super) fn text(&self, long: &str) -> Option<String> {
        self.bytes(long).map(ByteString::to_text)
    }

    /// The last value.
    pub(super) fn bytes(&self, long: &str) -> Option<&ByteString> {
        self.values.get(long).and_then(|v| v.last())
    }

    /// All values, as texts.
    pub(super) fn list(&self, long: &str) -> Vec<String> {
        self.values.get(long).into_iter().flatten().map(ByteString::to_text).collect()
    }

    /// The last value, as a number.
    pub(super) fn int(&self, long: &str) -> Option<i64> {
        self.bytes(long).and_then(|v| v.to_text().parse().ok())
    }
}

/// Why a line cannot be read, in pflag's words: the caller adds where to look.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum FlagError {
    /// `--` and no name.
    #[error("bad flag syntax: --{0}")]
    Syntax(String),
    /// No flag has this long name.
    #[error("unknown flag: --{0}")]
    Unknown(String),
    /// No flag has this letter.
    #[error("unknown shorthand flag: '{letter}' in -{word}")]
    UnknownShort {
        /// The letter.
        letter: char,
        /// The rest of the word, from the letter on.
        word: String,
    },
    /// The line ends where a value should be.
    #[error("flag needs an argument: --{0}")]
    NeedsValue(String),
    /// The line ends where a letter's value should be.
    #[error("flag needs an argument: '{letter}' in -{word}")]
    ShortNeedsValue {
        /// The letter.
        letter: char,
        /// The rest of the word, from the letter on.
        word: String,
    },
    /// The flag does not take this value.
    #[error("invalid argument \"{value}\" for \"{name}\" flag: {why}")]
    Value {
        /// The value.
        value: ByteString,
        /// The flag's names, `-n, --last`.
        name: String,
        /// Its long name.
        long: &'static str,
        /// Why.
        why: String,
    },
}

/// Reads a line.
///
/// # Errors
/// pflag's.
pub(super) fn parse(specs: &[FlagSpec], words: &[ByteString], order: Order) -> Result<Parsed, FlagError> {
    let mut flags = Flags::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_bytes() {
            b"--" => {
                flags.args.extend(rest.by_ref().cloned());
            }
            [b'-', b'-', long @ ..] => {
                if long == b"help" {
                    return Ok(Parsed::Help);
                }
                parse_long(specs, long, &mut rest, &mut flags)?;
            }
            [b'-', shorts @ ..] if !shorts.is_empty() => {
                if parse_shorts(specs, shorts, &mut rest, &mut flags)? {
                    return Ok(Parsed::ShortHelp);
                }
            }
            _ => {
                flags.args.push(word.clone());
                if order == Order::FlagsFirst {
                    flags.args.extend(rest.by_ref().cloned());
                }
            }
        }
    }
    Ok(Parsed::Flags(flags))
}

type Rest<'w> = std::slice::Iter<'w, ByteString>;

fn parse_long(
    specs: &[FlagSpec],
    long: &[u8],
    rest: &mut Rest<'_>,
    flags: &mut Flags,
) -> Result<(), FlagError> {
    let (name, value) = match long.iter().position(|b| *b == b'=') {
        Some(at) => (&long[..at], Some(ByteString::from(&long[at + 1..]))),
        None => (long, None),
    };
    let text = String::from_utf8_lossy(name);
    if name.is_empty() || name.starts_with(b"-") {
        return Err(FlagError::Syntax(String::from_utf8_lossy(long).into_owned()));
    }
    let spec = specs
        .iter()
        .find(|spec| spec.long.as_bytes() == name)
        .ok_or_else(|| FlagError::Unknown(text.to_string()))?;
    let value = match value {
        Some(value) => value,
        None if spec.kind.is_empty() => "true".into(),
        None => rest.next().cloned().ok_or_else(|| FlagError::NeedsValue(text.to_string()))?,
    };
    set(spec, value, flags)
}

/// Reads `-it`, `-n5`, `-n=5`, `-n 5`. Says whether it came to `-h` for help.
fn parse_shorts(
    specs: &[FlagSpec],
    shorts: &[u8],
    rest: &mut Rest<'_>,
    flags: &mut Flags,
) -> Result<bool, FlagError> {
    let mut at = 0;
    while at < shorts.len() {
        let letter = char::from(shorts[at]);
        let Some(spec) = specs.iter().find(|spec| spec.short == Some(letter)) else {
            if letter == 'h' {
                return Ok(true);
            }
            let word = String::from_utf8_lossy(&shorts[at..]).into_owned();
            return Err(FlagError::UnknownShort { letter, word });
        };
        let behind = &shorts[at + 1..];
        at += 1;
        let value = if let [b'=', value @ ..] = behind {
            at = shorts.len();
            value.into()
        } else if spec.kind.is_empty() {
            "true".into()
        } else if !behind.is_empty() {
            at = shorts.len();
            behind.into()
        } else {
            rest.next().cloned().ok_or_else(|| {
                let word = String::from_utf8_lossy(&shorts[at - 1..]).into_owned();
                FlagError::ShortNeedsValue { letter, word }
            })?
        };
        set(spec, value, flags)?;
    }
    Ok(false)
}

fn set(spec: &FlagSpec, value: ByteString, flags: &mut Flags) -> Result<(), FlagError> {
    let checked = if spec.long == "memory-swap" && value == "-1" { Ok(()) } else { check(spec.kind, &value) };
    if let Err(why) =
        checked.and_then(|()| if spec.kind.is_empty() { Ok(()) } else { check_name(spec.long, &value) })
    {
        let name = match spec.short {
            Some(short) => format!("-{short}, --{}", spec.long),
            None => format!("--{}", spec.long),
        };
        return Err(FlagError::Value { value, name, long: spec.long, why });
    }
    flags.values.entry(spec.long).or_default().push(value);
    Ok(())
}

/// What the Go type behind a flag refuses.
fn check(kind: &str, value: &ByteString) -> Result<(), String> {
    let text = value.to_text();
    match kind {
        "" if parse_bool(value).is_none() => {
            Err(format!("strconv.ParseBool: parsing \"{text}\": invalid syntax"))
        }
        "int" | "uint16" => {
            let digits = text.trim_start_matches(['-', '+']);
            let function = if kind == "int" { "ParseInt" } else { "ParseUint" };
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                Err(format!("strconv.{function}: parsing \"{text}\": invalid syntax"))
            } else if text.parse::<i64>().is_err() || (kind == "uint16" && text.parse::<u16>().is_err()) {
                Err(format!("strconv.{function}: parsing \"{text}\": value out of range"))
            } else {
                Ok(())
            }
        }
        "bytes" => parse_bytes(&text).map(drop),
        "filter" if !text.is_empty() && !text.contains('=') => {
            Err("bad format of filter (expected name=value)".to_owned())
        }
        _ => Ok(()),
    }
}

/// What the flags of these names refuse (`opts.ValidateEnv`, `opts.ValidateLabel`).
fn check_name(long: &str, value: &ByteString) -> Result<(), String> {
    match long {
        "env" if value.is_empty() || value.starts_with(b"=") => {
            Err(format!("invalid environment variable: {value}"))
        }
        _ => super::values::check_value(long, &value.to_text())
            .and_then(|()| super::option_values::check(long, &value.to_text())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::help;
    use super::*;

    fn read(of: &str, line: &str) -> Result<Flags, String> {
        let words: Vec<ByteString> = line.split_whitespace().map(ByteString::from).collect();
        let order = if of == "run" { Order::FlagsFirst } else { Order::Mixed };
        match parse(&help::flags(of), &words, order).map_err(|error| error.to_string())? {
            Parsed::Flags(flags) => Ok(flags),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn flags_as_pflag_reads_them() {
        let run = read("run", "-it --name=x -e A=1 -eB=2 --rm=false img -x --y").unwrap();
        assert!(run.is_set("interactive") && run.is_set("tty") && !run.is_set("rm") && run.has("rm"));
        assert_eq!(run.text("name").unwrap(), "x");
        assert_eq!(run.list("env"), ["A=1", "B=2"]);
        assert_eq!(run.args.len(), 3);
        assert_eq!(read("ps", "x -qn5 -- -a").unwrap().int("last"), Some(5));
    }

    #[test]
    fn refusals_are_pflag_s() {
        for (of, line, want) in [
            ("images", "--frob", "unknown flag: --frob"),
            ("ps", "-z", "unknown shorthand flag: 'z' in -z"),
            ("rm", "-fx", "unknown shorthand flag: 'x' in -x"),
            ("ps", "-n", "flag needs an argument: 'n' in -n"),
            ("run", "--name", "flag needs an argument: --name"),
            (
                "ps",
                "-n x",
                "invalid argument \"x\" for \"-n, --last\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "ps",
                "--all=",
                "invalid argument \"\" for \"-a, --all\" flag: strconv.ParseBool: parsing \"\": invalid syntax",
            ),
            ("run", "--memory x", "invalid argument \"x\" for \"-m, --memory\" flag: invalid size: 'x'"),
        ] {
            assert_eq!(read(of, line).unwrap_err(), want);
        }
    }
}
