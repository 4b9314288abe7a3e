//! `docker rename`.

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (old, new) = (call.arg(0).trim().to_owned(), call.arg(1).trim().to_owned());
    if old.is_empty() || new.is_empty() {
        return Err(Failure::new("Error: Neither old nor new names may be empty"));
    }
    if let Err(failure) = call.engine().and_then(|mut engine| Ok(engine.rename(&old, &new)?)) {
        // The client tells its own line behind the daemon's.
        call.complain(&failure.text);
        return Err(Failure::new(format!("Error: failed to rename container named {old}")));
    }
    Ok(Flow::OK)
}
