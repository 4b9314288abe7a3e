//! Times: what Go says of one that it cannot read (`time/format.go`, `parse` with the layout of RFC 3339).

const LAYOUT: &str = "\"2006-01-02T15:04:05Z07:00\"";

/// What is wrong with a piece of a time.
enum Wrong<'a> {
    /// What is left of the text is not this piece of the layout.
    Parse(&'a [u8], &'static str),
    /// Another thing.
    Say(String),
}

/// Checks a value of JSON, which is the time in its quotes.
pub(super) fn check(text: &[u8]) -> Result<(), String> {
    parse(text).map_err(|wrong| match wrong {
        Wrong::Parse(rest, part) => format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text),
            quote(LAYOUT.as_bytes()),
            quote(rest),
            quote(part.as_bytes())
        ),
        Wrong::Say(what) => format!("parsing time {}: {what}", quote(text)),
    })
}

fn parse(text: &[u8]) -> Result<(), Wrong<'_>> {
    let mut rest = text;
    skip(&mut rest, "\"")?;
    if !rest.first().is_some_and(u8::is_ascii_digit) || rest.len() < 4 {
        return Err(Wrong::Parse(rest, "2006"));
    }
    let (year, after) = rest.split_at(4);
    rest = after;
    let year = number(year).ok_or(Wrong::Parse(rest, "2006"))?;
    skip(&mut rest, "-")?;
    let month = two(&mut rest, "01")?;
    if !(1..=12).contains(&month) {
        return Err(Wrong::Say("month out of range".to_owned()));
    }
    skip(&mut rest, "-")?;
    let day = two(&mut rest, "02")?;
    skip(&mut rest, "T")?;
    let hour = hour(&mut rest)?;
    range(hour, 24, "hour")?;
    skip(&mut rest, ":")?;
    range(two(&mut rest, "04")?, 60, "minute")?;
    skip(&mut rest, ":")?;
    range(two(&mut rest, "05")?, 60, "second")?;
    if let [b'.' | b',', digit, ..] = rest
        && digit.is_ascii_digit()
    {
        let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        rest = &rest[1 + digits..];
    }
    zone(&mut rest)?;
    skip(&mut rest, "\"")?;
    if !rest.is_empty() {
        return Err(Wrong::Say(format!("extra text: {}", quote(rest))));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { Ok(()) } else { Err(Wrong::Say("day out of range".to_owned())) }
}

fn skip<'a>(rest: &mut &'a [u8], mark: &'static str) -> Result<(), Wrong<'a>> {
    *rest = rest.strip_prefix(mark.as_bytes()).ok_or(Wrong::Parse(rest, mark))?;
    Ok(())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

fn two<'a>(rest: &mut &'a [u8], part: &'static str) -> Result<u32, Wrong<'a>> {
    let value = rest.get(..2).and_then(number).ok_or(Wrong::Parse(rest, part))?;
    *rest = &rest[2..];
    Ok(value)
}

/// An hour may have one digit.
fn hour<'a>(rest: &mut &'a [u8]) -> Result<u32, Wrong<'a>> {
    match **rest {
        [digit, next, ..] if digit.is_ascii_digit() && !next.is_ascii_digit() => {
            *rest = &rest[1..];
            Ok(u32::from(digit - b'0'))
        }
        _ => two(rest, "15"),
    }
}

fn range(value: u32, end: u32, what: &str) -> Result<(), Wrong<'static>> {
    if value < end { Ok(()) } else { Err(Wrong::Say(format!("{what} out of range"))) }
}

fn zone<'a>(rest: &mut &'a [u8]) -> Result<(), Wrong<'a>> {
    match *rest {
        [b'Z', after @ ..] => *rest = after,
        [sign, h1, h2, b':', m1, m2, after @ ..] => {
            // Go has taken the zone when it finds a number wrong.
            *rest = after;
            let is_right = matches!(sign, b'+' | b'-') && number(&[*h1, *h2, *m1, *m2]).is_some();
            if !is_right {
                return Err(Wrong::Parse(rest, "Z07:00"));
            }
        }
        _ => return Err(Wrong::Parse(rest, "Z07:00")),
    }
    Ok(())
}

/// `time`'s own quoting: other bytes than printable ASCII as `\x`.
fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=0x7f => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}
