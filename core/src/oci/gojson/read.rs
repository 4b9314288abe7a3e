//! A document as Go reads it, written again so that a strict reader sees what Go saw: the fields of its type alone, under
//! the type's own names. Go takes a key whatever its case, and passes over what it does not know
//! (`encoding/json/decode.go`, `object`).
//!
//! Where another reader could see another document (a key twice, in whatever case; data behind the document; nesting over
//! 128), there is none (design: security.md).

use std::collections::BTreeSet;

use super::check::{Token, Walk};
use super::text::text;
use super::{Go, scan};

/// Nesting that every reader here takes.
const DEPTH: usize = 128;

/// Reads a document whose syntax and types are right.
pub(super) fn read(bytes: &[u8], into: &Go) -> Result<Vec<u8>, String> {
    once(bytes)?;
    let mut out = Vec::new();
    value(&mut Walk::new(bytes), into, &mut out)?;
    Ok(out)
}

/// Checks that a document says everything once: no key twice in one object, and nothing behind it.
fn once(bytes: &[u8]) -> Result<(), String> {
    let end = scan::value(bytes).unwrap_or(bytes.len());
    if bytes[end..].iter().any(|b| !scan::is_space(*b)) {
        return Err("data after the document".to_owned());
    }
    let mut walk = Walk::new(&bytes[..end]);
    // The keys of each object around the place at hand; a list has none.
    let mut around: Vec<Option<BTreeSet<String>>> = Vec::new();
    while let Some(token) = walk.token() {
        match token {
            Token::Open(is_object) => {
                around.push(is_object.then(BTreeSet::new));
                if around.len() > DEPTH {
                    return Err(format!("nested deeper than {DEPTH}"));
                }
            }
            Token::Close => drop(around.pop()),
            Token::Key(key) => {
                let keys = around.last_mut().and_then(Option::as_mut);
                if let Some(twice) = keys.and_then(|keys| keys.replace(text(key))) {
                    return Err(duplicate(&twice));
                }
            }
            Token::Scalar => {}
        }
    }
    Ok(())
}

fn duplicate(key: &str) -> String {
    format!("duplicate key {key:?}")
}

/// Writes the value at hand. Recursion goes as deep as `into` does, which is a type and not input.
fn value(walk: &mut Walk<'_>, into: &Go, out: &mut Vec<u8>) -> Result<(), String> {
    if walk.peek() == b'n' {
        walk.skip();
        out.extend_from_slice(nothing(into));
        return Ok(());
    }
    match into {
        Go::String(_) | Go::Time => string(&text(walk.skip()), out),
        Go::Bool | Go::Int(_) => out.extend_from_slice(walk.skip()),
        Go::Words if walk.peek() != b'[' => {
            out.push(b'[');
            string(&text(walk.skip()), out);
            out.push(b']');
        }
        Go::Words => list(walk, &Go::String("string"), out)?,
        Go::List(_, of) => list(walk, of, out)?,
        Go::Map(_, of) => {
            let mut next = b'{';
            walk.members(|walk, key| {
                out.push(std::mem::replace(&mut next, b','));
                string(key, out);
                out.push(b':');
                value(walk, of, out)
            })?;
            close(next, *b"{}", out);
        }
        Go::Struct(_, _, fields) => {
            let mut next = b'{';
            let mut seen = BTreeSet::new();
            walk.members(|walk, key| {
                let Some((name, of)) = super::field(fields, key) else {
                    walk.skip();
                    return Ok(());
                };
                if !seen.insert(*name) {
                    return Err(duplicate(key));
                }
                if walk.peek() == b'n' {
                    // Go leaves the field as it is.
                    walk.skip();
                    return Ok(());
                }
                out.push(std::mem::replace(&mut next, b','));
                string(name, out);
                out.push(b':');
                value(walk, of, out)
            })?;
            close(next, *b"{}", out);
        }
    }
    Ok(())
}

fn list(walk: &mut Walk<'_>, of: &Go, out: &mut Vec<u8>) -> Result<(), String> {
    let mut next = b'[';
    walk.items(|walk| {
        out.push(std::mem::replace(&mut next, b','));
        value(walk, of, out)
    })?;
    close(next, *b"[]", out);
    Ok(())
}

/// Ends an object or a list, of which nothing was written if its first mark is still to come.
fn close(next: u8, marks: [u8; 2], out: &mut Vec<u8>) {
    if next != b',' {
        out.push(marks[0]);
    }
    out.push(marks[1]);
}

/// What `null` leaves in a new item of this type.
fn nothing(into: &Go) -> &'static [u8] {
    match into {
        Go::String(_) => b"\"\"",
        Go::Bool => b"false",
        Go::Int(_) => b"0",
        Go::Struct(..) => b"{}",
        Go::Time | Go::Words | Go::List(..) | Go::Map(..) => b"null",
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&crate::oci::json::to_go_json(&text));
}
