//! RFC 3339 times as Go writes them in image documents. Text work only: core has no clock.

use crate::kernel::Timespec;

/// Go's zero time, which documents hold where no time was set.
pub const ZERO: &str = "0001-01-01T00:00:00Z";

/// Reads `2026-11-22T04:02:04.528258681Z`, or with an offset as `+02:00`; `None` if it is no time.
pub fn parse(text: &str) -> Option<Timespec> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let mark = |at: usize, symbols: &[u8]| bytes.get(at).is_some_and(|b| symbols.contains(b));
    if !(mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt") && mark(13, b":") && mark(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut nsec = 0u32;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        let kept = &fraction[..digits.min(9)];
        nsec = kept.parse::<u32>().ok()? * 10u32.pow(9 - kept.len() as u32);
        rest = &fraction[digits..];
    }
    let offset = match rest.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let at = text.len() - 5;
            let seconds = number(at, at + 2)? * 3600 + number(at + 3, at + 5)? * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let sec = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Timespec { sec, nsec })
}

/// Writes a time in UTC as Go's `time.RFC3339Nano` does: the fraction without trailing zeros.
pub fn format(time: Timespec) -> String {
    let (year, month, day) = civil_from_days(time.sec.div_euclid(86_400));
    let second = time.sec.rem_euclid(86_400);
    let mut text = format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if time.nsec != 0 {
        text.push_str(format!(".{:09}", time.nsec).trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// A time of a document as Go writes it again: the fraction without trailing zeros, the zone as it was.
pub fn as_go_writes(text: &str) -> String {
    let Some((seconds, rest)) = text.split_once('.') else { return text.replace("+00:00", "Z") };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let fraction = rest[..digits.min(9)].trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{seconds}{point}{fraction}{}", rest[digits..].replace("+00:00", "Z"))
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (text, sec, nsec) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-11-22T04:02:04.528258681Z", 1_795_320_124, 528_258_681),
            ("2026-11-22T03:48:51.71946493Z", 1_795_319_331, 719_464_930),
            ("2000-02-29T23:59:59Z", 951_868_799, 0),
            (ZERO, -62_135_596_800, 0),
        ] {
            assert_eq!(parse(text), Some(Timespec { sec, nsec }), "{text}");
            assert_eq!(format(Timespec { sec, nsec }), text);
        }
        assert_eq!(parse("1970-01-01T02:00:00+02:00"), Some(Timespec::seconds(0)));
        assert_eq!(parse("1970-01-01T00:00:00.Z"), None);
        assert_eq!(parse("1970-01-01 00:00:00"), None);
        assert_eq!(parse("yesterday"), None);
    }
}
