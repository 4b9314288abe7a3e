//! `layerlab lesson record`: what was done, from the journals of lessons, and the proof that a record is right.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use layerlab_core::lesson::{Lesson, Record, judge, recompute};
use layerlab_core::session::Journal;
use serde::de::DeserializeOwned;

use super::lab::NativeLab;
use super::lang::Lang;
use super::shelf::Shelf;
use crate::cli::outcome::{CliError, Outcome};

/// The longest file that is read.
const LONGEST: u64 = 64 << 20;

/// A record is written from journals, or checked
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// Lessons with the journals that solve them
    #[arg(value_name = "ID=FILE", required_unless_present = "verify", conflicts_with = "verify")]
    done: Vec<String>,
    /// Who hands it in
    #[arg(long, default_value = "")]
    name: String,
    /// Compute every entry of this record again
    #[arg(long, value_name = "FILE")]
    verify: Option<PathBuf>,
}

impl RecordArgs {
    /// Writes the record to standard output, or says what is wrong with one; 1 where a task is not solved or an entry is not
    /// as it says.
    pub(super) fn run(&self, shelf: &Shelf, lab: &mut NativeLab) -> Outcome {
        match &self.verify {
            Some(file) => verify(&read(file)?, shelf, lab),
            None => self.write(shelf, lab),
        }
    }

    fn write(&self, shelf: &Shelf, lab: &mut NativeLab) -> Outcome {
        let mut record = Record::new(&self.name);
        for pair in &self.done {
            let Some((id, file)) = pair.split_once('=') else {
                return Err(
                    io::Error::other(format!("{pair}: write it as ID=FILE, whiteouts=mine.json")).into()
                );
            };
            let journal: Journal = read(Path::new(file))?;
            let done = judge(lesson(shelf, id)?, journal, lab)
                .map_err(|why| io::Error::other(format!("{file}: {why}")))?;
            record.lessons.push(done);
        }
        let text = serde_json::to_string_pretty(&record).map_err(io::Error::other)?;
        writeln!(io::stdout(), "{text}")?;
        let open = record.lessons.iter().filter(|done| !done.solved);
        let mut status = 0;
        for done in open {
            writeln!(
                io::stderr(),
                "layerlab: {} is not solved; open: {}",
                done.lesson,
                done.open.join(", ")
            )?;
            status = 1;
        }
        Ok(status)
    }
}

fn verify(record: &Record, shelf: &Shelf, lab: &mut NativeLab) -> Outcome {
    if record.version != Record::VERSION {
        let why = format!(
            "the record has version {}, this Layerlab reads version {}",
            record.version,
            Record::VERSION
        );
        return Err(io::Error::other(why).into());
    }
    let mut status = 0;
    for done in &record.lessons {
        let wrong = recompute(done, lesson(shelf, &done.lesson)?, lab)
            .unwrap_or_else(|why| vec![format!("{}: {why}", done.lesson)]);
        for why in &wrong {
            writeln!(io::stdout(), "✗ {why}")?;
            status = 1;
        }
        if wrong.is_empty() {
            let result = if done.solved { "solved" } else { "not solved" };
            writeln!(io::stdout(), "✓ {}: {result} in {} lines", done.lesson, done.lines)?;
        }
    }
    Ok(status)
}

/// A lesson; its checks are the same in every language.
fn lesson<'s>(shelf: &'s Shelf, id: &str) -> Result<&'s Lesson, CliError> {
    Ok(&shelf.page(id, Lang::En)?.lesson)
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, CliError> {
    let named = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", file.display()));
    let size = fs::metadata(file).map_err(|error| named(&error))?.len();
    if size > LONGEST {
        return Err(named(&format!("it has {size} bytes, and {LONGEST} are read at most")).into());
    }
    let bytes = fs::read(file).map_err(|error| named(&error))?;
    Ok(serde_json::from_slice(&bytes).map_err(|error| named(&error))?)
}
