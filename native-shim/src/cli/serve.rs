//! `layerlab serve`: the page, on this machine.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use clap::Args;

use super::{CliError, Outcome};
use crate::serve::{Origin, Server, Site};

const EXAMPLES: &str = "\
Examples:
  layerlab serve
  layerlab serve --listen 127.0.0.1:0 --open
  layerlab serve --embed https://docs.example.org http://127.0.0.1:3000

It answers to the printed address alone, and to nothing but this machine unless --listen says otherwise.";

/// Serve the page to browsers of this machine
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// The address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// Serve the page alone, without a way from it to this host (all that this version does)
    #[arg(long)]
    no_host: bool,
    /// The origins whose pages may show a lab of this server inside them; without it none may
    #[arg(long, value_name = "ORIGIN", num_args = 1..)]
    embed: Vec<Origin>,
    /// Open it in a browser
    #[arg(long)]
    open: bool,
    /// The folder of the page, as `cargo xtask build` makes it
    #[arg(long, value_name = "DIR")]
    dist: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(&self) -> Outcome {
        let missing = || {
            io::Error::other("the page is not built: run `cargo xtask build`, or name its folder with --dist")
        };
        let folder = Site::folder(self.dist.as_deref()).ok_or_else(missing)?;
        let site = Site::read(&folder, &self.embed).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let error = io::Error::other("holds no page: run `cargo xtask build`");
                CliError::File { path: folder, error }
            }
            _ => CliError::File { path: folder, error },
        })?;
        let listen = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => io::Error::other(format!(
                "{}: another program listens there; take a free port with --listen {}:0",
                self.listen,
                self.listen.ip()
            )),
            _ => io::Error::new(error.kind(), format!("{}: {error}", self.listen)),
        };
        let server = Server::listen(self.listen, site).map_err(listen)?;
        let url = format!("http://{}/", server.address()?);
        if !self.listen.ip().is_loopback() {
            writeln!(io::stderr(), "layerlab: whoever reaches this machine can read the page")?;
        }
        writeln!(io::stdout(), "{url}")?;
        if self.open {
            let mut browser = std::process::Command::new("xdg-open");
            let browser = browser.arg(&url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if browser.spawn().is_err() {
                writeln!(io::stderr(), "layerlab: xdg-open is not there: open {url} yourself")?;
            }
        }
        server.run()?;
        Ok(0)
    }
}
