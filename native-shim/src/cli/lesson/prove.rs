//! `layerlab lesson check`: every lesson in every language proven, and what is wrong said so that its author can act on
//! it: file, line, what, and what to do.

use std::io::{self, Write};
use std::path::Path;

use layerlab_core::lesson::{Lesson, Problem, compare, inspect, prove};

use super::lab::NativeLab;
use super::lang::Lang;
use super::shelf::{PageFile, Shelf};
use crate::cli::outcome::{CliError, Outcome};

/// Proves the lessons of these ids, or all and the course; 1 if anything is wrong.
pub(super) fn check(shelf: &Shelf, ids: &[String], lab: &mut NativeLab) -> Outcome {
    let mut report = Report::default();
    let all = ids.is_empty();
    let ids: Vec<&str> = if all { shelf.ids().collect() } else { ids.iter().map(String::as_str).collect() };
    for id in ids {
        lesson(shelf, id, lab, &mut report)?;
    }
    if all {
        for (path, error) in &shelf.broken {
            report.wrong(path, error.line, error.what, "docs/design/lessons.md shows the form of a page")?;
        }
        let tags = Lang::ALL.map(Lang::tag);
        let course = shelf.folder.join("course.json");
        for fault in shelf.course.faults(&shelf.lessons(), &tags) {
            report.wrong(
                &course,
                1,
                &fault,
                "the course names every lesson once, after those that it needs",
            )?;
        }
    }
    if all {
        let path = shelf.folder.join("myths.json");
        let faults = shelf.myths.faults(&shelf.course, &Lang::ALL.map(Lang::tag), lab);
        for fault in faults.map_err(io::Error::other)? {
            report.wrong(&path, 1, &fault, "run its lines in the lab, then its `holds`, and see")?;
        }
    }
    writeln!(io::stdout(), "{} pages proven, {} problems", report.proven, report.problems)?;
    Ok(u8::from(report.problems > 0))
}

fn lesson(shelf: &Shelf, id: &str, lab: &mut NativeLab, report: &mut Report) -> Result<(), CliError> {
    let mut first: Option<&Lesson> = None;
    for lang in Lang::ALL {
        let page = match shelf.page(id, lang) {
            Ok(page) => page,
            Err(error) => {
                let place = shelf.folder.join(lang.tag());
                report.wrong(&place, 1, &error.to_string(), "every lesson is there in every language")?;
                continue;
            }
        };
        let mut problems = inspect(&page.lesson, lang.tag());
        // What is run is the same in every language, or is reported as a difference.
        match first {
            Some(first) => problems.extend(compare(first, &page.lesson)),
            None => match prove(&page.lesson, lab) {
                Ok(found) => problems.extend(found),
                Err(what) => {
                    report.wrong(&page.path, 1, &what, "a line of `start:` failed, or the lab ended")?;
                }
            },
        }
        report.page(page, problems)?;
        first.get_or_insert(&page.lesson);
    }
    Ok(())
}

/// What was found so far.
#[derive(Debug, Default)]
struct Report {
    proven: usize,
    problems: usize,
}

impl Report {
    fn page(&mut self, page: &PageFile, mut problems: Vec<Problem>) -> Result<(), CliError> {
        let id = &page.lesson.id;
        if !page.path.to_string_lossy().ends_with(&format!("-{id}.md")) {
            self.wrong(&page.path, 1, &format!("the file of {id} has another name"), "name it NN-ID.md")?;
        }
        self.proven += usize::from(problems.is_empty());
        problems.sort_by_key(|problem| problem.line);
        for Problem { line, fault } in &problems {
            self.wrong(&page.path, *line, &fault.to_string(), fault.help())?;
        }
        Ok(())
    }

    fn wrong(&mut self, path: &Path, line: usize, what: &str, help: &str) -> Result<(), CliError> {
        self.problems += 1;
        writeln!(io::stdout(), "{}:{line}: {what}\n    {help}", path.display())?;
        Ok(())
    }
}
