//! The laboratory itself: the state, the driver, and the effects that tie them to the screen.

use std::rc::Rc;

use layerlab_core::explore::screen;
use layerlab_core::opening;
use layerlab_core::session::Journal;
use layerlab_core::view::Query;
use yew::{hook, use_effect_with, use_reducer, use_state};

use super::lab::{Hands, Lab};
use super::page::use_event;
use super::session::use_session;
use crate::image::Images;
use crate::link::Driver;
use crate::state::{Form, Phase, State};

/// How many columns are asked for before it is known how many fit.
const COLUMNS: u32 = 12;
/// How many rows of the matrix come at once.
pub(crate) const BRANCH_ROWS: u32 = 200;

/// Makes the laboratory of the session that is saved as `name`, and that is `fresh` where nothing is saved yet; a new
/// name begins another session, once it is known how.
#[hook]
pub(crate) fn use_lab_root(name: String, fresh: Option<Journal>) -> Lab {
    let state = use_reducer(State::default);
    let dispatcher = state.dispatcher();
    let hands = use_state(|| {
        let dispatch = dispatcher.clone();
        let driver = Driver::new(Rc::new(move |action| dispatch.dispatch(action)));
        Hands { images: Images::default(), driver, dispatcher }
    });
    let lab = Lab { state, hands: (*hands).clone() };
    use_session(&lab, &name, fresh);
    use_screen(&lab);
    use_ready(&lab);
    let panic = lab.driver.clone();
    use_event("layerlab-panic", move |_| panic.panic_worker());
    lab
}

/// Asks for what the screen shows whenever it is out of date.
#[hook]
fn use_screen(lab: &Lab) {
    let state = &lab.state;
    // While a session starts there is nothing to see, or only the one before.
    let stands = state.phase != Phase::Starting;
    let (driver, now) = (lab.driver.clone(), state.clone());
    use_effect_with((stands, state.sight), move |(stands, _)| {
        if *stands {
            driver.look(Query::Screen {
                subject: now.subject.clone(),
                path: now.selected.clone(),
                columns: if now.columns == 0 { COLUMNS } else { now.columns },
                show: opening::story(),
                unfolded: now.unfolded.iter().cloned().collect(),
                follow: now.follow.as_deref().cloned(),
            });
        }
    });
    // The other forms are asked for while they are seen.
    let (driver, now) = (lab.driver.clone(), state.clone());
    let wanted = (stands, state.form, state.epoch, state.branch.turn, state.subject.clone());
    use_effect_with(wanted, move |(stands, form, epoch, _, subject)| match form {
        Form::Host if *stands => driver.host(),
        Form::Tree if *stands => {
            let from = now.branch.from.min(now.branch.active.saturating_sub(BRANCH_ROWS / 2));
            driver.branch(subject.clone(), *epoch, screen::Query::Rows { from, count: BRANCH_ROWS });
        }
        _ => {}
    });
}

/// Says in the document whether the prompt takes input. A line that runs changes nothing: the next can be typed.
#[hook]
fn use_ready(lab: &Lab) {
    use_effect_with(lab.state.phase, |phase| {
        let Some(root) = gloo::utils::document().document_element() else { return };
        // Setting a well-formed attribute cannot fail.
        let _ = match phase {
            Phase::Ready => root.set_attribute("data-ready", "true"),
            Phase::Starting | Phase::Broken => root.remove_attribute("data-ready"),
            Phase::Busy => Ok(()),
        };
    });
}
