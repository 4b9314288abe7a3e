//! A lesson as the page goes through it: steps, each with what is to be done in it.

use layerlab_core::lesson::{Block, Lesson, Predicate, Question, parse};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::state::State;
use crate::text::{Language, fetch};

#[wasm_bindgen]
extern "C" {
    /// boot.js: the names of a language's lessons, in order.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn lessons(language: &str) -> Vec<String>;
}

/// A lesson's page in steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Page {
    /// The lesson.
    pub(crate) lesson: Lesson,
    /// Its steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// Some prose and what is to be done after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Step {
    /// Markdown.
    pub(crate) prose: Vec<String>,
    /// What is to be done.
    pub(crate) act: Act,
    /// Hints, from a nudge to the command.
    pub(crate) hints: Vec<String>,
    /// Lines that do it.
    pub(crate) solution: Vec<String>,
}

/// What is to be done in a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Act {
    /// Nothing: it is there to be read.
    #[default]
    Read,
    /// Lines to run.
    Run(Vec<String>),
    /// A question to answer before the next run.
    Predict(Question),
    /// A state to reach.
    Check(Vec<Predicate>),
}

impl Page {
    /// The page of a lesson.
    pub(crate) fn new(lesson: Lesson) -> Self {
        let mut steps = vec![Step::default()];
        for block in &lesson.blocks {
            let mut last = steps.pop().expect("there is always one");
            // What is read after something done begins a new step; help belongs to what was done.
            let acted = last.act != Act::Read;
            let act = match block {
                Block::Prose(text) if !acted => {
                    last.prose.push(text.clone());
                    steps.push(last);
                    continue;
                }
                Block::Prose(text) => {
                    steps.push(last);
                    steps.push(Step { prose: vec![text.clone()], ..Step::default() });
                    continue;
                }
                Block::Hint(tiers) => {
                    last.hints.extend(tiers.iter().cloned());
                    steps.push(last);
                    continue;
                }
                Block::Solution(lines) => {
                    last.solution.extend(lines.iter().cloned());
                    steps.push(last);
                    continue;
                }
                Block::Wrong(_) => {
                    steps.push(last);
                    continue;
                }
                Block::Console(exchanges) => Act::Run(exchanges.iter().map(|e| e.line.clone()).collect()),
                Block::Predict(question) => Act::Predict(question.clone()),
                Block::Check(predicates) => Act::Check(predicates.clone()),
            };
            if acted {
                steps.push(last);
                steps.push(Step { act, ..Step::default() });
            } else {
                steps.push(Step { act, ..last });
            }
        }
        Self { lesson, steps }
    }

    /// Whether a step is done.
    pub(crate) fn is_done(&self, step: usize, state: &State) -> bool {
        let seen = state.steps.get(&step);
        match self.steps.get(step).map(|step| &step.act) {
            None => false,
            Some(Act::Read) => self.steps[..step].iter().enumerate().all(|(n, _)| self.is_done(n, state)),
            Some(Act::Run(lines)) => {
                let done = state.journal.done.min(state.journal.lines.len());
                let typed = &state.journal.lines[..done];
                lines
                    .iter()
                    .all(|line| typed.iter().any(|typed| typed.trim_ascii() == line.trim().as_bytes()))
            }
            Some(Act::Predict(_)) => seen.is_some_and(|seen| seen.choice.is_some()),
            Some(Act::Check(_)) => seen.is_some_and(|seen| {
                !seen.statuses.is_empty() && seen.statuses.iter().all(|status| *status == 0)
            }),
        }
    }

    /// The step at hand: the first that is not done; none at the lesson's end.
    pub(crate) fn at_hand(&self, state: &State) -> Option<usize> {
        (0..self.steps.len()).find(|step| !self.is_done(*step, state))
    }

    /// A question that was answered and whose run is done, but which is not graded yet: its step and the predicates
    /// of its choices (`false` for one that is never right).
    pub(crate) fn to_grade(&self, state: &State) -> Option<(usize, Vec<String>)> {
        (0..self.steps.len()).find_map(|step| {
            let Act::Predict(question) = &self.steps[step].act else { return None };
            let seen = state.steps.get(&step)?;
            let run = step + 1 >= self.steps.len() || self.is_done(step + 1, state);
            let open = seen.choice.is_some() && seen.statuses.is_empty() && run;
            let lines =
                question.choices.iter().map(|choice| choice.line.clone().unwrap_or_else(|| "false".into()));
            open.then(|| (step, lines.collect()))
        })
    }
}

/// Loads the lesson of that id in a language.
///
/// # Errors
/// One sentence: there is none, or it cannot be had or read.
pub(crate) async fn load(language: Language, id: &str) -> Result<Page, String> {
    let wanted = format!("-{id}.md");
    let name = lessons(language.tag()).into_iter().find(|name| name.ends_with(&wanted));
    let name = name.ok_or_else(|| format!("there is no lesson named {id}"))?;
    let page = fetch(&name).await?;
    parse(&page).map(Page::new).map_err(|error| format!("{name}: {error}"))
}

/// All lessons of a language, in order; one that cannot be had is left out.
pub(crate) async fn load_all(language: Language) -> Vec<Lesson> {
    let mut all = Vec::new();
    for name in lessons(language.tag()) {
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
    fn a_page_becomes_steps() {
        let page = page();
        let kinds: Vec<_> =
            page.steps.iter().map(|step| (step.prose.len(), std::mem::discriminant(&step.act))).collect();
        let kind = |act: &Act| std::mem::discriminant(act);
        let question = Act::Predict(Question { text: String::new(), choices: Vec::new() });
        let want = [
            (1, kind(&question)),
            (0, kind(&Act::Run(Vec::new()))),
            (1, kind(&Act::Check(Vec::new()))),
            (1, kind(&Act::Read)),
        ];
        assert_eq!(kinds, want);
        assert_eq!(page.steps[2].hints, ["h"]);
    }

    #[test]
    fn steps_are_done_by_what_is_so() {
        let page = page();
        let mut state = State::default();
        assert_eq!(page.at_hand(&state), Some(0));
        state.steps.insert(0, StepState { choice: Some(1), ..StepState::default() });
        assert_eq!((page.at_hand(&state), page.to_grade(&state)), (Some(1), None));
        state.journal = Rc::new(Journal { lines: vec![" ls ".into()], done: 1, ..Journal::default() });
        assert_eq!(page.to_grade(&state), Some((0, vec!["false".into(), "test -e /b".into()])));
        assert_eq!(page.at_hand(&state), Some(2));
        state.steps.insert(2, StepState { statuses: vec![0], ..StepState::default() });
        assert_eq!(page.at_hand(&state), None);
    }
}
