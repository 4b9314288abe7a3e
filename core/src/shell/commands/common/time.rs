//! Dates: the lab's zone is UTC.

use crate::kernel::Timespec;

/// A moment in the Gregorian calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) struct Date {
    pub(in crate::shell::commands) year: i64,
    /// 1 to 12.
    pub(in crate::shell::commands) month: u32,
    pub(in crate::shell::commands) day: u32,
    pub(in crate::shell::commands) hour: u32,
    pub(in crate::shell::commands) minute: u32,
    pub(in crate::shell::commands) second: u32,
    /// 0 is Sunday.
    pub(in crate::shell::commands) weekday: u32,
    /// 1 to 366.
    pub(in crate::shell::commands) yearday: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// Half a Gregorian year on average: `ls` shows the year of what is older.
const HALF_YEAR: i64 = 31_556_952 / 2;

/// Days since 1970-01-01 of a date (Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Date {
    pub(in crate::shell::commands) fn new(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400) as u32;
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: (days + 4).rem_euclid(7) as u32,
            yearday: (days - days_from_civil(year, 1, 1) + 1) as u32,
        }
    }
}

/// `strftime(3)` in the C locale, with `date`'s `%N`, `%:z` and `%-d`.
pub(in crate::shell::commands) fn format(time: Timespec, format: &[u8]) -> Vec<u8> {
    let date = Date::new(time.sec);
    let mut out = Vec::new();
    let mut rest = format.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut pad = None;
        while let Some(sign) = rest.next_if(|b| b"-_0:^".contains(b)) {
            pad = Some(sign);
        }
        let Some(letter) = rest.next() else {
            out.push(b'%');
            break;
        };
        let text = item(&date, time, letter, pad);
        out.extend_from_slice(text.as_bytes());
    }
    out
}

fn item(d: &Date, time: Timespec, letter: u8, pad: Option<u8>) -> String {
    let number = |value: i64, width: usize, by: char| match pad {
        Some(b'-') => value.to_string(),
        Some(b'_') => format!("{value:>width$}"),
        Some(b'0') => format!("{value:0>width$}"),
        _ if by == ' ' => format!("{value:>width$}"),
        _ => format!("{value:0>width$}"),
    };
    let two = |value: u32| number(i64::from(value), 2, '0');
    let twelve = (d.hour + 11) % 12 + 1;
    let month = MONTHS[d.month as usize - 1];
    let day = DAYS[d.weekday as usize];
    match letter {
        b'Y' => d.year.to_string(),
        b'C' => two((d.year / 100) as u32),
        b'y' => two((d.year % 100) as u32),
        b'm' => two(d.month),
        b'd' => two(d.day),
        b'e' => number(i64::from(d.day), 2, ' '),
        b'H' => two(d.hour),
        b'k' => number(i64::from(d.hour), 2, ' '),
        b'I' => two(twelve),
        b'l' => number(i64::from(twelve), 2, ' '),
        b'M' => two(d.minute),
        b'S' => two(d.second),
        b'N' => format!("{:09}", time.nsec),
        b's' => time.sec.to_string(),
        b'j' => number(i64::from(d.yearday), 3, '0'),
        b'u' => ((d.weekday + 6) % 7 + 1).to_string(),
        b'w' => d.weekday.to_string(),
        b'a' => day[..3].to_owned(),
        b'A' => day.to_owned(),
        b'b' | b'h' => month[..3].to_owned(),
        b'B' => month.to_owned(),
        b'p' => if d.hour < 12 { "AM" } else { "PM" }.to_owned(),
        b'P' => if d.hour < 12 { "am" } else { "pm" }.to_owned(),
        b'F' => format!("{}-{:02}-{:02}", d.year, d.month, d.day),
        b'T' | b'X' => format!("{:02}:{:02}:{:02}", d.hour, d.minute, d.second),
        b'R' => format!("{:02}:{:02}", d.hour, d.minute),
        b'r' => {
            format!("{twelve:02}:{:02}:{:02} {}", d.minute, d.second, if d.hour < 12 { "AM" } else { "PM" })
        }
        b'D' | b'x' => format!("{:02}/{:02}/{:02}", d.month, d.day, d.year % 100),
        b'c' => format!(
            "{} {} {:>2} {:02}:{:02}:{:02} {}",
            &day[..3],
            &month[..3],
            d.day,
            d.hour,
            d.minute,
            d.second,
            d.year
        ),
        b'z' if pad == Some(b':') => "+00:00".to_owned(),
        b'z' => "+0000".to_owned(),
        b'Z' => "UTC".to_owned(),
        b'n' => "\n".to_owned(),
        b't' => "\t".to_owned(),
        b'%' => "%".to_owned(),
        other => format!("%{}", char::from(other)),
    }
}

/// The date of `ls -l`: with the time of day when it is of the last half year, with the year otherwise.
pub(in crate::shell::commands) fn for_listing(time: Timespec, now: Timespec) -> String {
    let recent = time.sec > now.sec - HALF_YEAR && (time.sec, time.nsec) <= (now.sec, now.nsec);
    let text = format(time, if recent { b"%b %e %H:%M" } else { b"%b %e  %Y" });
    String::from_utf8(text).expect("the C locale's names are ASCII")
}

/// `stat`'s date: `2023-11-14 22:13:20.000000000 +0000`.
pub(in crate::shell::commands) fn full(time: Timespec) -> String {
    let text = format(time, b"%F %T.%N %z");
    String::from_utf8(text).expect("digits are ASCII")
}

/// Reads a date as `touch -d` and `date -d` take it: `@seconds`, `now`, `2023-11-14`, with `22:13[:20[.5]]` and `Z`,
/// `UTC`, `+hh:mm`; `yesterday`, `tomorrow`, `N days ago`.
pub(in crate::shell::commands) fn parse(text: &str, now: Timespec) -> Option<Timespec> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
        return Some(Timespec { sec: whole.parse().ok()?, nsec: fraction(part)? });
    }
    match text {
        "" => return Some(Timespec::seconds(now.sec - now.sec.rem_euclid(86_400))),
        "now" | "today" => return Some(now),
        "yesterday" => return Some(Timespec { sec: now.sec - 86_400, ..now }),
        "tomorrow" => return Some(Timespec { sec: now.sec + 86_400, ..now }),
        _ => {}
    }
    if let Some(shift) = relative(text) {
        return Some(Timespec { sec: now.sec.checked_add(shift)?, ..now });
    }
    let text = text.replacen('T', " ", 1);
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let (day, mut clock) = if first.contains(':') {
        (now.sec.div_euclid(86_400), Some(first))
    } else {
        (date(first)?, words.next())
    };
    let mut seconds = day.checked_mul(86_400)?;
    let mut nsec = 0;
    if let Some(word) = clock.take() {
        let (word, zone) = match word.find(['Z', '+', '-']) {
            Some(at) => word.split_at(at),
            None => (word, ""),
        };
        let mut parts = word.split(':');
        let hour: i64 = parts.next()?.parse().ok()?;
        let minute: i64 = parts.next()?.parse().ok()?;
        let second = parts.next().unwrap_or("0");
        let (whole, part) = second.split_once('.').unwrap_or((second, ""));
        let whole: i64 = whole.parse().ok()?;
        if parts.next().is_some() || hour > 23 || minute > 59 || whole > 60 {
            return None;
        }
        nsec = fraction(part)?;
        seconds += hour * 3600 + minute * 60 + whole - offset(zone)?;
    }
    for zone in words {
        seconds -= offset(zone)?;
    }
    Some(Timespec { sec: seconds, nsec })
}

fn date(text: &str) -> Option<i64> {
    let digits = text.replace('-', "");
    let (year, month, day) = match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => (year, month, day),
        [_] if digits.len() == 8 => (&text[..4], &text[4..6], &text[6..]),
        _ => return None,
    };
    let (year, month, day): (i64, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=last).contains(&day) && (0..=9999).contains(&year)).then(|| days_from_civil(year, month, day))
}

fn fraction(part: &str) -> Option<u32> {
    if part.is_empty() {
        return Some(0);
    }
    let digits: String = part.chars().chain(std::iter::repeat('0')).take(9).collect();
    digits.parse().ok()
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    match zone {
        "" | "Z" | "UTC" | "GMT" => return Some(0),
        _ => {}
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = zone[1..].replace(':', "");
    let number: i64 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    Some(sign * (hours * 3600 + minutes * 60))
}

fn relative(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (count, unit, sign) = match words[..] {
        [count, unit, "ago"] => (count, unit, -1),
        [count, unit] => (count, unit, 1),
        _ => return None,
    };
    let count: i64 = count.parse().ok()?;
    let unit = match unit.trim_end_matches('s') {
        "sec" | "second" => 1,
        "min" | "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    count.checked_mul(unit * sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_there_and_back() {
        let now = Timespec::seconds(1_795_319_559);
        for (text, want) in [
            ("2023-11-14 22:13:20", 1_700_000_000),
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2023-11-14 23:13:20 +0100", 1_700_000_000),
            ("1969-12-31 23:59:59", -1),
            ("@7", 7),
            ("2000-02-29", 951_782_400),
        ] {
            assert_eq!(parse(text, now).map(|t| t.sec), Some(want), "{text}");
        }
        for bad in ["2023-02-29", "foo", "25:00", "2023-13-01"] {
            assert_eq!(parse(bad, now), None, "{bad}");
        }
        assert_eq!(full(Timespec { sec: 1_700_000_000, nsec: 5 }), "2023-11-14 22:13:20.000000005 +0000");
        assert_eq!(for_listing(Timespec::seconds(1_700_000_000), now), "Nov 14  2023");
        assert_eq!(format(Timespec::seconds(1_700_000_000), b"%a %j %-d"), b"Tue 318 14");
    }
}
