//! The laboratory: the state, the driver, and the effects that tie them to storage and to the page.

use std::rc::Rc;

use layerlab_core::explore::desk;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::Journal;
use layerlab_core::view::Query;
use wasm_bindgen_futures::spawn_local;
use yew::{
    UseReducerDispatcher, UseReducerHandle, hook, use_context, use_effect_with, use_mut_ref, use_reducer,
    use_state,
};

use super::use_event;
use crate::image::Images;
use crate::link::{Driver, Move};
use crate::state::{Action, Form, Phase, State};
use crate::store;

/// How many columns are asked for before it is known how many fit.
const COLUMNS: u32 = 12;
/// What the first minute is about.
const STORY: [&str; 2] = ["/etc/motd", "/usr/share/nginx/html/index.html"];
/// How many rows of the matrix come at once.
pub(crate) const BRANCH_ROWS: u32 = 200;

/// What every component can reach: the state, and what can be done. Who only does things takes [`use_hands`], and is not
/// drawn anew whenever the state changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lab {
    /// The state.
    pub(crate) state: UseReducerHandle<State>,
    hands: Hands,
}

impl std::ops::Deref for Lab {
    type Target = Hands;

    fn deref(&self) -> &Hands {
        &self.hands
    }
}

/// What can be done. It is the same as long as the page lives.
#[derive(Clone, PartialEq)]
pub(crate) struct Hands {
    /// The images that the person imports.
    pub(crate) images: Images,
    driver: Driver,
    dispatcher: UseReducerDispatcher<State>,
}

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}

impl Hands {
    /// Runs a line as typed.
    pub(crate) fn run(&self, line: impl Into<ByteString>) {
        self.driver.run(line.into());
    }

    /// Goes along the timeline.
    pub(crate) fn go(&self, step: Move) {
        self.driver.go(step);
    }

    /// Asks what could stand at the cursor.
    pub(crate) fn complete(&self, line: &str, cursor: usize) {
        self.driver.complete(line, cursor);
    }

    /// Gives up what runs, or an incomplete line.
    pub(crate) fn interrupt(&self) {
        self.driver.interrupt();
    }

    /// Tests predicates of a lesson's step.
    pub(crate) fn test(&self, step: usize, lines: impl IntoIterator<Item = String>) {
        self.driver.test(step, lines.into_iter().map(ByteString::from).collect());
    }

    /// Puts a piece of a file into the lab.
    pub(crate) fn put(&self, path: ByteString, offset: u64, data: ByteString, total: u64) {
        self.driver.put(path, offset, data, total);
    }

    /// Asks the matrix of the subject's layers something.
    pub(crate) fn branch(&self, subject: Option<String>, epoch: u32, ask: desk::Query) {
        self.driver.branch(subject, epoch, ask);
    }

    /// Changes the state.
    pub(crate) fn dispatch(&self, action: Action) {
        self.dispatcher.dispatch(action);
    }
}

/// The laboratory that the page is in.
#[hook]
pub(crate) fn use_lab() -> Lab {
    use_context::<Lab>().expect("components are drawn inside the laboratory's context")
}

/// What can be done in the laboratory that the page is in.
#[hook]
pub(crate) fn use_hands() -> Hands {
    use_context::<Hands>().expect("components are drawn inside the laboratory's context")
}

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

/// Loads the session of that name, and saves it whenever its journal changes.
#[hook]
fn use_session(lab: &Lab, name: &str, fresh: Option<Journal>) {
    // What may be saved: the name, once its old journal has been read. A journal that could not be read is kept.
    let open = use_mut_ref(|| None::<(String, Option<Journal>)>);
    let (begin, held) = (lab.clone(), Rc::clone(&open));
    use_effect_with((name.to_owned(), fresh), move |(name, fresh)| {
        *held.borrow_mut() = None;
        if let Some(fresh) = fresh.clone() {
            let name = name.clone();
            begin.dispatch(Action::Left);
            spawn_local(async move {
                let saved = store::load(&name).await;
                let journal = match saved {
                    Ok(saved) => {
                        *held.borrow_mut() = Some((name, saved.clone()));
                        saved.unwrap_or(fresh)
                    }
                    Err(message) => {
                        begin.dispatch(Action::SaveFailed(message));
                        fresh
                    }
                };
                begin.driver.start(&journal);
            });
        }
    });
    let lab = lab.clone();
    use_effect_with(Rc::clone(&lab.state.journal), move |journal| {
        let mut held = open.borrow_mut();
        let Some((name, last)) = held.as_mut() else { return };
        let nothing = journal.version == 0 || (journal.entries.is_empty() && last.is_none());
        if nothing {
            return;
        }
        if last.as_ref() == Some(&**journal) {
            return lab.dispatch(Action::Saved { journal: Rc::clone(journal) });
        }
        *last = Some((**journal).clone());
        let (name, journal) = (name.clone(), Rc::clone(journal));
        spawn_local(async move {
            lab.dispatch(match store::save(&name, &journal).await {
                Ok(()) => Action::Saved { journal },
                Err(message) => Action::SaveFailed(message),
            });
        });
    });
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
                show: STORY.iter().map(|path| (*path).into()).collect(),
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
            driver.branch(subject.clone(), *epoch, desk::Query::Rows { from, count: BRANCH_ROWS });
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
