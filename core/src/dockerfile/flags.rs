//! An instruction's flags: `--name=value` words before its arguments.

/// Splits the flags off the start of what stands behind an instruction's name. `--` alone ends them.
pub(super) fn take(text: &str) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (word, behind) = word(rest);
        if word == "--" {
            return (flags, behind);
        }
        flags.push(word);
        rest = behind.trim_start();
    }
    (flags, rest)
}

/// The first word, its quotes and backslashes taken off, and what follows it.
fn word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return (word, &text[at..]),
            None if matches!(c, '\'' | '"') => {
                quote = Some(c);
                continue;
            }
            Some(open) if c == open => {
                quote = None;
                // The closing quote stays in the word, as Docker leaves it.
                word.push(c);
                continue;
            }
            _ => {}
        }
        if c == '\\' {
            word.extend(chars.next().map(|(_, next)| next));
        } else {
            word.push(c);
        }
    }
    (word, "")
}

/// The kinds of an instruction's flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// With a value.
    Value,
    /// With a value, as often as one likes.
    List,
}

/// Flags that were read: names with their values, in order.
pub(super) type Read = Vec<(&'static str, String)>;

/// Reads an instruction's flags against those that there are.
pub(super) fn read(flags: &[String], known: &[(&'static str, Kind)]) -> Result<Read, String> {
    let mut read = Read::new();
    for flag in flags {
        let Some(text) = flag.strip_prefix("--") else {
            return Err(format!("Arg should start with -- : {flag}"));
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let Some((name, kind)) = known.iter().find(|(known, _)| *known == name) else {
            return Err(format!("Unknown flag: {name}"));
        };
        if *kind != Kind::List && read.iter().any(|(seen, _)| seen == name) {
            return Err(format!("Duplicate flag specified: {name}"));
        }
        let Some(value) = value else { return Err(format!("Missing a value on flag: {name}")) };
        let value = value.to_owned();
        read.push((name, value));
    }
    Ok(read)
}

/// The value of a flag, empty where it is not there.
pub(super) fn value(read: &Read, name: &str) -> String {
    read.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}
