//! `docker update` (docker/cli 20.10's `cli/command/container/update.go`).

use super::super::{Call, Failure, options};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if call.flags.is_bare() {
        return Err(Failure::new("you must provide one or more flags when using this command"));
    }
    let limits = options::resources(&call.flags).map_err(Failure::new)?;
    let policy = match call.flags.text("restart").filter(|policy| !policy.is_empty()) {
        Some(policy) => Some(options::restart_policy(&policy).map_err(Failure::new)?),
        None => None,
    };
    let mut all_warnings = Vec::new();
    let flow = call.each(|call, name| {
        let mut engine = call.engine()?;
        let container = engine.find_container(name)?;
        let warnings = engine.update(&container, limits.clone(), policy.clone())?;
        engine.tell_container(&container, "update", &[]);
        all_warnings.extend(warnings);
        call.line(name);
        Ok(())
    });
    for warning in all_warnings {
        call.line(&warning);
    }
    flow
}
