//! The words of an awk program (POSIX, `awk`, "Lexical Conventions").

use crate::shell::commands::common::refusal::Refusal;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(Vec<u8>),
    Expression(Vec<u8>),
    /// A name, and whether a parenthesis stands right behind it.
    Name(String, bool),
    /// A word of the language.
    Word(&'static str),
    Mark(&'static str),
    Line,
    End,
}

const WORDS: [&str; 19] = [
    "BEGIN", "END", "break", "continue", "delete", "do", "else", "exit", "for", "function", "getline", "if",
    "in", "next", "nextfile", "print", "printf", "return", "while",
];
/// Longest first.
const MARKS: [&str; 42] = [
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", ">>", "!~",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":",
    "~", "$", "=", "&",
];

/// Splits a program into words.
///
/// # Errors
/// What cannot be read.
pub(super) fn tokens(text: &[u8]) -> Result<Vec<Token>, Refusal> {
    let mut list: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\\' if text.get(at + 1) == Some(&b'\n') => at += 2,
            b'\n' => {
                list.push(Token::Line);
                at += 1;
            }
            b'#' => at += text[at..].iter().take_while(|b| **b != b'\n').count(),
            b'"' => {
                let (value, end) = quoted(text, at + 1, b'"')?;
                list.push(Token::Text(value));
                at = end;
            }
            b'/' if !ends_operand(list.last()) => {
                let (value, end) = quoted(text, at + 1, b'/')?;
                list.push(Token::Expression(value));
                at = end;
            }
            b'0'..=b'9' | b'.' if starts_number(&text[at..]) => {
                let end = at + number_length(&text[at..]);
                let digits = String::from_utf8_lossy(&text[at..end]);
                list.push(Token::Number(digits.parse().map_err(|_| format!("bad number {digits}"))?));
                at = end;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length =
                    text[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                let name = String::from_utf8_lossy(&text[at..at + length]).into_owned();
                at += length;
                list.push(match WORDS.iter().find(|word| **word == name) {
                    Some(word) => Token::Word(word),
                    None if name == "func" => Token::Word("function"),
                    None => Token::Name(name, text.get(at) == Some(&b'(')),
                });
            }
            _ => {
                let mark = MARKS.iter().find(|mark| text[at..].starts_with(mark.as_bytes()));
                let mark = mark.ok_or_else(|| format!("unexpected character '{}'", char::from(*byte)))?;
                at += mark.len();
                list.push(Token::Mark(match *mark {
                    "**" => "^",
                    "**=" => "^=",
                    mark => mark,
                }));
            }
        }
    }
    list.push(Token::End);
    Ok(list)
}

/// Whether a `/` behind this word divides.
fn ends_operand(last: Option<&Token>) -> bool {
    match last {
        Some(Token::Number(_) | Token::Text(_) | Token::Name(..)) => true,
        Some(Token::Mark(mark)) => matches!(*mark, ")" | "]" | "$" | "++" | "--"),
        _ => false,
    }
}

fn starts_number(text: &[u8]) -> bool {
    text[0].is_ascii_digit() || text.get(1).is_some_and(u8::is_ascii_digit)
}

/// How many bytes at the start of a text are a decimal number.
pub(super) fn number_length(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut part = 0;
    if text.get(at) == Some(&b'.') {
        part = digits(at + 1);
        at += 1 + part;
    }
    if whole + part == 0 {
        return 0;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        if at + 1 + sign < text.len() && digits(at + 1 + sign) > 0 {
            at += 1 + sign + digits(at + 1 + sign);
        }
    }
    at
}

/// A text up to its closing mark, with its escapes; an expression keeps those that are its own.
fn quoted(text: &[u8], mut at: usize, mark: u8) -> Result<(Vec<u8>, usize), Refusal> {
    let mut value = Vec::new();
    loop {
        match (text.get(at), text.get(at + 1)) {
            (None | Some(b'\n'), _) => {
                let what = if mark == b'/' { "regular expression" } else { "string" };
                return Err(format!("unterminated {what}").into());
            }
            (Some(byte), _) if *byte == mark => return Ok((value, at + 1)),
            (Some(b'\\'), Some(next)) => {
                at += 2;
                match next {
                    b'n' => value.push(b'\n'),
                    b't' => value.push(b'\t'),
                    b'r' => value.push(b'\r'),
                    b'/' => value.push(b'/'),
                    b'a' if mark == b'"' => value.push(7),
                    b'"' | b'\\' if mark == b'"' => value.push(*next),
                    b'0'..=b'7' => {
                        let more = text[at..].iter().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
                        let digits = &text[at - 1..at + more];
                        value.push(digits.iter().fold(0u8, |n, d| n.wrapping_mul(8).wrapping_add(d - b'0')));
                        at += more;
                    }
                    _ => value.extend([b'\\', *next]),
                }
            }
            (Some(byte), _) => {
                value.push(*byte);
                at += 1;
            }
        }
    }
}
