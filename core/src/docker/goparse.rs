//! Values as Go and go-units read them.

use crate::kernel::ByteString;

/// Go's `strconv.ParseBool`, of a text.
pub(super) fn parse_bool_text(text: &str) -> Option<bool> {
    parse_bool(&text.into())
}

/// Go's `strconv.ParseBool`.
pub(super) fn parse_bool(value: &ByteString) -> Option<bool> {
    match value.as_bytes() {
        b"1" | b"t" | b"T" | b"true" | b"TRUE" | b"True" => Some(true),
        b"0" | b"f" | b"F" | b"false" | b"FALSE" | b"False" => Some(false),
        _ => None,
    }
}

/// `units.RAMInBytes`: a number with `k`, `m`, `g`, `t` or `p`, times 1024 each.
pub(super) fn parse_size(text: &str) -> Option<i64> {
    parse_bytes(text).ok()
}

/// The same, with go-units' words for what it refuses.
pub(super) fn parse_bytes(text: &str) -> Result<i64, String> {
    let bad = || format!("invalid size: '{text}'");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let dotted = number.split('.').all(|part| !part.is_empty());
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let power = match unit.strip_suffix('b').unwrap_or(&unit) {
        "" | "i" => 0,
        "k" | "ki" => 1,
        "m" | "mi" => 2,
        "g" | "gi" => 3,
        "t" | "ti" => 4,
        "p" | "pi" => 5,
        _ => return Err(bad()),
    };
    if !dotted {
        return Err(bad());
    }
    let value: f64 =
        number.parse().map_err(|_| format!("strconv.ParseFloat: parsing \"{number}\": invalid syntax"))?;
    let bytes = value * 1024f64.powi(power);
    // What does not fit comes out as Go's conversion has it.
    Ok(if bytes >= 9_223_372_036_854_775_808.0 { i64::MIN } else { bytes as i64 })
}
