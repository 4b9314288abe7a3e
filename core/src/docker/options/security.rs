//! `--security-opt`: what the client itself does with it (`parseSecurityOpts`, `parseSystemPaths`).

use super::super::Call;
use crate::engine::{HostConfig, go_text};
use crate::kernel::fs;

/// Reads profiles and takes out what is no option of the daemon.
///
/// # Errors
/// The client's words.
pub(super) fn options(call: &mut Call<'_, '_>, host: &mut HostConfig) -> Result<(), String> {
    let Some(options) = host.security_opt.take() else { return Ok(()) };
    let mut kept = Vec::new();
    for option in options {
        let (key, value) = match option.split_once('=').or_else(|| option.split_once(':')) {
            Some(pair) => pair,
            None if option == "no-new-privileges" => (option.as_str(), ""),
            None => return Err(format!("Invalid --security-opt: {option:?}")),
        };
        match (key, value) {
            ("seccomp", file) if file != "unconfined" => {
                let task = call.process.task.clone();
                let profile = fs::read(call.system.kernel, &task, file.as_bytes()).map_err(|errno| {
                    format!("opening seccomp profile ({file}) failed: open {file}: {}", go_text(errno))
                })?;
                let profile: serde_json::Value = serde_json::from_slice(&profile)
                    .map_err(|why| format!("compacting json for seccomp profile ({file}) failed: {why}"))?;
                kept.push(format!("seccomp={profile}"));
            }
            ("systempaths", "unconfined") => {
                host.masked_paths = Some(Vec::new());
                host.readonly_paths = Some(Vec::new());
            }
            _ => kept.push(option),
        }
    }
    host.security_opt = Some(kept);
    Ok(())
}
