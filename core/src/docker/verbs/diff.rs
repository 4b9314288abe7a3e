//! `docker diff` (oracle: diff-*).

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    if name.is_empty() {
        return Err(Failure::new("Container name cannot be empty"));
    }
    let mut engine = call.engine()?;
    let container = engine.find_container(&name)?;
    let changes = engine.changes(&container.id)?;
    let mut text = Vec::new();
    for change in changes {
        text.extend_from_slice(format!("{} ", change.kind.letter()).as_bytes());
        text.extend_from_slice(&change.path);
        text.push(b'\n');
    }
    call.print(text);
    Ok(Flow::OK)
}
