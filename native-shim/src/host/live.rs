//! A line that a person watches: it is run in strides, and what the person does meanwhile is heard between them.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use layerlab_core::session::{Request, Session, Standing};

use super::wire::{Answer, Order};

/// How long a line that follows something waits before a tenth of a second of the lab's time has passed.
const TENTH: Duration = Duration::from_millis(100);

/// Runs a request to its end. [`Order::Heard`] is heard meanwhile; [`Answer::Reads`] tells when a program begins or ends to wait
/// for what is typed.
pub(super) fn live(
    session: &mut Session,
    request: Request,
    queue: &Receiver<Order>,
    tell: &mut dyn FnMut(Answer),
) {
    let mut standing = session.begin(request, &mut |event| tell(Answer::Event(event)));
    let mut reads = false;
    while standing != Standing::Answered {
        let follows = standing == Standing::Follows;
        let now = follows && session.awaits_typing();
        if std::mem::replace(&mut reads, now) != now {
            tell(Answer::Reads(now));
        }
        let order = if follows {
            queue.recv_timeout(TENTH)
        } else {
            queue.try_recv().map_err(|error| match error {
                TryRecvError::Empty => RecvTimeoutError::Timeout,
                TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            })
        };
        match order {
            Ok(Order::Heard(request)) if Session::answers_meanwhile(&request) => {
                session.begin(request, &mut |_| {});
            }
            Ok(_) => tell(Answer::NotNow),
            Err(RecvTimeoutError::Timeout) if follows => {
                session.begin(Request::Pass { tenths: 1 }, &mut |_| {});
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        standing = session.step(1, &mut |event| tell(Answer::Event(event)));
    }
}
