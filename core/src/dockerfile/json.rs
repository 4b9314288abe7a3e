//! Lists in JSON, as the exec form writes them, and Go's way to quote a string.

use std::fmt::Write as _;

/// A list of strings at the start of a text, if it begins with one; what follows it is not looked at.
///
/// # Errors
/// A list that holds something else.
pub(super) fn list(text: &str) -> Result<Option<Vec<String>>, String> {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return Ok(None);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Vec<serde_json::Value>>();
    let Some(Ok(items)) = values.next() else { return Ok(None) };
    items
        .into_iter()
        .map(|item| match item {
            serde_json::Value::String(text) => Ok(text),
            _ => Err("When using JSON array syntax, arrays must be comprised of strings only.".to_owned()),
        })
        .collect::<Result<Vec<_>, _>>()
        .map(Some)
}

/// A string as Go's `%q` writes it.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A list as Go's `%q` writes it: `["a" "b"]`.
pub fn quote_list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", quoted.join(" "))
}

/// A string as Go's `%+q` writes it: ASCII alone.
pub(super) fn quote_ascii(text: &str) -> String {
    quote(text)
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect()
}

/// A number as Go's `%+q` writes it: the character of that code.
pub(super) fn quote_char(code: i64) -> String {
    let Some(c) = u32::try_from(code).ok().and_then(char::from_u32) else { return "'\\ufffd'".to_owned() };
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => {
            let quoted = quote_ascii(&c.to_string());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}
