//! `docker export` (oracle: export, export-stdout-tty-guard).

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let file = call.flags.bytes("output").cloned();
    super::save::check(call, file.as_ref(), "failed to export container")?;
    let name = call.arg(0);
    let mut engine = call.engine()?;
    let container = engine.find_container(&name)?;
    let packed = engine.export(&container)?;
    engine.tell_container(&container, "export", &[]);
    super::save::deliver(call, &packed, file)
}
