//! `layerlab pull`, `push` and `login`: real registries, and the lab's image store on this machine.

mod bars;
mod login;
mod pull;
mod push;

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::oci::{Limits, Reference};

use super::{CliError, Outcome};
use crate::registry::{Client, Credentials, Transport};
use crate::store::Store;

pub(super) use bars::Bars;
pub(super) use login::Login;
pub(super) use pull::Pull;
pub(super) use push::Push;

/// How a registry is spoken to
#[derive(Debug, Default, Args)]
pub(super) struct Connection {
    /// Speak HTTP without TLS (loopback is always spoken to so)
    #[arg(long)]
    plain_http: bool,
    /// Speak TLS on loopback too
    #[arg(long, conflicts_with = "plain_http")]
    tls: bool,
    /// The user's name; the password is read with --password-stdin, else taken from LAYERLAB_PASSWORD. Without it, what
    /// `docker login` or `layerlab login` stored is used
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "user")]
    password_stdin: bool,
}

impl Connection {
    /// A client for the registry of these images.
    pub(super) fn client(&self, domain: &str) -> Result<Client, CliError> {
        Ok(self.client_as(domain, self.credentials()?))
    }

    fn client_as(&self, domain: &str, who: Option<Credentials>) -> Client {
        let transport = match (self.plain_http, self.tls) {
            (true, _) => Transport::Plain,
            (_, true) => Transport::Tls,
            _ => Transport::Usual,
        };
        Client::new(domain, transport, who, Limits::default())
    }

    fn credentials(&self) -> Result<Option<Credentials>, CliError> {
        let Some(user) = &self.user else { return Ok(None) };
        let password = if self.password_stdin {
            let mut text = String::new();
            io::stdin().take(1 << 16).read_to_string(&mut text)?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            std::env::var("LAYERLAB_PASSWORD").map_err(|_| {
                CliError::Usage(
                    "--user: give the password with --password-stdin, or in LAYERLAB_PASSWORD".into(),
                )
            })?
        };
        Ok(Some(Credentials { user: user.clone(), password }))
    }
}

/// Which store
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    /// The image store, an OCI layout (default: LAYERLAB_STORE, else ~/.local/share/layerlab/images)
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
}

impl StoreArgs {
    fn open(&self) -> Result<Store, CliError> {
        let dir = self.store.clone().or_else(Store::usual_place);
        let dir =
            dir.ok_or_else(|| CliError::Usage("there is no HOME: name a directory with --store".into()))?;
        Store::open(&dir).map_err(|error| CliError::File { path: dir, error })
    }
}

/// A reference as Docker reads it, with `latest` where nothing is said.
pub(super) fn reference(text: &str) -> Result<Reference, CliError> {
    let parsed = Reference::parse(text).map_err(|error| CliError::Usage(format!("{text}: {error}")))?;
    Ok(parsed.or_latest())
}
