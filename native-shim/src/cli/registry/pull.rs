//! `layerlab pull`: an image out of a registry into the store.

use std::io::{self, Write};

use clap::Args;

use super::{Bars, Connection, Outcome, StoreArgs, reference};
use crate::registry::{How, pull};

const EXAMPLES: &str = "\
Examples:
  layerlab pull 127.0.0.1:5000/web:1
  layerlab pull registry.example/team/web@sha256:… --platform linux/arm64
  layerlab pull nginx
  layerlab image ~/.local/share/layerlab/images --image docker.io/library/nginx:latest --to nginx.tar
  layerlab run --copy-in nginx.tar:/nginx.tar -c 'docker load -i /nginx.tar'

Exit status: 0 done, 1 the registry or the image is refused.";

/// Pull an image from an OCI registry into the lab's image store
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Pull {
    /// The image, by tag or by digest
    #[arg(value_name = "REF")]
    name: String,
    /// The image for this machine, as linux/arm64 (default: this machine's)
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    connection: Connection,
}

impl Pull {
    pub(crate) fn run(&self) -> Outcome {
        let name = reference(&self.name)?;
        let client = self.connection.client(&name.domain)?;
        let store = self.store.open()?;
        let pulled = pull(&client, &name, self.platform.as_deref(), &store, &Bars::new())?;
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &pulled).map_err(io::Error::from)?;
            writeln!(out)?;
            return Ok(0);
        }
        for (digest, _, how) in &pulled.layers {
            writeln!(out, "{}: {}", digest.short(), how.word())?;
        }
        writeln!(out, "Digest: {}", pulled.digest)?;
        let is_new = pulled.layers.iter().any(|(_, _, how)| *how != How::Present);
        let status = if is_new { "Downloaded newer image" } else { "Image is up to date" };
        writeln!(out, "Status: {status} for {}", name.familiar())?;
        writeln!(out, "{}", pulled.name)?;
        Ok(0)
    }
}
