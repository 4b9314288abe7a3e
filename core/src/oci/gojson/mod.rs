//! What Go's `encoding/json` (1.19, in Docker 20.10) says of a document that it cannot read, in its own words.
//! And what Go reads in a document that it takes, as a document for strict readers ([`super::json`]); a text that Go takes may
//! still be refused there.

mod check;
mod read;
mod scan;
mod shapes;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub use shapes::{DOCUMENT, IMAGE, MANIFEST, REPOSITORIES, V1_IMAGE, V1_PARENT};

use scan::Fault;

/// A type of Go's, as far as its decoder tells types apart.
#[derive(Debug)]
pub enum Go {
    /// A string, perhaps under a name of its own.
    String(&'static str),
    /// `bool`.
    Bool,
    /// An integer under this name; its values fit 64 bits.
    Int(&'static str),
    /// `time.Time`.
    Time,
    /// `strslice.StrSlice`: a list of strings, or one string.
    Words,
    /// A slice: its name, and what it holds.
    List(&'static str, &'static Go),
    /// A map of strings: its name, and what it holds.
    Map(&'static str, &'static Go),
    /// A structure: its name alone and with its package, and its fields.
    Struct(&'static str, &'static str, &'static [(&'static str, Go)]),
}

/// `%q` of a text, as far as it is printable ASCII; the rest as Go escapes it too, or shows it. Bytes that are no UTF-8
/// stand as numbers.
pub fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x07'..='\r' => {
                    out.push('\\');
                    out.push(char::from(b"abtnvfr"[c as usize - 7]));
                }
                c if u32::from(c) < 32 || u32::from(c) == 127 => {
                    out.push_str(&format!("\\x{:02x}", u32::from(c)));
                }
                c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

/// What `json.Unmarshal` of these bytes into this type says, if it fails.
///
/// # Errors
/// Its words.
pub fn unmarshal(bytes: &[u8], into: &Go) -> Result<(), String> {
    let end = scan::value(bytes).map_err(|fault| match fault {
        Fault::Empty | Fault::Early => "unexpected end of JSON input".to_owned(),
        Fault::Invalid(text) => text,
    })?;
    if let Some(more) = bytes[end..].iter().find(|b| !scan::is_space(**b)) {
        return Err(scan::invalid(*more, "after top-level value"));
    }
    check::value(bytes, into)
}

/// What `json.NewDecoder(…).Decode` of these bytes into this type says, if it fails. What follows the first value is not
/// looked at.
///
/// # Errors
/// Its words.
pub fn decode(bytes: &[u8], into: &Go) -> Result<(), String> {
    let end = scan::value(bytes).map_err(|fault| match fault {
        Fault::Empty => "EOF".to_owned(),
        Fault::Early => "unexpected EOF".to_owned(),
        Fault::Invalid(text) => text,
    })?;
    check::value(&bytes[..end], into)
}

/// What Go reads in a document that [`unmarshal`] or [`decode`] lets pass, for [`super::json::parse`] to read: the fields of
/// this type under their own names, and nothing else.
///
/// # Errors
/// Another reader could see another document in it.
pub fn read(bytes: &[u8], into: &Go) -> Result<Vec<u8>, String> {
    read::read(bytes, into)
}

/// Checks that each key which Go takes for a field is spelled as the field: for a reader that looks at case, another is no
/// field at all.
///
/// # Errors
/// The key, and the field that Go takes it for.
pub fn spelled(bytes: &[u8], into: &Go) -> Result<(), String> {
    let is_json = scan::value(bytes).is_ok();
    if is_json { check::spelled(bytes, into) } else { Ok(()) }
}

/// The field that a key means (`encoding/json/fold.go`): one of this name, else one of this name in another case. Of the
/// letters that are none of ASCII's, two fold to one that is: the Kelvin sign and the long s.
fn field<'a>(fields: &'a [(&'static str, Go)], key: &str) -> Option<&'a (&'static str, Go)> {
    let folded = |c: char| match c {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        c => c.to_ascii_lowercase(),
    };
    let exact = fields.iter().find(|(name, _)| *name == key);
    exact.or_else(|| fields.iter().find(|(name, _)| name.chars().map(folded).eq(key.chars().map(folded))))
}
