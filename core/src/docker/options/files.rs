//! `--env-file` and `--label-file` (docker/cli 20.10's `opts/file.go`).

use super::super::Call;
use crate::engine::go_text;
use crate::kernel::fs;

/// The lines `NAME=value` of a file. A name alone takes its value from the caller where `from_env` says so, and counts for
/// nothing where there is none.
///
/// # Errors
/// The client's words for a file or a line that cannot be read.
pub(in crate::docker) fn pairs(
    call: &mut Call<'_, '_>,
    file: &str,
    from_env: bool,
) -> Result<Vec<String>, String> {
    let task = call.process.task.clone();
    let bytes = match file {
        // The lab's host has its devices by name.
        "/dev/null" => bytes::Bytes::new(),
        _ => fs::read(call.system.kernel, &task, file.as_bytes())
            .map_err(|errno| format!("open {file}: {}", go_text(errno)))?,
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let bad = |why: String| format!("poorly formatted environment: {why}");
    let mut pairs = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|b| *b == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(line) = std::str::from_utf8(line) else {
            let shown: Vec<String> = line.iter().map(u8::to_string).collect();
            return Err(format!(
                "env file {file} contains invalid utf8 bytes at line {number}: [{}]",
                shown.join(" ")
            ));
        };
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split('=').next().unwrap_or_default();
        if name.contains(char::is_whitespace) {
            return Err(bad(format!("variable '{name}' contains whitespaces")));
        }
        if name.is_empty() {
            return Err(bad(format!("no variable name on line '{line}'")));
        }
        if line.contains('=') {
            pairs.push(line.to_owned());
        } else if from_env && let Some(value) = call.process.env.get(name.as_bytes()) {
            pairs.push(format!("{name}={value}"));
        }
    }
    Ok(pairs)
}
