//! The syntax, byte by byte, with the words for the first byte that does not fit (Go: `encoding/json/scanner.go`).

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing but spaces.
    Empty,
    /// The input ends inside the value.
    Early,
    /// A byte that does not fit, in Go's words.
    Invalid(String),
}

/// How deep values may be nested (`maxNestingDepth`).
const DEPTH: usize = 10_000;

/// What is around the place at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Key,
    Value,
    List,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Where the first value ends.
pub(super) fn value(bytes: &[u8]) -> Result<usize, Fault> {
    let mut at = 0;
    let mut stack: Vec<Around> = Vec::new();
    if skip_spaces(bytes, &mut at).is_none() {
        return Err(Fault::Empty);
    }
    loop {
        // A value begins here.
        match next(bytes, &mut at)? {
            open @ (b'{' | b'[') => {
                let (around, close) = if open == b'{' { (Around::Key, b'}') } else { (Around::List, b']') };
                stack.push(around);
                if stack.len() > DEPTH {
                    return Err(Fault::Invalid(invalid(open, "exceeded max depth")));
                }
                if next(bytes, &mut at)? != close {
                    at -= 1;
                    if around == Around::Key {
                        key(bytes, &mut at)?;
                    }
                    continue;
                }
                stack.pop();
            }
            first => scalar(first, bytes, &mut at)?,
        }
        // A value ended here.
        loop {
            let Some(around) = stack.pop() else { return Ok(at) };
            let byte = next(bytes, &mut at)?;
            match (around, byte) {
                (Around::Key, b':') => {
                    stack.push(Around::Value);
                    break;
                }
                (Around::Value, b',') => {
                    stack.push(Around::Key);
                    key(bytes, &mut at)?;
                    break;
                }
                (Around::List, b',') => {
                    stack.push(Around::List);
                    break;
                }
                (Around::Value, b'}') | (Around::List, b']') => {}
                (Around::Key, _) => return Err(Fault::Invalid(invalid(byte, "after object key"))),
                (Around::Value, _) => {
                    return Err(Fault::Invalid(invalid(byte, "after object key:value pair")));
                }
                (Around::List, _) => return Err(Fault::Invalid(invalid(byte, "after array element"))),
            }
        }
    }
}

/// The next byte that is no space must begin a key.
fn key(bytes: &[u8], at: &mut usize) -> Result<(), Fault> {
    match next(bytes, at)? {
        b'"' => {
            *at -= 1;
            Ok(())
        }
        byte => Err(Fault::Invalid(invalid(byte, "looking for beginning of object key string"))),
    }
}

fn skip_spaces(bytes: &[u8], at: &mut usize) -> Option<u8> {
    while bytes.get(*at).copied().is_some_and(is_space) {
        *at += 1;
    }
    bytes.get(*at).copied()
}

/// Takes the next byte that is no space.
fn next(bytes: &[u8], at: &mut usize) -> Result<u8, Fault> {
    let byte = skip_spaces(bytes, at).ok_or(Fault::Early)?;
    *at += 1;
    Ok(byte)
}

/// Takes the rest of a value without parts.
fn scalar(first: u8, bytes: &[u8], at: &mut usize) -> Result<(), Fault> {
    let mut take = || {
        let byte = bytes.get(*at).copied().ok_or(Fault::Early);
        *at += 1;
        byte
    };
    let wrong = |byte, what: &str| Err(Fault::Invalid(invalid(byte, what)));
    match first {
        b'"' => loop {
            match take()? {
                b'"' => return Ok(()),
                b'\\' => match take()? {
                    b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
                    b'u' => {
                        for _ in 0..4 {
                            let byte = take()?;
                            if !byte.is_ascii_hexdigit() {
                                return wrong(byte, "in \\u hexadecimal character escape");
                            }
                        }
                    }
                    byte => return wrong(byte, "in string escape code"),
                },
                byte if byte < b' ' => return wrong(byte, "in string literal"),
                _ => {}
            }
        },
        b't' | b'f' | b'n' => {
            let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| word[0] == first);
            let word = word.unwrap_or_default();
            for want in &word[1..] {
                let byte = take()?;
                if byte != *want {
                    let word = String::from_utf8_lossy(word);
                    return wrong(byte, &format!("in literal {word} (expecting {})", quoted(*want)));
                }
            }
            Ok(())
        }
        b'-' | b'0'..=b'9' => number(first, bytes, at),
        byte => wrong(byte, "looking for beginning of value"),
    }
}

fn number(first: u8, bytes: &[u8], at: &mut usize) -> Result<(), Fault> {
    let peek = |at: usize| bytes.get(at).copied();
    let digits = |at: &mut usize| {
        while peek(*at).is_some_and(|b| b.is_ascii_digit()) {
            *at += 1;
        }
    };
    // At least one digit must stand here.
    let digit = |at: &mut usize, what: &str| match peek(*at) {
        None => Err(Fault::Early),
        Some(byte) if byte.is_ascii_digit() => {
            *at += 1;
            Ok(byte)
        }
        Some(byte) => Err(Fault::Invalid(invalid(byte, what))),
    };
    let lead = if first == b'-' { digit(at, "in numeric literal")? } else { first };
    if lead != b'0' {
        digits(at);
    }
    if peek(*at) == Some(b'.') {
        *at += 1;
        digit(at, "after decimal point in numeric literal")?;
        digits(at);
    }
    if matches!(peek(*at), Some(b'e' | b'E')) {
        *at += 1;
        if matches!(peek(*at), Some(b'+' | b'-')) {
            *at += 1;
        }
        digit(at, "in exponent of numeric literal")?;
        digits(at);
    }
    Ok(())
}

/// Go's words for a byte at the wrong place.
pub(super) fn invalid(byte: u8, what: &str) -> String {
    format!("invalid character {} {what}", quoted(byte))
}

/// `quoteChar`: the byte as a character of Latin-1, as `strconv.Quote` writes it.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        7 => r"'\a'".to_owned(),
        8 => r"'\b'".to_owned(),
        12 => r"'\f'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        11 => r"'\v'".to_owned(),
        0..=31 | 127 => format!(r"'\x{byte:02x}'"),
        128..=160 | 173 => format!(r"'\u{byte:04x}'"),
        _ => format!("'{}'", char::from(byte)),
    }
}
