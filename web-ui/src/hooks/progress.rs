//! A lesson's progress: recalled when its session stands, kept whenever it changes.

use yew::{hook, use_effect_with, use_mut_ref};

use super::Lab;
use crate::lesson::Page;
use crate::progress::{self, Progress};
use crate::state::{Action, Phase};

/// Recalls and keeps what the learner did on this page.
#[hook]
pub(crate) fn use_progress(lab: &Lab, page: Option<&Page>) {
    let here = page.map(|page| page.key.clone());
    // A page that was just opened stands over the session before it, until its own begins.
    let begins = use_mut_ref(|| None::<String>);
    if lab.state.phase == Phase::Starting {
        begins.borrow_mut().clone_from(&here);
    }
    let id = here.filter(|id| lab.state.phase != Phase::Starting && begins.borrow().as_ref() == Some(id));
    // Nothing is kept before what was kept is known.
    let recalled = use_mut_ref(|| None::<String>);
    {
        let (lab, recalled) = (lab.clone(), recalled.clone());
        use_effect_with(id.clone(), move |id| {
            (*recalled.borrow_mut()).clone_from(id);
            if let Some(saved) = id.as_deref().and_then(progress::load) {
                lab.dispatch(Action::Recalled { steps: saved.steps });
            }
        });
    }
    let now = page.map(|page| Progress {
        done: (0..page.steps.len()).filter(|step| page.is_done(*step, &lab.state)).count(),
        total: page.steps.len(),
        steps: lab.state.steps.clone(),
    });
    let begun = lab.state.journal.at > 0 || !lab.state.steps.is_empty();
    use_effect_with((id, now, begun), move |(id, now, begun)| {
        if let (Some(id), Some(now)) = (id, now)
            && recalled.borrow().as_ref() == Some(id)
            && *begun
        {
            progress::save(id, now);
        }
    });
}
