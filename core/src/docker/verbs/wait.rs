//! `docker wait`.

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    call.each(|call, name| {
        let container = call.engine()?.find_container(name)?;
        if container.state.running {
            return Err(Failure::new(format!(
                "Layerlab: {name} is up, and nothing stops it while this command waits; docker stop {name} does"
            )));
        }
        call.line(&container.state.exit_code.to_string());
        Ok(())
    })
}
