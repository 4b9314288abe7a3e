//! `layerlab push`: an image of the store, or of an archive, to a registry.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::explore::FileDigests;
use layerlab_core::oci::archive::ArchiveError as Fault;
use layerlab_core::oci::{Digest, Limits};

use super::{Bars, CliError, Connection, Outcome, StoreArgs, reference};
use crate::archive::{self, ArchiveError, image_to_write};
use crate::registry::{PushImage, push};

const EXAMPLES: &str = "\
Examples:
  layerlab push 127.0.0.1:5000/web:1 --from web.tar
  layerlab pull registry.example/web:1 && layerlab push registry.example/copy:1 --image registry.example/web:1

Exit status: 0 done, 1 the registry or the image is refused.";

/// Push an image of the lab's image store, or of an archive, to an OCI registry
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Push {
    /// The name in the registry
    #[arg(value_name = "REF")]
    name: String,
    /// An archive, or a layout's directory, that holds the image (default: the store)
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The image in it: a name, an id, or its number from 0 (default: the only one, or the one of that name)
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// Another repository of the same registry that may have the layers (may be given again; those that the store knows
    /// are tried by themselves)
    #[arg(long, value_name = "REPOSITORY")]
    mount_from: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    connection: Connection,
}

impl Push {
    pub(crate) fn run(&self) -> Outcome {
        let name = reference(&self.name)?;
        let client = self.connection.client(&name.domain)?;
        let store = self.store.open()?;
        let path = self.from.clone().unwrap_or_else(|| store.dir().to_owned());
        let opened = match archive::open(&path, Limits::default()) {
            Err(ArchiveError::Image { fault: Fault::Empty, .. }) if self.from.is_none() => {
                return Err(CliError::Failed(format!(
                    "{}: no image is here yet: `layerlab pull` brings one, `--from FILE` pushes an archive",
                    path.display()
                )));
            }
            opened => opened?,
        };
        // The store has many: without a word, the one of the same name is meant.
        let same = self.from.is_none().then(|| name.to_string());
        let wanted = self.image.clone().map(|image| reference(&image).map_or(image, |full| full.to_string()));
        let chosen = match opened.choose(wanted.as_deref().or(same.as_deref()), None) {
            Err(_) if self.image.is_some() => opened.choose(self.image.as_deref(), None)?,
            chosen => chosen?,
        };
        let explorer = archive::explore(&opened, chosen, FileDigests::No, &|_| {})?;
        let image = image_to_write(&opened, &explorer)?;
        let failed = |error| CliError::File { path: store.dir().to_owned(), error };
        let mut mounts: BTreeMap<Digest, BTreeSet<String>> =
            store.repositories(&name.domain).map_err(failed)?;
        for layer in &image.layers {
            mounts.entry(layer.digest).or_default().extend(self.mount_from.iter().cloned());
        }
        let layers = explorer.image.layers.iter().filter_map(|layer| layer.blob).collect();
        let source = opened.source();
        let image = PushImage { image, layers, source, mounts };
        let pushed = push(&client, &name, &image, &store, &Bars::new())?;
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &pushed).map_err(io::Error::from)?;
            writeln!(out)?;
            return Ok(0);
        }
        for (digest, _, how) in pushed.layers.iter().rev() {
            writeln!(out, "{}: {}", digest.short(), how.word())?;
        }
        let tag = name.tag.as_deref().unwrap_or("manifest");
        writeln!(out, "{tag}: digest: {} size: {}", pushed.digest, pushed.size)?;
        Ok(0)
    }
}
