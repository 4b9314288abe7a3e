//! A service that is up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;
use crate::program::{Flow, Loader, Next, Process, ProgramState, System, Wait, loader, signals};

/// Lets a service stay up until it is asked to end.
pub(super) fn serve(system: &mut System<'_>) -> Flow {
    system.goes_on(Serving::default(), None)
}

/// A service that is up: it ends in order when it is asked to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Serving {
    /// What a Redis server holds.
    #[serde(default)]
    pub(super) keys: BTreeMap<ByteString, ByteString>,
}

impl ProgramState for Serving {
    const NAME: &'static str = "serving";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        let bits = [signals::TERM, signals::QUIT, signals::INT].map(|signal| 1u64 << signal);
        // HUP, USR1, USR2 and WINCH let a server read its settings and open its logs again.
        let kept = [1, 10, 12, 28].map(|signal: u8| 1u64 << signal);
        let all = |bits: &[u64]| bits.iter().fold(0, |all, bit| all | bit);
        system.catch(all(&bits), all(&kept));
        match system.take_signal() {
            Some(_) => Next::Exit(0),
            None => Next::Wait(Wait { signal: true, ..Wait::default() }),
        }
    }
}

/// The states of services, for [`crate::program::Table::with_jobs`].
pub fn jobs() -> [(&'static str, Loader); 2] {
    [loader::<Serving>(), loader::<super::init::Init>()]
}
