//! `layerlab export`: a session as a script for a real host, or its layers as mounts made by hand.

mod mounts;
mod replayed;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use layerlab_core::session::export::script;

use super::{CliError, Outcome};
pub(super) use replayed::{read, restore};

use replayed::Replayed;

const EXAMPLES: &str = "\
Examples:
  layerlab export session.json > session.sh          # the session as a script for a host with Docker
  layerlab export --as mounts -o lab session.json    # its layers, and a script that mounts them without Docker
  sudo sh lab/mounts.sh

A session is what the page or the API saved, or a file of lines as typed in the lab's terminal.";

/// Write a session as a shell script for a real host
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {
    /// What is made of it
    #[arg(long = "as", value_enum, default_value = "docker", value_name = "FORM")]
    form: Form,
    /// Where it goes: a file (default: standard output); with --as mounts a new folder
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// A real file that the session put into the lab (may be given again)
    #[arg(long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// The session, or - for standard input
    #[arg(value_name = "SESSION")]
    session: PathBuf,
}

/// The forms of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A Bash script that runs the same lines with Docker
    Docker,
    /// A folder: the layers as an image archive, and a script that mounts them as root
    Mounts,
}

impl Export {
    pub(super) fn run(&self) -> Outcome {
        let mut text = Vec::new();
        if self.session.as_os_str() == "-" {
            io::stdin().lock().read_to_end(&mut text)?;
        } else {
            let failed = |error| CliError::File { path: self.session.clone(), error };
            File::open(&self.session).and_then(|mut file| file.read_to_end(&mut text)).map_err(failed)?;
        }
        let replayed = Replayed::of(&text, &self.file)?;
        match (self.form, &self.output) {
            (Form::Docker, None) => io::stdout().write_all(&script(&replayed.told))?,
            (Form::Docker, Some(path)) => std::fs::write(path, script(&replayed.told))
                .map_err(|error| CliError::File { path: path.clone(), error })?,
            (Form::Mounts, None) => {
                return Err(CliError::Usage("--as mounts makes a folder: name it with -o".into()));
            }
            (Form::Mounts, Some(folder)) => mounts::write(replayed.lab, folder)?,
        }
        Ok(0)
    }
}
