//! `layerlab lesson`: the lessons in a terminal, and their proof.

mod lab;
mod lang;
mod new;
mod prove;
mod read;
mod record;
mod shelf;
mod walk;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use layerlab_core::lesson::{Lesson, parse};
use layerlab_core::session::DEFAULT_CLOCK;

use super::draw::Pen;
use super::outcome::{CliError, On, Outcome};
use crate::host::{HostOptions, Kind};
use crate::lab::Lab;

use lab::NativeLab;
use lang::Lang;
use shelf::Shelf;
use walk::Walk;

const EXAMPLES: &str = "\
Examples:
  layerlab lesson list
  layerlab lesson run whiteouts
  layerlab lesson run ~/from-a-colleague.md
  layerlab lesson show whiteouts --lang zh
  layerlab lesson run whiteouts --save mine.json
  layerlab lesson record whiteouts=mine.json --name Lin > record.json
  layerlab lesson record --verify record.json
  layerlab lesson new my-lesson
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
        /// The lesson's id, or a file: somebody else's page
        id: String,
        /// The language
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
        /// The kernel to run it on
        #[arg(long, value_enum, default_value = "sim")]
        on: On,
        /// Write what was typed to this file at the end
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Write what was done as a record that anybody can compute again, or check one
    Record {
        #[command(flatten)]
        args: record::RecordArgs,
        /// The kernel to run it on
        #[arg(long, value_enum, default_value = "sim")]
        on: On,
    },
    /// List claims that are often read, with what the lab found
    Myths {
        /// The language
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
    },
    /// Write a small lesson that works, in every language, to be changed
    New {
        /// The new lesson's id
        id: String,
    },
    /// Prove lessons: outputs, checks, solutions, wrong attempts, translations
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
        if let (Verb::New { id }, Some(folder)) = (&self.verb, &self.dir) {
            // A folder that is named may still be empty.
            return new::new(folder, id);
        }
        if let Verb::Run { id, lang, on, save } = &self.verb
            && is_file(id)
        {
            // It needs none of the course.
            let lesson = page(Path::new(id))?;
            writeln!(io::stdout(), "{}\n", lang.words().foreign.replace("{}", id))?;
            return gone_through(&lesson, None, *lang, *on, save.as_deref());
        }
        let shelf = Shelf::find(self.dir.as_deref())?;
        match &self.verb {
            Verb::List { lang } => list(&shelf, *lang),
            Verb::Myths { lang } => {
                io::stdout().write_all(read::myths(&shelf.myths, *lang, Pen::stdout()).as_bytes())?;
                Ok(0)
            }
            Verb::Show { id, lang } => {
                let text = read::page(&shelf.page(id, *lang)?.lesson, *lang, Pen::stdout());
                io::stdout().write_all(text.as_bytes())?;
                Ok(0)
            }
            Verb::Run { id, lang, on, save } => {
                let lesson = &shelf.page(id, *lang)?.lesson;
                gone_through(lesson, shelf.course.next(id), *lang, *on, save.as_deref())
            }
            Verb::Record { args, on } => args.run(&shelf, &mut lab(*on)?),
            Verb::New { id } => new::new(&shelf.folder, id),
            Verb::Check { ids, on } => prove::check(&shelf, ids, &mut lab(*on)?),
        }
    }
}

/// Whether a lesson is named by its file; an id has neither a dot nor a slash.
fn is_file(id: &str) -> bool {
    id.contains(['.', '/'])
}

/// A page that lies anywhere.
fn page(path: &Path) -> Result<Lesson, CliError> {
    let fail = |error| CliError::File { path: path.to_path_buf(), error };
    let text = std::fs::read_to_string(path).map_err(fail)?;
    parse(&text).map_err(|error| fail(io::Error::other(error.to_string())))
}

/// Goes through a lesson with a reader, and keeps what they typed.
fn gone_through(lesson: &Lesson, next: Option<&str>, lang: Lang, on: On, save: Option<&Path>) -> Outcome {
    let mut walk = Walk::new(lesson, next, lang, lab(on)?)?;
    let outcome = walk.walk()?;
    if let Some(file) = save {
        let journal = serde_json::to_vec(&walk.journal()?).map_err(io::Error::other)?;
        std::fs::write(file, journal)
            .map_err(|error| io::Error::other(format!("{}: {error}", file.display())))?;
    }
    Ok(outcome)
}

fn lab(on: On) -> Result<NativeLab, CliError> {
    Ok(NativeLab::new(match on {
        On::Sim => Lab::here(DEFAULT_CLOCK)?,
        On::Host => Lab::child(&HostOptions::new(Kind::Host { root: None }))?,
        On::Both => return Err(On::not_both()),
    }))
}

/// The lessons by chapter; those that the course does not have come last.
fn list(shelf: &Shelf, lang: Lang) -> Outcome {
    let mut out = io::stdout().lock();
    let chapter = |id: &str| shelf.course.chapters.iter().find(|c| c.lessons.iter().any(|other| other == id));
    let mut last = None;
    for id in shelf.ids() {
        // A lesson without this language is shown in the one it has.
        let page = shelf.page(id, lang).or_else(|_| shelf.page(id, Lang::En))?;
        let here = chapter(id);
        if let Some(chapter) = here.filter(|chapter| last != Some(&chapter.id)) {
            let title = chapter.title.get(lang.tag()).unwrap_or(&chapter.id);
            writeln!(out, "{}{title}", if last.is_some() { "\n" } else { "" })?;
            last = Some(&chapter.id);
        }
        writeln!(out, "  {:<16} {}", page.lesson.id, page.lesson.title)?;
        writeln!(out, "  {:<16} {}", "", page.lesson.summary)?;
    }
    Ok(0)
}
