//! Values that are checked as they are read (docker/cli 20.10's `opts`, go-units): what stands behind `invalid argument`.

use super::goparse::parse_size;
use crate::engine::{DeviceMapping, ThrottleDevice, Ulimit, WeightDevice};

/// Checks one value of the flag of this name.
///
/// # Errors
/// The words of the Go type behind the flag.
pub(super) fn check(long: &str, value: &str) -> Result<(), String> {
    match long {
        "attach" => stream(value).map(drop),
        "blkio-weight-device" => weight_device(value).map(drop),
        "device-read-bps" | "device-write-bps" => throttle(value, true).map(drop),
        "device-read-iops" | "device-write-iops" => throttle(value, false).map(drop),
        "device-cgroup-rule" => {
            if is_cgroup_rule(value) {
                Ok(())
            } else {
                Err(format!("invalid device cgroup format '{value}'"))
            }
        }
        "health-interval" | "health-timeout" | "health-start-period" => duration(value).map(drop),
        "label" => label(value),
        "mount" => super::mount_value::parse(value).map(drop),
        "sysctl" => sysctl(value),
        "ulimit" => ulimit(value).map(drop),
        "cpus" => nano_cpus(value).map(drop),
        _ => Ok(()),
    }
}

/// `-a`.
fn stream(value: &str) -> Result<String, String> {
    let lower = value.to_lowercase();
    if matches!(lower.as_str(), "stdin" | "stdout" | "stderr") {
        Ok(lower)
    } else {
        Err("valid streams are STDIN, STDOUT and STDERR".to_owned())
    }
}

fn label(value: &str) -> Result<(), String> {
    let key = value.split('=').next().unwrap_or_default();
    if key.is_empty() {
        return Err(format!("invalid label '{value}': empty name"));
    }
    if key.contains(char::is_whitespace) {
        return Err(format!("label '{key}' contains whitespaces"));
    }
    Ok(())
}

fn device(value: &str) -> Result<(&str, &str), String> {
    let (path, rest) = value.split_once(':').ok_or_else(|| format!("bad format: {value}"))?;
    if !path.starts_with("/dev/") {
        return Err(format!("bad format for device path: {value}"));
    }
    Ok((path, rest))
}

/// `--blkio-weight-device`.
pub(super) fn weight_device(value: &str) -> Result<WeightDevice, String> {
    let (path, weight) = device(value)?;
    let weight = weight.parse::<u16>().ok().filter(|weight| *weight == 0 || (10..=1000).contains(weight));
    let weight = weight.ok_or_else(|| format!("invalid weight for device: {value}"))?;
    Ok(WeightDevice { path: path.to_owned(), weight })
}

/// `--device-read-bps` and its like.
pub(super) fn throttle(value: &str, is_bytes: bool) -> Result<ThrottleDevice, String> {
    let (path, rate) = device(value)?;
    let number =
        if is_bytes { parse_size(rate).and_then(|rate| u64::try_from(rate).ok()) } else { rate.parse().ok() };
    let rate = number.ok_or_else(|| {
        let unit = if is_bytes { "[<unit>]" } else { "" };
        let more = if is_bytes { ". Unit is optional and can be kb, mb, or gb" } else { "" };
        format!(
            "invalid rate for device: {value}. The correct format is <device-path>:<number>{unit}. Number must be a \
             positive integer{more}"
        )
    })?;
    Ok(ThrottleDevice { path: path.to_owned(), rate })
}

/// `[acb] MAJOR:MINOR rwm`.
fn is_cgroup_rule(value: &str) -> bool {
    let parts: Vec<&str> = value.split(' ').collect();
    let [kind, numbers, modes] = parts.as_slice() else { return false };
    let number = |text: &str| text == "*" || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    matches!(*kind, "a" | "c" | "b")
        && numbers.split_once(':').is_some_and(|(major, minor)| number(major) && number(minor))
        && (1..=3).contains(&modes.len())
        && modes.bytes().all(|b| b"rwm".contains(&b))
}

/// The sysctls that a container can have of its own.
fn sysctl(value: &str) -> Result<(), String> {
    const NAMES: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    let good = value.split_once('=').is_some_and(|(key, _)| {
        NAMES.contains(&key) || key.starts_with("net.") || key.starts_with("fs.mqueue.")
    });
    if good { Ok(()) } else { Err(format!("sysctl '{value}' is not whitelisted")) }
}

/// `--ulimit nofile=1024:2048`.
pub(super) fn ulimit(value: &str) -> Result<Ulimit, String> {
    const NAMES: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let (name, limits) = value.split_once('=').ok_or_else(|| format!("invalid ulimit argument: {value}"))?;
    if !NAMES.contains(&name) {
        return Err(format!("invalid ulimit type: {name}"));
    }
    let parts: Vec<&str> = limits.split(':').collect();
    if parts.len() > 2 {
        return Err(format!(
            "too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`"
        ));
    }
    let number = |text: &str| {
        text.parse::<i64>().map_err(|_| format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"))
    };
    let soft = number(parts[0])?;
    let hard = parts.get(1).map_or(Ok(soft), |text| number(text))?;
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(format!("ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"));
    }
    Ok(Ulimit { name: name.to_owned(), hard, soft })
}

/// `--cpus 1.5` as billionths, by whole numbers alone (`opts.ParseCPUs`).
pub(super) fn nano_cpus(value: &str) -> Result<i64, String> {
    let bad = || format!("failed to parse {value} as a rational number");
    let (sign, digits) = match value.as_bytes() {
        [b'-', ..] => (-1, &value[1..]),
        [b'+', ..] => (1, &value[1..]),
        _ => (1, value),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !all(whole) || !all(part) {
        return Err(bad());
    }
    let part = part.trim_end_matches('0');
    if part.len() > 9 {
        return Err("value is too precise".to_owned());
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| bad())? };
    let part: i64 = format!("{part:0<9}").parse().map_err(|_| bad())?;
    whole.checked_mul(1_000_000_000).and_then(|n| n.checked_add(part)).map(|n| n * sign).ok_or_else(bad)
}

/// Go's `time.ParseDuration`, in nanoseconds.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let bad = || format!("time: invalid duration \"{text}\"");
    let (sign, mut rest) = match text.as_bytes() {
        [b'-', ..] => (-1.0, &text[1..]),
        [b'+', ..] => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(bad());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| bad())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let factor = match &rest[..end] {
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            unit => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
        };
        total += number * factor;
        rest = &rest[end..];
    }
    Ok((total * sign) as i64)
}

/// `--device HOST[:PLACE][:rwm]`; told late, when the line is read as a whole.
pub(super) fn device_mapping(value: &str) -> Result<DeviceMapping, String> {
    let is_mode =
        |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b"rwm".contains(&b));
    let parts: Vec<&str> = value.split(':').collect();
    let (host, place, mode) = match parts.as_slice() {
        [host] => (*host, *host, "rwm"),
        [host, mode] if is_mode(mode) => (*host, *host, *mode),
        [host, place] => (*host, *place, "rwm"),
        [host, place, mode] if is_mode(mode) => (*host, *place, *mode),
        [_, _, mode] => return Err(format!("bad mode specified: {mode}")),
        _ => return Err(format!("bad format for path: {value}")),
    };
    for path in [host, place] {
        if !path.starts_with('/') {
            return Err(format!("{path} is not an absolute path"));
        }
    }
    let text = |text: &str| text.to_owned();
    Ok(DeviceMapping {
        path_on_host: text(host),
        path_in_container: text(place),
        cgroup_permissions: text(mode),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_s_client_refuses() {
        for (flag, value, why) in [
            ("attach", "bogus", "valid streams are STDIN, STDOUT and STDERR"),
            ("blkio-weight-device", "x:5", "bad format for device path: x:5"),
            ("blkio-weight-device", "/dev/null:5", "invalid weight for device: /dev/null:5"),
            ("device-cgroup-rule", "x", "invalid device cgroup format 'x'"),
            ("health-interval", "1", "time: missing unit in duration \"1\""),
            ("label", "a b=c", "label 'a b' contains whitespaces"),
            ("sysctl", "bogus=1", "sysctl 'bogus=1' is not whitelisted"),
            ("ulimit", "nofile=5:3", "ulimit soft limit must be less than or equal to hard limit: 5 > 3"),
            ("cpus", "x", "failed to parse x as a rational number"),
            ("cpus", "0.0000000001", "value is too precise"),
        ] {
            assert_eq!(check(flag, value).unwrap_err(), why, "{flag} {value}");
        }
        assert_eq!(nano_cpus("1.5"), Ok(1_500_000_000));
        assert_eq!(duration("1m30s"), Ok(90_000_000_000));
        assert_eq!(device_mapping("/dev/null:rw").unwrap().cgroup_permissions, "rw");
        assert_eq!(device_mapping("x").unwrap_err(), "x is not an absolute path");
    }
}
