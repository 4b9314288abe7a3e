//! Moments as Docker's command line takes them: `--since`, `--until` and the filter `until`
//! (moby 20.10's `api/types/time`).

use crate::kernel::Timespec;
use crate::oci::time;

/// Go's `time.ParseDuration`, in nanoseconds: `1h30m`, `1.5s`, `-10ms`.
pub(super) fn duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number = &rest[..end];
        let unit_end =
            rest[end..].find(|c: char| c.is_ascii_digit() || c == '.').map_or(rest.len(), |at| end + at);
        let unit: i128 = match &rest[end..unit_end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || whole.len() > 18 || fraction.contains('.') {
            return None;
        }
        let digits = &fraction[..fraction.len().min(15)];
        total += whole.parse::<i128>().unwrap_or_default() * unit;
        total += digits.parse::<i128>().unwrap_or_default() * unit / 10i128.pow(digits.len() as u32);
        rest = &rest[unit_end..];
    }
    Some(sign * total)
}

/// A moment: a span before `now`, a date with or without a time, or seconds since 1970.
///
/// # Errors
/// Docker's text.
pub(super) fn moment(text: &str, now: Timespec) -> Result<Timespec, String> {
    // A bare 0 is the moment 0, though it is a span too.
    if let Some(span) = duration(text).filter(|_| text != "0") {
        let at = i128::from(now.sec) * 1_000_000_000 + i128::from(now.nsec) - span;
        let sec = at.div_euclid(1_000_000_000);
        return Ok(Timespec {
            sec: i64::try_from(sec).unwrap_or(i64::MAX),
            nsec: at.rem_euclid(1_000_000_000) as u32,
        });
    }
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        13 => format!("{text}:00:00Z"),
        16 => format!("{text}:00Z"),
        _ if text.contains('T') && !has_zone(text) => format!("{text}Z"),
        _ => text.to_owned(),
    };
    if text.contains('-')
        && let Some(moment) = time::parse(&full)
    {
        return Ok(moment);
    }
    if let [year, month, day] = text.split('-').collect::<Vec<_>>()[..]
        && [year, month, day].iter().all(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_digit()))
    {
        let part = if ("01"..="12").contains(&month) { "day" } else { "month" };
        return Err(format!("parsing time \"{text}\": {part} out of range"));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    match (whole.parse::<i64>(), fraction.parse::<u64>()) {
        (Ok(sec), Ok(_)) if fraction.len() <= 9 => {
            let nsec = format!("{fraction:0<9}").parse().unwrap_or_default();
            Ok(Timespec { sec, nsec })
        }
        _ => Err(format!("failed to parse value as time or duration: \"{text}\"")),
    }
}

fn has_zone(text: &str) -> bool {
    let behind = text.split_once('T').map_or("", |(_, rest)| rest);
    behind.ends_with(['Z', 'z']) || behind.contains(['+', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_docker_reads_them() {
        let now = Timespec::seconds(1_700_000_000);
        for (text, sec, nsec) in [
            ("1h", 1_699_996_400, 0),
            ("1h30m", 1_699_994_600, 0),
            ("1.5s", 1_699_999_998, 500_000_000),
            ("-10s", 1_700_000_010, 0),
            ("2023-11-14", 1_699_920_000, 0),
            ("2023-11-14T22:13", 1_699_999_980, 0),
            ("2023-11-14T22:13:20", 1_700_000_000, 0),
            ("2023-11-14T22:13:20.5Z", 1_700_000_000, 500_000_000),
            ("1699999999.25", 1_699_999_999, 250_000_000),
            ("0", 0, 0),
        ] {
            assert_eq!(moment(text, now), Ok(Timespec { sec, nsec }), "{text}");
        }
        for text in ["x", "", "1x", "1h2", "2023-13-14", "1."] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }
}
