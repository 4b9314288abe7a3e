//! `layerlab image`: what is in an image, layer by layer, and what of it is waste.

mod source;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::{Args, ValueEnum};
use layerlab_core::explore::{self, Explorer, Lens, Report, Threshold};
use layerlab_core::oci::Limits;
use serde_json::json;

use super::registry::Connection;
use super::{CliError, Outcome, limits, text};
use crate::archive::{self, Opened};
use source::{Taken, take};

const EXAMPLES: &str = "\
Examples:
  docker save web:1 -o web.tar && layerlab image web.tar
  layerlab image web.tar --why /etc/nginx/nginx.conf
  layerlab image web.tar --ci --min-efficiency 0.95 --max-reclaimable 1000000
  layerlab image new.tar --diff old.tar
  layerlab image docker:web:1 --tree
  layerlab image registry:127.0.0.1:5000/web:1 --as spec

Exit status: 0 done, 1 the image is refused or a threshold is not kept.";

/// Read a docker or OCI archive (or directory): layers, waste, secrets, the tree with who provides what
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_field_names, reason = "--image is the flag's name")]
pub(super) struct Image {
    /// A docker archive, an OCI archive, an OCI layout's directory, plain or compressed; docker:NAME for an image of the
    /// Docker here, registry:REF for one of a registry
    #[arg(value_name = "FILE|docker:NAME|registry:REF")]
    file: String,
    /// The image in it: a name, an id, or its number from 0
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// The image for this machine, as linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print every path that any layer has: who provides it, what each layer did to it
    #[arg(long)]
    tree: bool,
    /// Explain a path: the look-up's own steps, from the topmost layer down
    #[arg(long, value_name = "PATH")]
    why: Option<String>,
    /// Write a file's content to standard output
    #[arg(long, value_name = "PATH", conflicts_with = "json")]
    cat: Option<String>,
    /// With --cat: the content in this layer (the lowest is 0), not in the merged view
    #[arg(long, value_name = "N", requires = "cat")]
    layer: Option<usize>,
    /// Compare with another archive's image: what this one has more (A), other (C) and less (D)
    #[arg(long, value_name = "FILE")]
    diff: Option<String>,
    /// Compare two layers of the image, as 0:2
    #[arg(long, value_name = "N:M")]
    diff_layers: Option<String>,
    /// Write the image anew: to a tar if the name ends in .tar (docker load takes it, and OCI tools do), else to an OCI
    /// layout's directory
    #[arg(long, value_name = "PATH", conflicts_with_all = ["cat", "as_rules"])]
    to: Option<PathBuf>,
    /// Print the tree as these rules resolve the layers: where programs part, this shows how
    #[arg(long = "as", value_name = "RULES", value_enum, conflicts_with = "cat")]
    as_rules: Option<Rules>,
    /// Fail if a threshold is not kept
    #[arg(long)]
    ci: bool,
    /// The least efficiency, 0 to 1 (the figure that layer explorers usually print)
    #[arg(long, value_name = "F", default_value = "0.9")]
    min_efficiency: f64,
    /// The most bytes that may be hidden in layers for good
    #[arg(long, value_name = "BYTES", requires = "ci")]
    max_reclaimable: Option<u64>,
    /// Refuse layers that expand past this many bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().expanded)]
    max_expanded: u64,
    /// Refuse layers with more entries
    #[arg(long, value_name = "N", default_value_t = Limits::default().entries)]
    max_entries: u64,
    /// Refuse what expands to more bytes than this for each byte stored, once it is larger than 256 MiB
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio)]
    max_ratio: u64,
    /// Change a limit of reading (may be given again); layerlab limits lists them
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limits::parse)]
    limits: Vec<(String, u64)>,
    #[command(flatten)]
    connection: Connection,
}

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rules {
    /// The OCI image specification
    Spec,
    /// Docker: each layer apart, overlayfs over them
    Overlay2,
    /// containerd's overlayfs snapshotter
    Containerd,
    /// podman's vfs: one directory, in the order of the entries
    Vfs,
    /// umoci: one directory, a whiteout spares its own layer
    Umoci,
}

impl From<Rules> for Lens {
    fn from(rules: Rules) -> Self {
        match rules {
            Rules::Spec => Self::Spec,
            Rules::Overlay2 => Self::Overlay2,
            Rules::Containerd => Self::Containerd,
            Rules::Vfs => Self::Vfs,
            Rules::Umoci => Self::Umoci,
        }
    }
}

impl Image {
    pub(super) fn run(&self) -> Outcome {
        let limits = Limits {
            expanded: self.max_expanded,
            entries: self.max_entries,
            ratio: self.max_ratio,
            ..Limits::default()
        };
        let limits = limits::of_images(limits, &self.limits)?;
        if let Some(rules) = self.as_rules {
            return self.resolve(rules.into(), limits);
        }
        let (taken, explorer) = self.read(&self.file, limits)?;
        let opened = &taken.opened;
        let mut out = io::BufWriter::new(io::stdout().lock());
        if let Some(path) = &self.cat {
            return self.cat(opened, &explorer, path, limits, &mut out);
        }
        if let Some(to) = &self.to {
            archive::write(opened, &explorer, to)?;
            return Ok(0);
        }
        let mut report = Report::of(&explorer);
        report.warnings.splice(0..0, opened.archive.warnings.iter().cloned());
        let threshold = Threshold {
            min_efficiency: self.ci.then_some(self.min_efficiency),
            max_reclaimable: self.max_reclaimable.filter(|_| self.ci),
        };
        let failures = report.failures(threshold);
        let why = self.why.as_ref().map(|path| explore::why(explorer.stack.sheets(), path.as_bytes()));
        let changes = self.changes(&explorer, limits)?;
        if self.json {
            let mut object = serde_json::to_value(&report).map_err(io::Error::other)?;
            object["form"] = json!(opened.archive.form);
            if self.ci {
                object["failures"] = json!(failures);
            }
            if let Some(why) = &why {
                object["why"] = json!(why);
            }
            if let Some(changes) = &changes {
                object["diff"] = json!(changes);
            }
            if self.tree {
                object["tree"] = json!(explorer.rows(0, usize::MAX));
            }
            writeln!(out, "{}", text::json(&object))?;
        } else if let Some(why) = &why {
            table::why(&mut out, &explorer, why)?;
            if why.provider.is_none()
                && let Some(near) = self.why.as_ref().and_then(|path| near(&explorer, path))
            {
                writeln!(out, "did you mean {near}?")?;
            }
        } else if let Some(changes) = &changes {
            table::changes(&mut out, changes)?;
        } else {
            table::report(&mut out, &report, text::columns())?;
            if self.tree {
                writeln!(out)?;
                table::tree(&mut out, &explorer)?;
            }
        }
        out.flush()?;
        if !self.json {
            for failure in &failures {
                writeln!(io::stderr(), "layerlab: {failure}")?;
            }
        }
        let missing = why.is_some_and(|why| why.provider.is_none());
        Ok(u8::from(!failures.is_empty() || missing))
    }

    fn take(&self, file: &str, limits: Limits) -> Result<Taken, CliError> {
        take(file, &self.connection, self.platform.as_deref(), limits)
    }

    fn read(&self, file: &str, limits: Limits) -> Result<(Taken, Explorer), CliError> {
        let taken = self.take(file, limits)?;
        let opened = &taken.opened;
        let image = opened.choose(self.image.as_deref(), self.platform.as_deref())?;
        let total: u64 = image.layers.iter().filter_map(|layer| layer.blob).map(|blob| blob.len).sum();
        let progress = Progress::new(total);
        let explorer = archive::explore(opened, image, &|bytes| progress.add(bytes))?;
        progress.end();
        Ok((taken, explorer))
    }

    /// The tree under a lens; a refusal is an answer too.
    fn resolve(&self, lens: Lens, limits: Limits) -> Outcome {
        let taken = self.take(&self.file, limits)?;
        let opened = &taken.opened;
        let image = opened.choose(self.image.as_deref(), self.platform.as_deref())?;
        let mut source = opened.source();
        let mut layers = Vec::new();
        for layer in &image.layers {
            let entries = explore::read_entries(&mut source, layer, limits)
                .map_err(|fault| archive::ArchiveError::Image { path: opened.path.clone(), fault })?;
            layers.push(entries);
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        match explore::resolve(&layers, lens) {
            Ok(tree) if self.json => {
                let rows: Vec<_> =
                    tree.iter().map(|(path, what)| json!({"path": path, "is": what})).collect();
                writeln!(out, "{}", text::json(&json!({"as": lens, "tree": rows})))?;
            }
            Ok(tree) => {
                for (path, what) in &tree {
                    table::resolved(&mut out, path, what)?;
                }
            }
            Err((layer, error)) if self.json => {
                writeln!(
                    out,
                    "{}",
                    text::json(&json!({"as": lens, "refused": {"layer": layer, "why": error.to_string()}}))
                )?;
                out.flush()?;
                return Ok(1);
            }
            Err((layer, error)) => {
                writeln!(io::stderr(), "layerlab: layer {layer} is refused: {error}")?;
                return Ok(1);
            }
        }
        out.flush()?;
        Ok(0)
    }

    fn changes(&self, explorer: &Explorer, limits: Limits) -> Result<Option<Vec<explore::Change>>, CliError> {
        if let Some(other) = &self.diff {
            let (_, before) = self.read(other, limits)?;
            return Ok(Some(explore::compare(&before.stack, &explorer.stack)));
        }
        let Some(pair) = &self.diff_layers else { return Ok(None) };
        let sheet = |text: &str| {
            let sheets = explorer.stack.sheets();
            text.parse::<usize>().ok().and_then(|i| sheets.get(i)).cloned().ok_or_else(|| {
                CliError::Usage(format!(
                    "--diff-layers {pair}: layers are 0 to {}",
                    sheets.len().saturating_sub(1)
                ))
            })
        };
        let (a, b) = pair.split_once(':').unwrap_or((pair, ""));
        let (a, b) = (explore::Stack::new(vec![sheet(a)?]), explore::Stack::new(vec![sheet(b)?]));
        Ok(Some(explore::compare(&a, &b)))
    }

    fn cat(
        &self,
        opened: &Opened,
        explorer: &Explorer,
        path: &str,
        limits: Limits,
        out: &mut impl Write,
    ) -> Outcome {
        let Some(content) = explorer.content(path.as_bytes(), self.layer) else {
            let mut said = format!("layerlab: {path}: no such file in the image");
            if let Some(near) = near(explorer, path) {
                said.push_str(&format!("; did you mean {near}?"));
            }
            writeln!(io::stderr(), "{said}")?;
            return Ok(1);
        };
        let mut source = opened.source();
        let (mut done, layer) = (0, &explorer.image.layers[content.layer]);
        // A compressed layer is decompressed from its start for each piece.
        let piece = if content.plain { 1 << 20 } else { 64 << 20 };
        while done < content.size {
            let data = explore::read_content(&mut source, layer, &content, done, piece, limits)
                .map_err(|fault| archive::ArchiveError::Image { path: opened.path.clone(), fault })?;
            if data.is_empty() {
                break;
            }
            done += data.len() as u64;
            out.write_all(&data)?;
        }
        out.flush()?;
        Ok(0)
    }
}

/// A line on standard error that says how far reading is, if that is a terminal.
struct Progress {
    total: u64,
    done: AtomicU64,
    shown: bool,
}

impl Progress {
    fn new(total: u64) -> Self {
        Self { total, done: AtomicU64::new(0), shown: text::shows_progress() && total > 0 }
    }

    fn add(&self, bytes: u64) {
        let before = self.done.fetch_add(bytes, Ordering::Relaxed);
        let percent = |done: u64| done * 100 / self.total.max(1);
        if self.shown && percent(before) != percent(before + bytes) {
            let _ = write!(io::stderr(), "\rreading {:3} %", percent(before + bytes).min(100));
        }
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// The path of the image that is most like this one, if one is like it.
fn near(explorer: &Explorer, path: &str) -> Option<String> {
    let path = path.trim_start_matches('/');
    let rows = explorer.rows(0, usize::MAX);
    let names = rows.iter().filter(|row| row.kind.is_some()).map(|row| row.path.to_text());
    let scored = names.map(|name| (strsim::damerau_levenshtein(name.trim_start_matches('/'), path), name));
    scored.filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| name)
}
