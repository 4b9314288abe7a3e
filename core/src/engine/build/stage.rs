//! What a stage has come to while its steps are done.

use serde::{Deserialize, Serialize};

use super::args::BuildArgs;
use crate::dockerfile::instruction::CommandLine;
use crate::oci::Digest;
use crate::oci::config::ContainerConfig;

/// The shell of a stage that names none.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// A stage that is being built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// `AS`.
    pub(super) name: String,
    /// The image after the last step; none at the start of `FROM scratch`.
    pub(super) image: Option<Digest>,
    /// The configuration that the next image gets.
    pub(super) config: ContainerConfig,
    /// `MAINTAINER`.
    pub(super) author: String,
    /// A `CMD` stood in this stage: an `ENTRYPOINT` leaves it.
    pub(super) cmd_set: bool,
    /// `FROM` was done.
    pub(super) begun: bool,
    /// Its arguments.
    pub(super) args: BuildArgs,
}

impl Stage {
    /// The shell that stands before commands in the shell form.
    pub(super) fn shell(&self) -> Vec<String> {
        match &self.config.shell {
            Some(shell) if !shell.is_empty() => shell.clone(),
            _ => SHELL.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    /// A command's words, the shell before them in the shell form.
    pub(super) fn words(&self, line: CommandLine) -> Option<Vec<String>> {
        let words = line.words?;
        if !line.is_shell {
            return Some(words);
        }
        let mut all = self.shell();
        all.extend(words);
        Some(all)
    }

    /// The configuration whose command is a note of a step that runs nothing: `#(nop)` and what it does. Steps that
    /// write configuration leave two blanks between them.
    pub(super) fn noted(&self, note: &str) -> ContainerConfig {
        let mut config = self.config.clone();
        let mut cmd = self.shell();
        cmd.push(format!("#(nop) {note}"));
        config.cmd = Some(cmd);
        config
    }

    /// As [`Stage::noted`], for a step that writes configuration.
    pub(super) fn noted_apart(&self, note: &str) -> ContainerConfig {
        let mut config = self.config.clone();
        let mut cmd = self.shell();
        cmd.extend(["#(nop) ".to_owned(), note.to_owned()]);
        config.cmd = Some(cmd);
        config
    }

    /// The environment with the arguments that it does not name.
    pub(super) fn env(&self) -> Vec<String> {
        let mut env = self.config.env.clone().unwrap_or_default();
        env.extend(self.args.env(&env));
        env
    }
}
