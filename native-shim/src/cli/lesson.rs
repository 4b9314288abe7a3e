//! `layerlab lesson`: the lessons in a terminal, and their proof.

mod desk;
mod lang;
mod shelf;
mod walk;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use layerlab_core::lesson::{Lesson, compare, inspect, prove};
use layerlab_core::session::DEFAULT_CLOCK;

use super::outcome::{CliError, On, Outcome};
use crate::host::{HostOptions, Kind};
use crate::lab::Lab;

use desk::LabDesk;
use lang::Lang;
use shelf::Shelf;

const EXAMPLES: &str = "\
Examples:
  layerlab lesson list
  layerlab lesson run whiteouts
  layerlab lesson show whiteouts --lang zh
  sudo layerlab lesson check --on host";

/// Lessons: list, read, go through, prove
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LessonArgs {
    #[command(subcommand)]
    verb: Verb,
    /// The folder of the lessons, with a folder a language in it
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the lessons
    List {
        /// The language
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
    },
    /// Print a lesson to read
    Show {
        /// The lesson's id
        id: String,
        /// The language
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
    },
    /// Go through a lesson, step by step
    Run {
        /// The lesson's id
        id: String,
        /// The language
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
        /// The kernel to run it on
        #[arg(long, value_enum, default_value = "sim")]
        on: On,
    },
    /// Prove lessons: outputs, checks, solutions, wrong ways, translations
    Check {
        /// Ids; all lessons where none is given
        ids: Vec<String>,
        /// The kernel to prove them on
        #[arg(long, value_enum, default_value = "sim")]
        on: On,
    },
}

impl LessonArgs {
    pub(super) fn run(&self) -> Outcome {
        let shelf = Shelf::find(self.dir.as_deref())?;
        match &self.verb {
            Verb::List { lang } => list(&shelf, *lang),
            Verb::Show { id, lang } => {
                write!(io::stdout(), "{}", shelf.page(id, *lang)?.for_reading())?;
                Ok(0)
            }
            Verb::Run { id, lang, on } => walk::walk(&shelf.page(id, *lang)?.lesson, &mut desk(*on)?),
            Verb::Check { ids, on } => check(&shelf, ids, *on),
        }
    }
}

fn desk(on: On) -> Result<LabDesk, CliError> {
    Ok(LabDesk::new(match on {
        On::Sim => Lab::here(DEFAULT_CLOCK)?,
        On::Host => Lab::child(&HostOptions::new(Kind::Host { root: None }))?,
    }))
}

fn list(shelf: &Shelf, lang: Lang) -> Outcome {
    let mut out = io::stdout().lock();
    for id in shelf.ids() {
        // A lesson without this language is shown in the one it has.
        let page = shelf.page(id, lang).or_else(|_| shelf.page(id, Lang::En))?;
        writeln!(out, "{:<20} {}", page.lesson.id, page.lesson.title)?;
        writeln!(out, "{:<20} {}", "", page.lesson.summary)?;
    }
    Ok(0)
}

fn check(shelf: &Shelf, ids: &[String], on: On) -> Outcome {
    let mut out = io::stdout().lock();
    let ids: Vec<&str> =
        if ids.is_empty() { shelf.ids().collect() } else { ids.iter().map(String::as_str).collect() };
    let mut desk = desk(on)?;
    let (mut proven, mut wrong) = (0, 0);
    for id in ids {
        let mut first: Option<Lesson> = None;
        for lang in Lang::ALL {
            let lesson = match shelf.page(id, lang) {
                Ok(page) => page.lesson,
                Err(error) => {
                    writeln!(out, "{id} {}: {error}", lang.tag())?;
                    wrong += 1;
                    continue;
                }
            };
            let mut problems: Vec<String> = inspect(&lesson).iter().map(ToString::to_string).collect();
            // What is run is the same in every language, or is reported as a difference.
            match &first {
                None => match prove(&lesson, &mut desk) {
                    Ok(found) => problems.extend(found.iter().map(ToString::to_string)),
                    Err(problem) => problems.push(problem),
                },
                Some(first) => problems.extend(compare(first, &lesson).iter().map(ToString::to_string)),
            }
            for problem in &problems {
                writeln!(out, "{id} {}: {problem}", lang.tag())?;
            }
            wrong += problems.len();
            proven += usize::from(problems.is_empty());
            first.get_or_insert(lesson);
        }
    }
    writeln!(out, "{proven} pages proven, {wrong} problems")?;
    Ok(u8::from(wrong > 0))
}
