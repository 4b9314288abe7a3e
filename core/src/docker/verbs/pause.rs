//! `docker pause` and `docker unpause` (oracle: pause, unpause, ps-paused).

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn pause(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    set(call, Held::Yes)
}

pub(crate) fn unpause(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    set(call, Held::No)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

fn set(call: &mut Call<'_, '_>, held: Held) -> Result<Flow, Failure> {
    call.each(|call, name| {
        let mut engine = call.engine()?;
        let mut container = engine.find_container(name)?;
        engine.set_paused(&mut container, held == Held::Yes)?;
        call.line(name);
        Ok(())
    })
}
