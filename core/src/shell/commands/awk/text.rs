//! Texts of awk: `sprintf`, `sub` and `gsub`, and how a record is cut into fields.

use super::value::Value;
use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::regex::{Case, Regex, Syntax};
use crate::shell::commands::printf;

/// `sprintf`: a format and its operands.
pub(super) fn format(format: &[u8], args: &[Value]) -> Vec<u8> {
    let mut words = Vec::new();
    let mut plain = Vec::new();
    let mut args = args.iter();
    let mut rest = format;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        plain.push(*byte);
        match byte {
            // The shell's printf reads escapes, which were read already.
            b'\\' => plain.push(b'\\'),
            b'%' if rest.first() == Some(&b'%') => {
                plain.push(b'%');
                rest = &rest[1..];
            }
            b'%' => {
                let end = rest.iter().position(u8::is_ascii_alphabetic).unwrap_or(rest.len());
                for _ in rest[..end].iter().filter(|b| **b == b'*') {
                    words.push(whole(args.next()));
                }
                let Some(letter) = rest.get(end) else {
                    plain.push(b'%');
                    continue;
                };
                plain.extend_from_slice(&rest[..=end]);
                rest = &rest[end + 1..];
                let value = args.next();
                words.push(match (letter, value) {
                    (b'd' | b'i' | b'o' | b'x' | b'X' | b'u', value) => whole(value),
                    (b'c', Some(Value::Number(number))) => {
                        char::from_u32(*number as u32).unwrap_or_default().to_string().into_bytes()
                    }
                    (b'e' | b'E' | b'f' | b'F' | b'g' | b'G', value) => {
                        format!("{}", value.map_or(0.0, Value::number)).into_bytes()
                    }
                    (_, value) => value.map(|value| value.text(b"%.6g")).unwrap_or_default(),
                });
            }
            _ => {}
        }
    }
    printf::once(&plain, words)
}

fn whole(value: Option<&Value>) -> Vec<u8> {
    format!("{}", value.map_or(0.0, Value::number) as i64).into_bytes()
}

/// Replaces the first match, or all, by a text in which `&` is the match. Returns how many there were.
pub(super) fn replace(text: &[u8], regex: &Regex, with: &[u8], all: bool) -> (Vec<u8>, usize) {
    let (mut out, mut done, mut count) = (Vec::new(), 0, 0);
    for groups in regex.all(text) {
        let Some((start, end)) = groups.first().copied().flatten() else { continue };
        out.extend_from_slice(&text[done..start]);
        let mut bytes = with.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => match bytes.next() {
                    Some(next @ (b'&' | b'\\')) => out.push(*next),
                    next => {
                        out.push(b'\\');
                        out.extend(next);
                    }
                },
                b'&' => out.extend_from_slice(&text[start..end]),
                byte => out.push(*byte),
            }
        }
        done = end;
        count += 1;
        if !all {
            break;
        }
    }
    out.extend_from_slice(&text[done..]);
    (out, count)
}

/// Cuts a text into fields: at blanks for one space, at a character, or at an expression.
///
/// # Errors
/// An expression that cannot be read.
pub(super) fn fields(text: &[u8], separator: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
    Ok(match separator {
        b" " => text
            .split(u8::is_ascii_whitespace)
            .filter(|field| !field.is_empty())
            .map(<[u8]>::to_vec)
            .collect(),
        _ if text.is_empty() => Vec::new(),
        b"" => text.iter().map(|byte| vec![*byte]).collect(),
        [byte] if *byte != b'\\' => text.split(|b| b == byte).map(<[u8]>::to_vec).collect(),
        _ => {
            let regex = Regex::new(separator, Syntax::Extended, Case::Kept)?;
            let mut list = Vec::new();
            let mut start = 0;
            for groups in regex.all(text) {
                if let Some((from, to)) = groups.first().copied().flatten().filter(|(from, to)| from < to) {
                    list.push(text[start..from].to_vec());
                    start = to;
                }
            }
            list.push(text[start..].to_vec());
            list
        }
    })
}
