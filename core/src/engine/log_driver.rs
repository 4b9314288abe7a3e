//! A container's log driver as it is opened at the start (moby's `daemon/logger`; recorded on 20.10.24).

use super::{Error, HostConfig, Result};

/// Checks the options that Docker reads only when the container starts.
///
/// # Errors
/// [`Error::Failed`] with the daemon's words.
pub(crate) fn check_start(host: &HostConfig) -> Result<()> {
    let log = &host.log_config;
    if !matches!(log.kind.as_str(), "json-file" | "local") {
        return Ok(());
    }
    let option = |name: &str| log.config.get(name).map(String::as_str);
    let fail = |why: String| Err(Error::Failed(format!("failed to initialize logging driver: {why}")));
    if let Some(size) = option("max-size")
        && !is_size(size)
    {
        return fail(format!("invalid size: '{size}'"));
    }
    if let Some(count) = option("max-file") {
        match count.parse::<i64>() {
            Err(_) => return fail(format!("strconv.Atoi: parsing {count:?}: invalid syntax")),
            Ok(count) if count < 1 => return fail("max-file cannot be less than 1".to_owned()),
            Ok(_) => {}
        }
    }
    match option("compress") {
        Some(text) if !is_bool(text) => fail(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")),
        _ => Ok(()),
    }
}

/// Whether Go's `strconv.ParseBool` takes it.
fn is_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}

/// Whether go-units' `FromHumanSize` takes it: a number, and perhaps a unit.
fn is_size(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    number.parse::<f64>().is_ok() && matches!(unit, "" | "k" | "m" | "g" | "t" | "p")
}
