//! `layerlab login`: a registry's answer to a name and a password, kept where `docker login` keeps it.

use std::io::{self, Write};

use clap::Args;

use super::{CliError, Connection, Outcome};
use crate::registry::{config_file, save_login};

const EXAMPLES: &str = "\
Examples:
  layerlab login registry.example --user me --password-stdin < token
  LAYERLAB_PASSWORD=… layerlab login 127.0.0.1:5000 --user me

Exit status: 0 done, 1 refused.";

/// Check a name and a password with a registry, and keep them where docker login does
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Login {
    /// The registry, as images' names begin; Docker Hub if none is given
    #[arg(default_value = "docker.io")]
    registry: String,
    #[command(flatten)]
    connection: Connection,
}

impl Login {
    pub(crate) fn run(&self) -> Outcome {
        let who = self.connection.credentials()?;
        let who = who.ok_or_else(|| CliError::Usage("login: whose? add --user".into()))?;
        let client = self.connection.client_as(&self.registry, Some(who.clone()));
        client.check()?;
        let file =
            config_file().ok_or_else(|| CliError::Usage("there is no HOME to keep a login in".into()))?;
        save_login(&file, &self.registry, &who)
            .map_err(|error| CliError::File { path: file.clone(), error })?;
        writeln!(io::stdout(), "Login Succeeded")?;
        writeln!(io::stderr(), "the password is in {}, readable by you alone", file.display())?;
        Ok(0)
    }
}
