//! A lesson in steps: some prose, then something to do; and how what was done is graded.

use super::{Block, Keep, Lesson, Predicate, Question, figures, fill};

/// A step of a lesson: prose, then a task.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LessonStep {
    /// Markdown.
    pub prose: Vec<String>,
    /// The task.
    pub act: LessonAct,
    /// Hints, from a nudge to the command.
    pub hints: Vec<String>,
    /// Lines that do it.
    pub solution: Vec<String>,
    /// Markdown shown once it is done; it may hold figures.
    pub explain: Option<String>,
}

/// The task of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum LessonAct {
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

/// Returns a lesson's steps, and what the learner keeps at its end.
pub fn steps(lesson: &Lesson) -> (Vec<LessonStep>, Option<Keep>) {
    let mut steps = vec![LessonStep::default()];
    let mut keep = None;
    for block in &lesson.blocks {
        let mut last = steps.pop().unwrap_or_default();
        // Prose after a task begins a new step. Hints, solutions and explanations belong to the task before them.
        let acted = last.act != LessonAct::Read;
        let act = match block {
            Block::Prose(text) if !acted => {
                last.prose.push(text.clone());
                steps.push(last);
                continue;
            }
            Block::Prose(text) => {
                steps.push(last);
                steps.push(LessonStep { prose: vec![text.clone()], ..LessonStep::default() });
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
            Block::Explain(text) => {
                steps.push(LessonStep { explain: Some(text.clone()), ..last });
                continue;
            }
            Block::Keep(kept) => {
                keep = Some(kept.clone());
                steps.push(last);
                continue;
            }
            Block::Wrong(_) => {
                steps.push(last);
                continue;
            }
            Block::Console(exchanges) => LessonAct::Run(exchanges.iter().map(|e| e.line.clone()).collect()),
            Block::Predict(question) => LessonAct::Predict(question.clone()),
            Block::Check(predicates) => LessonAct::Check(predicates.clone()),
        };
        if acted {
            steps.push(last);
            steps.push(LessonStep { act, ..LessonStep::default() });
        } else {
            steps.push(LessonStep { act, ..last });
        }
    }
    (steps, keep)
}

/// Returns whether a task is done: the lines of its predicates, which were tested first, all ended with status 0.
pub fn passes(predicates: &[Predicate], statuses: &[u8]) -> bool {
    let own = &statuses[..predicates.len().min(statuses.len())];
    !own.is_empty() && own.iter().all(|status| *status == 0)
}

impl Question {
    /// Returns the lines that grade its choices: the one that ends with status 0 is right.
    pub fn tests(&self) -> Vec<String> {
        self.choices.iter().map(|choice| choice.line.clone().unwrap_or_else(|| "false".into())).collect()
    }

    /// Returns the choices that are right, by the exit statuses of [`Question::tests`].
    pub fn right(&self, statuses: &[u8]) -> Vec<usize> {
        let graded = self.choices.iter().zip(statuses).enumerate();
        graded.filter(|(_, (_, status))| **status == 0).map(|(at, _)| at).collect()
    }
}

impl LessonStep {
    /// The lines that test it: its predicates, then the figures of what may be said afterwards, in the order of
    /// [`LessonStep::said`].
    pub fn tests(&self) -> Vec<String> {
        let LessonAct::Check(predicates) = &self.act else { return Vec::new() };
        let said =
            predicates.iter().map(|predicate| predicate.message.as_str()).chain(self.explain.as_deref());
        let figures = said.flat_map(figures);
        predicates.iter().map(|predicate| predicate.line.clone()).chain(figures).collect()
    }

    /// The messages of its predicates and its explanation, with the figures that its tests printed.
    pub fn said(&self, outputs: &[String]) -> (Vec<String>, Option<String>) {
        let LessonAct::Check(predicates) = &self.act else { return (Vec::new(), self.explain.clone()) };
        let mut rest = outputs.get(predicates.len()..).unwrap_or_default();
        let mut filled = |text: &str| {
            let (own, others) = rest.split_at(figures(text).len().min(rest.len()));
            rest = others;
            fill(text, own)
        };
        let messages = predicates.iter().map(|predicate| filled(&predicate.message)).collect();
        (messages, self.explain.as_deref().map(filled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::parse;

    #[test]
    fn a_page_becomes_steps() {
        let text = "---\nid: x\ntitle: t\nsummary: s\n---\nOne.\n\n```predict\nWhy?\n- a\n- b\n= test -e /b\n```\n\n\
                    ```console\n$ ls\n```\n\nTwo.\n\n```check\nb: test -e /b\n! no b\n```\n\n```hint\nh\n```\n\nEnd.\n";
        let (steps, keep) = steps(&parse(text).unwrap());
        let acts: Vec<_> = steps.iter().map(|step| (step.prose.len(), &step.act)).collect();
        let [(1, LessonAct::Predict(question)), (0, LessonAct::Run(lines)), (1, check), (1, LessonAct::Read)] =
            acts.as_slice()
        else {
            panic!("{acts:?}");
        };
        assert_eq!(
            (question.tests(), lines.as_slice()),
            (vec!["false".into(), "test -e /b".into()], &["ls".to_owned()][..])
        );
        let LessonAct::Check(predicates) = check else { panic!("{check:?}") };
        assert!(passes(predicates, &[0, 1]) && !passes(predicates, &[1]) && !passes(predicates, &[]));
        assert_eq!((&steps[2].hints, keep), (&vec!["h".to_owned()], None));
    }
}
