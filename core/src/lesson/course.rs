//! The course: in which order lessons are taken, in which chapters, and the short ways through it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Lesson;

/// The course, as `docs/lessons/course.json` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// Its chapters, in order.
    pub chapters: Vec<Chapter>,
    /// Short ways through it.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// The sections of the tutorials that the course deals with; each has a lesson. Where none is named, the course is
    /// somebody's own, and what the whole must have is not asked of it.
    #[serde(default)]
    pub sections: Vec<String>,
}

/// Lessons that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its name in addresses.
    pub id: String,
    /// Its title, by language.
    pub title: BTreeMap<String, String>,
    /// The ids of its lessons, in order.
    pub lessons: Vec<String>,
}

/// A choice of lessons for somebody with one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Its name in addresses.
    pub id: String,
    /// The question, by language.
    pub title: BTreeMap<String, String>,
    /// The ids of its lessons, in order.
    pub lessons: Vec<String>,
}

/// Why a text is no course, or no list of myths.
#[derive(Debug, thiserror::Error)]
#[error("this cannot be read: {0}")]
pub struct CourseError(#[from] serde_json::Error);

/// Reads a course.
///
/// # Errors
/// [`CourseError`].
pub fn course(text: &str) -> Result<Course, CourseError> {
    Ok(serde_json::from_str(text)?)
}

impl Course {
    /// The ids of all lessons, in order.
    pub fn order(&self) -> impl Iterator<Item = &str> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons).map(String::as_str)
    }

    /// The lesson that comes next.
    pub fn next(&self, id: &str) -> Option<&str> {
        let mut order = self.order().skip_while(|other| *other != id);
        order.next();
        order.next()
    }

    /// What is wrong with it, given the lessons that there are: one sentence each.
    pub fn faults(&self, lessons: &[&Lesson], languages: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let known: BTreeMap<&str, &Lesson> = lessons.iter().map(|l| (l.id.as_str(), *l)).collect();
        let mut seen = BTreeSet::new();
        let mut before: Option<&Lesson> = None;
        for id in self.order() {
            let Some(lesson) = known.get(id) else {
                faults.push(format!("the course has {id}, which is no lesson: take it out, or write it"));
                continue;
            };
            for need in lesson.needs.iter().filter(|need| !seen.contains(need.as_str())) {
                faults.push(format!("{id} needs {need}, which does not come before it in the course"));
            }
            if let Some(before) = before.filter(|before| before.task == lesson.task) {
                let task = &lesson.task;
                faults.push(format!("{} and {id} are neighbours and both of the kind {task}", before.id));
            }
            if !seen.insert(id) {
                faults.push(format!("the course has {id} twice"));
            }
            before = Some(lesson);
        }
        for lesson in known.values().filter(|lesson| !seen.contains(lesson.id.as_str())) {
            faults.push(format!("the course lacks {}: put it into a chapter", lesson.id));
        }
        for way in &self.ways {
            for id in way.lessons.iter().filter(|id| !seen.contains(id.as_str())) {
                faults.push(format!("the way {} has {id}, which is not in the course", way.id));
            }
        }
        if !self.sections.is_empty() {
            faults.extend(self.whole(&known));
        }
        let titles = self.chapters.iter().map(|chapter| (&chapter.id, &chapter.title));
        let titles = titles.chain(self.ways.iter().map(|way| (&way.id, &way.title)));
        for (id, title) in titles {
            for language in languages.iter().filter(|language| !title.contains_key(**language)) {
                faults.push(format!("{id} has no title in the language {language}"));
            }
        }
        faults
    }

    /// What the course as a whole lacks: a section without a lesson, and open tasks in a third of its lessons.
    fn whole(&self, known: &BTreeMap<&str, &Lesson>) -> Vec<String> {
        let mut faults = Vec::new();
        let covered: BTreeSet<&String> = known.values().flat_map(|lesson| &lesson.covers).collect();
        for section in self.sections.iter().filter(|section| !covered.contains(section)) {
            faults.push(format!("no lesson covers the section {section}: name it in a lesson's `covers:`"));
        }
        for section in covered.iter().filter(|section| !self.sections.contains(section)) {
            faults.push(format!("a lesson covers {section}, which is not among the course's sections"));
        }
        let open = known.values().filter(|lesson| lesson.ways() > 1).count();
        if open * 3 < known.len() {
            let all = known.len();
            faults
                .push(format!("{open} of {all} lessons show several ways to their goal, fewer than a third"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Block;

    #[test]
    fn the_course_has_every_lesson_once_after_what_it_needs() {
        let lesson = |id: &str, needs: &[&str], task: &str| Lesson {
            id: id.into(),
            needs: needs.iter().map(ToString::to_string).collect(),
            task: task.into(),
            ..Lesson::default()
        };
        let (a, b, c) = (lesson("a", &[], "find"), lesson("b", &["a"], "golf"), lesson("c", &[], "golf"));
        let text = r#"{"chapters":[{"id":"one","title":{"en":"One","zh":"一"},"lessons":["a","b"]}]}"#;
        let good = course(text).unwrap();
        assert_eq!(good.faults(&[&a, &b], &["en", "zh"]), [] as [String; 0]);
        assert_eq!((good.next("a"), good.next("b"), good.next("x")), (Some("b"), None, None));
        let text = r#"{"chapters":[{"id":"one","title":{"en":"One"},"lessons":["b","c","c","d"]}],
            "ways":[{"id":"w","title":{"en":"W","zh":"路"},"lessons":["a"]}]}"#;
        let faults = course(text).unwrap().faults(&[&a, &b, &c], &["en", "zh"]);
        assert_eq!(
            faults,
            [
                "b needs a, which does not come before it in the course",
                "b and c are neighbours and both of the kind golf",
                "c and c are neighbours and both of the kind golf",
                "the course has c twice",
                "the course has d, which is no lesson: take it out, or write it",
                "the course lacks a: put it into a chapter",
                "the way w has a, which is not in the course",
                "one has no title in the language zh",
            ]
        );
        assert!(course("{").is_err());
    }

    #[test]
    fn the_whole_has_every_section_and_open_tasks() {
        let text =
            r#"{"chapters":[{"id":"one","title":{},"lessons":["a","b","c","d"]}],"sections":["X1","X2"]}"#;
        let lesson = |id: &str, task: &str, ways: usize| Lesson {
            id: id.into(),
            task: task.into(),
            covers: vec!["X1".into()],
            blocks: vec![Block::Solution(Vec::new()); ways],
            ..Lesson::default()
        };
        let (a, c, d) = (lesson("a", "find", 2), lesson("c", "find", 1), lesson("d", "golf", 1));
        let b = Lesson { covers: vec!["X3".into()], ..lesson("b", "golf", 1) };
        let here = course(text).unwrap();
        assert_eq!(
            here.faults(&[&a, &b, &c, &d], &[]),
            [
                "no lesson covers the section X2: name it in a lesson's `covers:`",
                "a lesson covers X3, which is not among the course's sections",
                "1 of 4 lessons show several ways to their goal, fewer than a third",
            ]
        );
    }
}
