//! Numbers in arithmetic.

/// `base#digits` (bash(1), "Arithmetic Evaluation"): small and capital letters are the same up to base 36.
pub(super) fn based(base: &[u8], digits: &[u8]) -> Result<i64, &'static str> {
    let base: i64 = std::str::from_utf8(base).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    if !(2..=64).contains(&base) {
        return Err("invalid arithmetic base");
    }
    if digits.is_empty() {
        return Err("invalid integer constant");
    }
    digits.iter().try_fold(0i64, |value, digit| {
        let digit = i64::from(match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            b'@' => 62,
            _ => 63,
        });
        if digit >= base {
            return Err("value too great for base");
        }
        Ok(value.wrapping_mul(base).wrapping_add(digit))
    })
}

pub(super) fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    // Like C, numbers wrap at 64 bits.
    u128::from_str_radix(digits, radix).ok().map(|n| n as i64)
}

/// Raises a number to a power, on 64 bits that wrap.
pub(super) fn raise(base: i64, exponent: u64) -> i64 {
    let (mut value, mut square, mut left) = (1i64, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            value = value.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        left >>= 1;
    }
    value
}
