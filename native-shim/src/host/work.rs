//! What a child does with orders: calls on a bare machine, or a session on it.

use std::sync::mpsc::Receiver;

use layerlab_core::conformance::trace::{self, Report, Trace};
use layerlab_core::conformance::verify::{Verdict, compare, verify};
use layerlab_core::kernel::{Errno, perform};
use layerlab_core::session::{Backend, Event, Session, programs};
use layerlab_core::sim::SimKernel;

use super::live::live;
use super::machine::HostMachine;
use super::wire::{Answer, Order};

/// Where answers go.
type Tell<'a> = dyn FnMut(Answer) + 'a;

/// What the kernel's thread holds.
#[derive(Debug)]
pub(super) enum Work {
    /// The machine, as long as calls are made on it directly.
    Machine(Box<HostMachine>),
    /// The session that has taken the machine over, or why there is none.
    Session(Result<Box<Session>, String>),
}

/// A session on a machine.
pub(super) fn session(machine: Box<dyn Backend>) -> Result<Box<Session>, String> {
    Session::new(machine, programs()).map(Box::new)
}

impl Work {
    /// Does what is asked, and says so.
    pub(super) fn obey(self, order: Order, queue: &Receiver<Order>, tell: &mut Tell<'_>) -> Self {
        match (self, order) {
            (this, Order::Heard(_)) => this,
            (Self::Machine(machine), order @ (Order::Request(_) | Order::Live(_))) => {
                Self::Session(session(machine)).obey(order, queue, tell)
            }
            (Self::Machine(mut machine), order) => {
                obey_bare(&mut machine, order, tell);
                Self::Machine(machine)
            }
            (Self::Session(Ok(mut session)), Order::Request(request)) => {
                session.handle(request, &mut |event| tell(Answer::Event(event)));
                Self::Session(Ok(session))
            }
            (Self::Session(Ok(mut session)), Order::Live(request)) => {
                live(&mut session, request, queue, tell);
                Self::Session(Ok(session))
            }
            (Self::Session(Err(message)), Order::Request(_) | Order::Live(_)) => {
                tell(Answer::Event(Event::Failed { message: message.clone() }));
                Self::Session(Err(message))
            }
            (this @ Self::Session(_), _) => {
                tell(Answer::NotNow);
                this
            }
        }
    }
}

fn obey_bare(machine: &mut HostMachine, order: Order, tell: &mut Tell<'_>) {
    tell(match order {
        Order::Calls(calls) => {
            Answer::Outcomes(calls.iter().map(|(task, call)| perform(machine.kernel(), task, call)).collect())
        }
        Order::Mounts => Answer::Mounts(machine.kernel().mountinfo().unwrap_or_default()),
        Order::Reset => Answer::Reset(machine.reset()),
        Order::Replay(text) => Answer::Replayed(replay(machine, &text)),
        Order::Verify(plan) => {
            let mut model = SimKernel::new();
            Answer::Verified(verify(machine.kernel(), &mut model, SimKernel::tick, b"/verify", &plan))
        }
        Order::Compare(text) => Answer::Verified(match Trace::parse(&text) {
            Ok(plan) => compare(machine.kernel(), &mut SimKernel::new(), SimKernel::tick, b"/verify", &plan),
            Err(_) => Verdict::Impossible(Errno::EINVAL),
        }),
        Order::Request(_) | Order::Live(_) | Order::Heard(_) => Answer::NotNow,
    });
}

/// Below a directory of its own, which is taken away again.
fn replay(machine: &mut HostMachine, text: &[u8]) -> Result<Report, String> {
    let trace = Trace::parse(text).map_err(|error| error.to_string())?;
    Ok(trace::replay(machine.kernel(), b"/trace", &trace))
}
