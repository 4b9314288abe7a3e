//! `docker top`: the processes of a container, as the host's ps shows them (moby 20.10's `daemon/top_unix.go`).

use super::super::{Call, Failure, columns};
use crate::program::Flow;
use crate::shell::process_table;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let words: Vec<String> = call.args()[1..].to_vec();
    let container = call.engine()?.find_container(&name)?;
    let refuse = |why: String| Failure::new(format!("Error response from daemon: {why}"));
    if !container.state.running {
        return Err(refuse(container.why_not_up()));
    }
    let rows = process_table(call.system, call.process, &container.id, &words)
        .map_err(|why| refuse(format!("ps: error: {why}")))?;
    if !rows.first().is_some_and(|titles| titles.iter().any(|title| title == "PID")) {
        return Err(refuse("Couldn't find PID field in ps output".to_owned()));
    }
    call.engine()?.tell_container(&container, "top", &[]);
    let rows: Vec<String> = rows.iter().map(|cells| cells.join("\t")).collect();
    call.print(columns::layout_wide(&rows));
    Ok(Flow::OK)
}
