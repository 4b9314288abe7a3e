//! The types: the first value of a document, in its order, that does not fit its place (Go: `encoding/json/decode.go`).
//! The document's syntax is right: what is read here is only passed over.

use super::{Go, time};

/// Where Go says that a value stands.
#[derive(Debug, Clone, Default)]
struct Place {
    structure: &'static str,
    fields: Vec<&'static str>,
    is_field: bool,
}

/// Checks a whole document.
pub(super) fn value(bytes: &[u8], into: &Go) -> Result<(), String> {
    Walk::new(bytes).value(into, &Place::default())
}

/// Checks the spelling of a document's keys; what does not fit its place is passed over.
pub(super) fn spelled(bytes: &[u8], into: &Go) -> Result<(), String> {
    Walk::new(bytes).spelled(into)
}

/// A way through a document whose syntax is right.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A piece of a document.
pub(super) enum Token<'a> {
    /// An object begins, else a list.
    Open(bool),
    /// The innermost of those ends.
    Close,
    /// A key, in its quotes.
    Key(&'a [u8]),
    /// A value without parts.
    Scalar,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Takes the next piece.
    pub(super) fn token(&mut self) -> Option<Token<'a>> {
        while self.takes(b',') || self.takes(b':') {}
        match self.peek() {
            open @ (b'{' | b'[') => {
                self.at += 1;
                Some(Token::Open(open == b'{'))
            }
            b'}' | b']' => {
                self.at += 1;
                Some(Token::Close)
            }
            _ if self.at >= self.bytes.len() => None,
            first => {
                let value = self.skip();
                Some(if first == b'"' && self.peek() == b':' { Token::Key(value) } else { Token::Scalar })
            }
        }
    }

    pub(super) fn peek(&mut self) -> u8 {
        while self.bytes.get(self.at).copied().is_some_and(super::scan::is_space) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Takes this mark if it is next.
    fn takes(&mut self, mark: u8) -> bool {
        let is_next = self.peek() == mark;
        self.at += usize::from(is_next);
        is_next
    }

    /// Passes over a value, whatever it is, and gives its bytes.
    pub(super) fn skip(&mut self) -> &'a [u8] {
        self.peek();
        let start = self.at;
        let len = super::scan::value(&self.bytes[start..]).unwrap_or(self.bytes.len() - start);
        self.at = start + len;
        &self.bytes[start..self.at]
    }

    /// Recursion goes as deep as `into` does, which is a type and not input.
    fn value(&mut self, into: &Go, place: &Place) -> Result<(), String> {
        let first = self.peek();
        if first == b'n' {
            self.skip();
            return Ok(());
        }
        match (into, first) {
            (Go::Time, _) => time::check(self.skip()),
            (Go::Words, _) => self.words(),
            (Go::Struct(name, _, fields), b'{') => self.structure(name, fields, place),
            (Go::Map(_, of), b'{') => self.members(|walk, _| walk.value(of, place)),
            (Go::List(_, of), b'[') => self.list(of, place),
            (Go::String(_), b'"') | (Go::Bool, b't' | b'f') => {
                self.skip();
                Ok(())
            }
            (Go::Int(_), b'-' | b'0'..=b'9') => {
                let text = String::from_utf8_lossy(self.skip());
                match text.parse::<i64>() {
                    Ok(_) => Ok(()),
                    Err(_) => Err(wrong(&format!("number {text}"), into, place)),
                }
            }
            (_, first) => Err(wrong(kind(first), into, place)),
        }
    }

    fn list(&mut self, of: &Go, place: &Place) -> Result<(), String> {
        self.items(|walk| walk.value(of, place))
    }

    /// Calls for each item of a list.
    pub(super) fn items(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        while !self.takes(b']') {
            each(self)?;
            self.takes(b',');
        }
        Ok(())
    }

    /// Calls for each member of an object, whose key is passed over.
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        while !self.takes(b'}') {
            let key = super::text::text(self.skip());
            self.takes(b':');
            each(self, &key)?;
            self.takes(b',');
        }
        Ok(())
    }

    /// Recursion goes as deep as `into` does.
    fn spelled(&mut self, into: &Go) -> Result<(), String> {
        match (into, self.peek()) {
            (Go::Struct(_, _, fields), b'{') => self.members(|walk, key| match super::field(fields, key) {
                Some((name, _)) if *name != key => {
                    Err(format!("key {key:?}, which some readers take for {name:?}"))
                }
                Some((_, of)) => walk.spelled(of),
                None => {
                    walk.skip();
                    Ok(())
                }
            }),
            (Go::Map(_, of), b'{') => self.members(|walk, _| walk.spelled(of)),
            (Go::List(_, of), b'[') => self.items(|walk| walk.spelled(of)),
            _ => {
                self.skip();
                Ok(())
            }
        }
    }

    fn structure(
        &mut self,
        name: &'static str,
        fields: &'static [(&'static str, Go)],
        place: &Place,
    ) -> Result<(), String> {
        self.members(|walk, key| {
            let Some((field, of)) = super::field(fields, key) else {
                walk.skip();
                return Ok(());
            };
            let fields = [&place.fields[..], &[*field]].concat();
            walk.value(of, &Place { structure: name, fields, is_field: true })
        })
    }

    /// `StrSlice.UnmarshalJSON`: a list of strings, else one string, by a decoder of its own.
    fn words(&mut self) -> Result<(), String> {
        let bytes = self.skip();
        let list = value(bytes, &Go::List("[]string", &Go::String("string")));
        if list.is_ok() { list } else { value(bytes, &Go::String("string")) }
    }
}

/// What Go calls a value that begins so.
fn kind(first: u8) -> &'static str {
    match first {
        b'{' => "object",
        b'[' => "array",
        b'"' => "string",
        b't' | b'f' => "bool",
        _ => "number",
    }
}

fn name(of: &Go) -> &'static str {
    match of {
        Go::String(name) | Go::Int(name) | Go::List(name, _) | Go::Map(name, _) | Go::Struct(_, name, _) => {
            name
        }
        Go::Bool => "bool",
        Go::Time => "time.Time",
        Go::Words => "strslice.StrSlice",
    }
}

fn wrong(what: &str, into: &Go, place: &Place) -> String {
    let into = name(into);
    if place.is_field {
        let fields = place.fields.join(".");
        format!(
            "json: cannot unmarshal {what} into Go struct field {}.{fields} of type {into}",
            place.structure
        )
    } else {
        format!("json: cannot unmarshal {what} into Go value of type {into}")
    }
}
