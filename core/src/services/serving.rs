//! A service that is up.

use serde::{Deserialize, Serialize};

use crate::program::{Flow, Loader, Next, Process, State, System, Wait, loader, signals};

/// Lets a service stay up until it is asked to end.
pub(super) fn serve(system: &mut System<'_>) -> Flow {
    system.goes_on(Serving {}, None)
}

/// A service that is up: it ends in order when it is asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Serving {}

impl State for Serving {
    const NAME: &'static str = "serving";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        let bits = [signals::TERM, signals::QUIT, signals::INT].map(|signal| 1u64 << signal);
        system.catch(bits.into_iter().fold(0, |all, bit| all | bit), 0);
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
