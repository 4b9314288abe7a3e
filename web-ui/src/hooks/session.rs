//! The session that the page is in: whose it is, read from the person's disk, and written there whenever it changes.

use std::cell::RefCell;
use std::rc::Rc;

use layerlab_core::opening::{self, Opening};
use layerlab_core::session::Journal;
use wasm_bindgen_futures::spawn_local;
use yew::{hook, use_effect_with, use_mut_ref};

use super::lab::Lab;
use super::page::use_event;
use crate::local;
use crate::state::{Action, Owner};
use crate::store;
use crate::text::fetch;

/// How many tabs may each have a session of the same name.
const TABS_MAX: u32 = 50;

/// What is written to the person's disk.
#[derive(Debug, Default)]
struct Keeper {
    /// Counts the sessions that were opened here: what an earlier one still does is nothing of the next.
    turn: u32,
    /// What may be written: the name of a session that is this tab's and whose old journal could be read, and the journal
    /// that lies there.
    held: Option<(String, Option<Rc<Journal>>)>,
    /// The newest journal that is not written yet.
    next: Option<Rc<Journal>>,
    /// Whether one is being written: there is never more than one, so that no older one comes last.
    is_writing: bool,
}

/// Opens the session of that name, or one of its own where another tab has that, and saves it whenever its journal changes.
#[hook]
pub(super) fn use_session(lab: &Lab, name: &str, fresh: Option<Journal>) {
    let keeper = use_mut_ref(Keeper::default);
    let (begin, kept) = (lab.clone(), Rc::clone(&keeper));
    use_effect_with((name.to_owned(), fresh, lab.state.opened), move |(name, fresh, (_, steal))| {
        let turn = {
            let mut keeper = kept.borrow_mut();
            (keeper.turn, keeper.held, keeper.next) = (keeper.turn + 1, None, None);
            keeper.turn
        };
        if let Some(fresh) = fresh.clone() {
            begin.driver.leave();
            begin.dispatch(Action::Left);
            spawn_local(open(begin, kept, turn, name.clone(), fresh, *steal));
        }
    });
    // What is seen last is seen again after a reload.
    let seen = (lab.state.session.clone(), lab.state.subject.clone());
    use_effect_with(seen, |(session, subject)| {
        if let Some(subject) = subject.as_ref().filter(|_| store::is_listed(session)) {
            local::keep(&store::subject(session), subject);
        }
    });
    let (lost, kept) = (lab.clone(), Rc::clone(&keeper));
    use_event("layerlab-lost", move |_| {
        kept.borrow_mut().held = None;
        lost.dispatch(Action::Owned { session: lost.state.session.clone(), owner: Owner::Lost });
    });
    let lab = lab.clone();
    use_effect_with(Rc::clone(&lab.state.journal), move |journal| {
        {
            let mut keeper = keeper.borrow_mut();
            let Some((_, last)) = &keeper.held else { return };
            let nothing = journal.version == 0 || (journal.entries.is_empty() && last.is_none());
            if nothing {
                return;
            }
            keeper.next = Some(Rc::clone(journal));
        }
        write(lab, keeper);
    });
}

/// Opens a session and starts it.
async fn open(lab: Lab, keeper: Rc<RefCell<Keeper>>, turn: u32, name: String, fresh: Journal, steal: bool) {
    let (session, owner) = own(&name, steal).await;
    let saved = store::load(&session).await;
    if keeper.borrow().turn != turn {
        return;
    }
    lab.dispatch(Action::Owned { session: session.clone(), owner });
    if store::is_listed(&session) {
        if let Some(subject) = local::kept(&store::subject(&session)) {
            lab.dispatch(Action::Chose { subject });
        }
        local::keep(store::LAST, &session);
        local::keep_in_tab(store::LAST, &session);
    }
    let journal = match saved {
        Ok(saved) => {
            if owner != Owner::Lost {
                keeper.borrow_mut().held = Some((session, saved.clone().map(Rc::new)));
            }
            saved.unwrap_or(fresh)
        }
        Err(message) => {
            lab.dispatch(Action::SaveFailed(message));
            fresh
        }
    };
    // The playground's first screen is known before the lab runs.
    let is_new = journal == opening::journal();
    let opening = if is_new { fetch("opening").await.ok().map(Opening::read) } else { None };
    if keeper.borrow().turn == turn {
        lab.driver.start(&journal, opening);
    }
}

/// Makes this tab the owner of a session: of the one that is named, or else of one of its own.
async fn own(name: &str, steal: bool) -> (String, Owner) {
    if local::own(name, steal).await {
        return (name.to_owned(), Owner::Here);
    }
    // A new session of the playground begins with nothing; a lesson's goes on where a second tab left it.
    let taken = if store::is_listed(name) { store::names().await.unwrap_or_default() } else { Vec::new() };
    let base = name.split('#').next().unwrap_or(name);
    for number in 2..TABS_MAX {
        let other = format!("{base}#{number}");
        if !taken.contains(&other) && local::own(&other, false).await {
            return (other, Owner::Second);
        }
    }
    (name.to_owned(), Owner::Lost)
}

/// Writes what there is to write, the newest last.
fn write(lab: Lab, keeper: Rc<RefCell<Keeper>>) {
    if std::mem::replace(&mut keeper.borrow_mut().is_writing, true) {
        return;
    }
    spawn_local(async move {
        loop {
            let (name, journal, is_there) = {
                let mut keeper = keeper.borrow_mut();
                let next = keeper.next.take();
                match (&mut keeper.held, next) {
                    (Some((name, last)), Some(journal)) => {
                        let is_there = last.as_ref() == Some(&journal);
                        *last = Some(Rc::clone(&journal));
                        (name.clone(), journal, is_there)
                    }
                    _ => {
                        keeper.is_writing = false;
                        return;
                    }
                }
            };
            let written = if is_there { Ok(()) } else { store::save(&name, &journal).await };
            lab.dispatch(match written {
                Ok(()) => Action::Saved { journal },
                Err(message) => Action::SaveFailed(message),
            });
        }
    });
}
