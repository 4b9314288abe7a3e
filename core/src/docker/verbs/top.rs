//! `docker top`: the container's own process, which is all that the lab keeps up.

use super::super::{Call, Failure, columns};
use crate::oci::time;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let container = call.engine()?.find_container(&name)?;
    if !container.state.running {
        return Err(Failure::new(format!(
            "Error response from daemon: Container {} is not running",
            container.id
        )));
    }
    let started = time::parse(&container.state.started_at).unwrap_or_default();
    let clock = time::format(started);
    let command =
        std::iter::once(&container.path).chain(&container.args).cloned().collect::<Vec<_>>().join(" ");
    let user = if container.config.user.is_empty() { "root" } else { container.config.user.as_str() };
    let pid = container.state.pid;
    let rows = [
        "UID\tPID\tPPID\tC\tSTIME\tTTY\tTIME\tCMD".to_owned(),
        format!(
            "{user}\t{pid}\t{}\t0\t{}\t?\t00:00:00\t{command}",
            pid.saturating_sub(1),
            clock.get(11..16).unwrap_or_default()
        ),
    ];
    call.print(columns::layout_wide(&rows));
    Ok(Flow::OK)
}
