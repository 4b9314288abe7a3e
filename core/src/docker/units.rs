//! Sizes and spans of time in words, as Docker prints them (`docker/go-units`).

/// Go's `%.Ng` for a number that is not negative: at most `digits` significant digits, without trailing zeros.
fn general(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:.*e}", digits - 1, value);
    let (mantissa, exponent) = scientific.split_once('e').expect("the format has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.abs());
    }
    trim(&format!("{value:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
}

/// A size in powers of 1000 with `digits` significant digits: `2.98MB` (3), `7.948MB` (4).
#[expect(clippy::cast_precision_loss, reason = "what is printed has four digits")]
pub(super) fn size(bytes: u64, digits: usize) -> String {
    const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", general(value, digits), UNITS[unit])
}

/// A span of time, `About a minute`, `5 minutes`; a negative one is less than a second.
#[expect(clippy::cast_precision_loss, reason = "what is printed are whole units")]
pub(super) fn duration(seconds: i64, nanoseconds: i64) -> String {
    let total = seconds as f64 + nanoseconds as f64 / 1e9;
    let whole = total as i64;
    let minutes = (total / 60.0) as i64;
    let hours = (total / 3600.0 + 0.5) as i64;
    match () {
        () if whole < 1 => "Less than a second".to_owned(),
        () if whole == 1 => "1 second".to_owned(),
        () if whole < 60 => format!("{whole} seconds"),
        () if minutes == 1 => "About a minute".to_owned(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".to_owned(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        () if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", (total / 3600.0) as i64 / 24 / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, three, four) in [
            (0, "0B", "0B"),
            (43, "43B", "43B"),
            (999, "999B", "999B"),
            (2_982_629, "2.98MB", "2.983MB"),
            (10_485_760, "10.5MB", "10.49MB"),
            (2_000_000, "2MB", "2MB"),
            (999_999, "1e+03kB", "1000kB"),
            (3_678, "3.68kB", "3.678kB"),
        ] {
            assert_eq!((size(bytes, 3), size(bytes, 4)), (three.into(), four.into()), "{bytes}");
        }
    }

    #[test]
    fn spans() {
        for (seconds, want) in [
            (-5, "Less than a second"),
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (119, "About a minute"),
            (300, "5 minutes"),
            (3600, "About an hour"),
            (7200, "2 hours"),
            (48 * 3600, "2 days"),
            (14 * 86400, "2 weeks"),
            (60 * 86400, "2 months"),
            (3 * 365 * 86400, "3 years"),
        ] {
            assert_eq!(duration(seconds, 0), want);
        }
    }
}
