//! `layerlab completions` and `layerlab man`.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use super::Outcome;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  layerlab completions bash > /etc/bash_completion.d/layerlab")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, mut command: clap::Command) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "layerlab", &mut script);
        io::stdout().write_all(&script)?;
        Ok(0)
    }
}

/// Print the manual page, as roff
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  layerlab man | man -l -")]
pub(super) struct Man {
    /// The subcommand whose page it is; else the page of `layerlab` itself
    subcommand: Option<String>,
}

impl Man {
    pub(super) fn run(&self, command: clap::Command) -> Outcome {
        let page = match &self.subcommand {
            None => command,
            Some(name) => command
                .find_subcommand(name)
                .ok_or_else(|| io::Error::other(format!("{name}: there is no such command")))?
                .clone()
                .display_name(format!("layerlab-{name}")),
        };
        clap_mangen::Man::new(page).render(&mut io::stdout())?;
        Ok(0)
    }
}
