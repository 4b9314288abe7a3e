//! Myths: claims that are often read, each with the lines that decide it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inspect::is_in;
use super::{Course, CourseError, LessonLab};

/// Claims that a whole course tests, at least.
const MYTHS: usize = 12;

/// The claims, as `docs/lessons/myths.json` has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Myths {
    /// In the order of the lessons that deal with them.
    pub myths: Vec<Myth>,
}

/// A claim that is often read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Myth {
    /// Its name.
    pub id: String,
    /// What the lab found.
    pub verdict: Verdict,
    /// The lesson that deals with it, by id.
    pub lesson: String,
    /// The Docker that was asked: `20.10`, `29` or `both`.
    pub docker: String,
    /// The claim, by language, as inline Markdown.
    pub claim: BTreeMap<String, String>,
    /// What is so instead, by language, as inline Markdown.
    pub answer: BTreeMap<String, String>,
    /// Lines that make the state which decides it.
    pub lines: Vec<String>,
    /// A predicate that is true then if the verdict is right.
    pub holds: String,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is wrong.
    False,
    /// It is wrong in what matters.
    MostlyFalse,
    /// It is half right.
    Half,
    /// It is right under a condition that it does not name.
    Depends,
}

/// Reads the claims.
///
/// # Errors
/// [`CourseError`].
pub fn myths(text: &str) -> Result<Myths, CourseError> {
    Ok(serde_json::from_str(text)?)
}

impl Myths {
    /// Runs every claim in the lab, and returns one sentence for each that fails.
    ///
    /// # Errors
    /// The lab's.
    pub fn faults(
        &self,
        course: &Course,
        languages: &[&str],
        lab: &mut dyn LessonLab,
    ) -> Result<Vec<String>, String> {
        let mut faults = Vec::new();
        if !course.sections.is_empty() && self.myths.len() < MYTHS {
            faults.push(format!("{} myths are tested, fewer than {MYTHS}", self.myths.len()));
        }
        for myth in &self.myths {
            let id = &myth.id;
            for language in languages {
                let told = |texts: &BTreeMap<String, String>| {
                    texts.get(*language).is_some_and(|text| is_in(text, language))
                };
                if !told(&myth.claim) || !told(&myth.answer) {
                    faults.push(format!("the myth {id} is not told in the language {language}"));
                }
            }
            if !["20.10", "29", "both"].contains(&myth.docker.as_str()) {
                faults.push(format!("the myth {id} names no Docker: {}", myth.docker));
            }
            if !course.order().any(|lesson| lesson == myth.lesson) {
                faults.push(format!(
                    "the myth {id} names the lesson {}, which is not in the course",
                    myth.lesson
                ));
            }
            lab.fresh(&[])?;
            for line in &myth.lines {
                lab.run(line)?;
            }
            let judged = lab.test(std::slice::from_ref(&myth.holds))?;
            if judged.iter().any(|tested| tested.status != 0) {
                faults.push(format!("the myth {id} is judged otherwise by the lab: {}", myth.holds));
            }
        }
        Ok(faults)
    }
}
