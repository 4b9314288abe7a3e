//! JSON as the image formats need it: read strictly, written as Go writes it.
//!
//! Documents decide what is unpacked, so two readers must never see two documents in one text: a key twice (also
//! spelled with escapes), data after the value, a byte order mark and nesting over 128 are refused
//! (design: security.md; oracle bad-images json-*).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Reads one JSON document of at most `limit` bytes.
///
/// # Errors
/// A sentence that says what is wrong, with line and column where there is one.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, String> {
    if bytes.len() > limit {
        return Err(format!("document of {} bytes is over the limit of {limit}", bytes.len()));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("byte order mark before the document".to_owned());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Unique.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|_| "data after the document".to_owned())?;
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// Passes over a value and fails on a key that stands twice in one object. Depth is bounded by `serde_json` (128).
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Unique)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value_seed(Unique)?;
            if let Some(twice) = keys.replace(key) {
                return Err(serde::de::Error::custom(format!("duplicate key {twice:?}")));
            }
        }
        Ok(())
    }
}

/// Writes a value as Go's `encoding/json` does: no spaces, and `<`, `>`, `&`, U+2028 and U+2029 as `\u` escapes, so
/// that what Docker would hash and what we hash are the same bytes.
#[expect(clippy::missing_panics_doc, reason = "it cannot fail: keys are strings")]
pub fn to_go_json<T: Serialize>(value: &T) -> Vec<u8> {
    let text = serde_json::to_string(value).expect("documents have string keys and no failing serialiser");
    escape_like_go(&text)
}

/// Writes an object of values that are kept as they came, as Go does (`compact`): without spaces between their parts, with
/// the escapes of [`to_go_json`] for what HTML might take for its own.
pub fn to_go_object(fields: &BTreeMap<String, Box<RawValue>>) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (i, (key, value)) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&to_go_json(key));
        out.push(b':');
        compact(value.get(), &mut out);
    }
    out.push(b'}');
    out
}

fn compact(text: &str, out: &mut Vec<u8>) {
    let (mut in_string, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => push_escape(out, c),
            ' ' | '\t' | '\r' | '\n' if !in_string => {}
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        if is_escaped {
            is_escaped = false;
        } else if in_string && c == '\\' {
            is_escaped = true;
        } else if c == '"' {
            in_string = !in_string;
        }
    }
}

fn escape_like_go(text: &str) -> Vec<u8> {
    // These characters stand inside strings only, so that replacing them in the whole document is exact. The control
    // characters that serde_json names \b and \f are \u0008 and \u000c in Go 1.19.
    let mut out = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => push_escape(&mut out, c),
            '\\' => match chars.next() {
                Some('b') => out.extend_from_slice(b"\\u0008"),
                Some('f') => out.extend_from_slice(b"\\u000c"),
                Some(escaped) => {
                    out.push(b'\\');
                    out.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.push(b'\\'),
            },
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn refused(text: &str) -> String {
        parse::<Value>(text.as_bytes(), 1 << 20).unwrap_err()
    }

    #[test]
    fn two_readings_of_one_text_are_refused() {
        assert!(refused(r#"{"a":1,"\u0061":2}"#).contains("duplicate key \"a\""));
        assert!(refused(r#"{"x":[{"a":1,"a":2}]}"#).contains("duplicate key"));
        assert_eq!(refused("{} {}"), "data after the document");
        assert!(refused("\u{feff}{}").contains("byte order mark"));
        assert!(refused(&"[".repeat(100_000)).contains("recursion limit"));
        assert!(parse::<Value>(b"[1,2]", 4).unwrap_err().contains("over the limit"));
        assert!(parse::<Value>(br#"{"a":{"a":1},"b":[{"a":1}]} "#, 99).is_ok());
    }

    #[test]
    fn written_as_go_writes() {
        let text = String::from_utf8(to_go_json(&["a<b>&\u{2028}\u{8}\"\\u"])).unwrap();
        assert_eq!(text, r#"["a\u003cb\u003e\u0026\u2028\u0008\"\\u"]"#);
    }
}
