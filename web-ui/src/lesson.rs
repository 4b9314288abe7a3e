//! A lesson as the page goes through it: what is done of its steps, and where it is loaded from.

use layerlab_core::lesson::{
    Course, Keep, Lesson, LessonAct, LessonStep, Myths, course, myths, parse, passes, steps,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::late::later;
use crate::route::Route;
use crate::state::State;
use crate::text::{Language, fetch};
use crate::{class, share};

#[wasm_bindgen]
extern "C" {
    /// boot.js: the names of a language's lessons, in order.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn lessons(language: &str) -> Vec<String>;

    /// boot.js: begins to fetch these texts.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn prefetch(names: Vec<String>);
}

/// A lesson's page in steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Page {
    /// The lesson.
    pub(crate) lesson: Lesson,
    /// Its steps, in order.
    pub(crate) steps: Vec<LessonStep>,
    /// What is to be taken along at its end.
    pub(crate) keep: Option<Keep>,
    /// The lesson that comes next, by id.
    pub(crate) next: Option<String>,
    /// By what name the progress in it is kept.
    pub(crate) key: String,
    /// The page itself, packed, where it is no lesson of the course.
    pub(crate) packed: Option<String>,
}

impl Page {
    /// The page of a lesson.
    pub(crate) fn new(lesson: Lesson) -> Self {
        let (steps, keep) = steps(&lesson);
        let key = lesson.id.clone();
        Self { lesson, steps, keep, next: None, key, packed: None }
    }

    /// Whether a step is done.
    pub(crate) fn is_done(&self, step: usize, state: &State) -> bool {
        let seen = state.steps.get(&step);
        match self.steps.get(step).map(|step| &step.act) {
            None => false,
            Some(LessonAct::Read) => {
                self.steps[..step].iter().enumerate().all(|(n, _)| self.is_done(n, state))
            }
            Some(LessonAct::Run(lines)) => {
                let mut typed = state.journal.lines();
                typed.truncate(state.journal.done());
                lines
                    .iter()
                    .all(|line| typed.iter().any(|typed| typed.trim_ascii() == line.trim().as_bytes()))
            }
            Some(LessonAct::Predict(_)) => seen.is_some_and(|seen| seen.choice.is_some()),
            Some(LessonAct::Check(predicates)) => seen.is_some_and(|seen| passes(predicates, &seen.statuses)),
        }
    }

    /// The step at hand: the first that is not done; none at the lesson's end.
    pub(crate) fn at_hand(&self, state: &State) -> Option<usize> {
        (0..self.steps.len()).find(|step| !self.is_done(*step, state))
    }

    /// The lines that are to be run next: those of the first step to be run whose lines were not all typed, unless
    /// a state is to be reached before it.
    pub(crate) fn next_lines(&self, state: &State) -> Vec<String> {
        let from = self.at_hand(state).unwrap_or(self.steps.len());
        let coming = self.steps[from..].iter().take_while(|step| !matches!(step.act, LessonAct::Check(_)));
        let Some(lines) = coming.into_iter().find_map(|step| match &step.act {
            LessonAct::Run(lines) => Some(lines),
            _ => None,
        }) else {
            return Vec::new();
        };
        let mut typed = state.journal.lines();
        typed.truncate(state.journal.done());
        let is_typed =
            |line: &&String| typed.iter().any(|typed| typed.trim_ascii() == line.trim().as_bytes());
        lines.iter().filter(|line| !is_typed(line)).cloned().collect()
    }

    /// A question that was answered and whose run is done, but which is not graded yet: its step and the predicates
    /// of its choices (`false` for one that is never right).
    pub(crate) fn to_grade(&self, state: &State) -> Option<(usize, Vec<String>)> {
        (0..self.steps.len()).find_map(|step| {
            let LessonAct::Predict(question) = &self.steps[step].act else { return None };
            let seen = state.steps.get(&step)?;
            let run = step + 1 >= self.steps.len() || self.is_done(step + 1, state);
            let open = seen.choice.is_some() && seen.statuses.is_empty() && run;
            open.then(|| (step, question.tests()))
        })
    }
}

/// Loads the course; an empty one where it cannot be had.
pub(crate) async fn load_course() -> Course {
    fetch("course.json").await.ok().and_then(|text| course(&text).ok()).unwrap_or_default()
}

/// Loads the claims that are judged; none where they cannot be had.
pub(crate) async fn load_myths() -> Myths {
    fetch("myths.json").await.ok().and_then(|text| myths(&text).ok()).unwrap_or_default()
}

/// Loads the lesson that an address names, in a language.
///
/// # Errors
/// One sentence: there is none, or it cannot be had or read.
pub(crate) async fn load(language: Language, route: &Route) -> Result<Page, String> {
    if let Route::Page(packed) = route {
        later().await;
        return foreign(packed.clone(), route.save_name()).await;
    }
    let id = route.lesson().unwrap_or_default();
    let page = source(language, id).await?;
    let page = parse(&page).map(Page::new).map_err(|error| format!("{id}: {error}"))?;
    let next = class::next(id);
    let next = if next.is_some() { next } else { load_course().await.next(id).map(str::to_owned) };
    Ok(Page { next, ..page })
}

/// Somebody else's lesson, out of an address. What was done in it is kept apart from the course's.
async fn foreign(packed: String, key: String) -> Result<Page, String> {
    let text = share::text(&packed).await?;
    let page = parse(&text).map(Page::new).map_err(|error| error.to_string())?;
    Ok(Page { key, packed: Some(packed), ..page })
}

/// The text of a lesson of the course.
///
/// # Errors
/// One sentence: there is none, or it cannot be had.
pub(crate) async fn source(language: Language, id: &str) -> Result<String, String> {
    let wanted = format!("-{id}.md");
    let name = lessons(language.tag()).into_iter().find(|name| name.ends_with(&wanted));
    fetch(&name.ok_or_else(|| format!("there is no lesson named {id}"))?).await
}

/// All lessons of a language, in the order of their files; one that cannot be had is left out.
pub(crate) async fn load_all(language: Language) -> Vec<Lesson> {
    let mut all = Vec::new();
    let names = lessons(language.tag());
    // All are asked for before the first is waited for.
    prefetch(names.clone());
    for name in names {
        if let Ok(page) = fetch(&name).await
            && let Ok(lesson) = parse(&page)
        {
            all.push(lesson);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use layerlab_core::session::Journal;

    use super::*;
    use crate::state::StepState;

    fn page() -> Page {
        let text = "---\nid: x\ntitle: t\nsummary: s\n---\nOne.\n\n```predict\nWhy?\n- a\n- b\n= test -e /b\n```\n\n\
                    ```console\n$ ls\n```\n\nTwo.\n\n```check\nb: test -e /b\n! no b\n```\n\n```hint\nh\n```\n\nEnd.\n";
        Page::new(parse(text).unwrap())
    }

    #[test]
    fn steps_are_done_by_what_is_so() {
        let page = page();
        let mut state = State::default();
        assert_eq!(page.at_hand(&state), Some(0));
        state.steps.insert(0, StepState { choice: Some(1), ..StepState::default() });
        assert_eq!((page.at_hand(&state), page.to_grade(&state)), (Some(1), None));
        state.journal = Rc::new(Journal::of_lines(Vec::new(), vec![" ls ".into()], 1));
        assert_eq!(page.to_grade(&state), Some((0, vec!["false".into(), "test -e /b".into()])));
        assert_eq!(page.at_hand(&state), Some(2));
        state.steps.insert(2, StepState { statuses: vec![0], ..StepState::default() });
        assert_eq!(page.at_hand(&state), None);
    }

    #[test]
    fn sentences_have_the_figures_that_their_tests_printed() {
        let text = "---\nid: x\ntitle: t\nsummary: s\n---\n```check\na: true\n! $(one) a\nb: test 1 = 2\n! no figure\n\
                    ```\n\n```explain\n$(two) and $(three)\n```\n";
        let page = Page::new(parse(text).unwrap());
        let step = &page.steps[0];
        assert_eq!(step.tests().len(), 5);
        let outputs = ["", "", "1", "20000", ""].map(str::to_owned);
        let (messages, explain) = step.said(&outputs);
        assert_eq!(messages, ["1 a", "no figure"]);
        assert_eq!(explain.as_deref(), Some("20,000 and ?"));
        let mut state = State::default();
        let seen = StepState { statuses: vec![0, 0, 1, 1, 1], ..StepState::default() };
        state.steps.insert(0, seen);
        assert!(page.is_done(0, &state), "a figure that fails is no check that fails");
    }
}
