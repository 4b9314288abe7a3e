//! The arguments of `layerlab image`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use layerlab_core::explore::Lens;
use layerlab_core::oci::Limits;

use crate::cli::limits;
use crate::cli::registry::Connection;

const EXAMPLES: &str = "\
Examples:
  docker save web:1 -o web.tar && layerlab image web.tar
  layerlab image web.tar --why /etc/nginx/nginx.conf
  layerlab image web.tar --save /etc/nginx/nginx.conf --layer 0
  layerlab image web.tar --ci --min-efficiency 0.95 --max-reclaimable 1000000
  layerlab image old.tar new.tar
  layerlab image --list *.tar
  layerlab image docker:web:1 --tree
  layerlab image registry:127.0.0.1:5000/web:1 --as spec

Exit status: 0 done, 1 the image is refused or a threshold is not kept.";

/// Read docker or OCI archives (or directories): layers, waste, secrets, the tree with who provides what
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_field_names, reason = "--image is the flag's name")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct Image {
    /// A docker archive, an OCI archive, an OCI layout's directory, plain or compressed; docker:NAME for an image of the
    /// Docker here, registry:REF for one of a registry. Two are compared, more are listed
    #[arg(value_name = "FILE|docker:NAME|registry:REF", required = true)]
    pub(super) files: Vec<String>,
    /// The image in it: a name, an id, or its number from 0
    #[arg(long, value_name = "NAME")]
    pub(super) image: Option<String>,
    /// The image for this machine, as linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    pub(super) platform: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// List what the archives hold: images with their platforms, attestations, artifacts, and the bytes that images share
    #[arg(long)]
    pub(super) list: bool,
    /// Print every path that any layer has: who provides it, what each layer did to it
    #[arg(long)]
    pub(super) tree: bool,
    /// Print every line of the image's history, whole
    #[arg(long)]
    pub(super) history: bool,
    /// Explain a path: the look-up's own steps, from the topmost layer down
    #[arg(long, value_name = "PATH")]
    pub(super) why: Option<String>,
    /// Write a file's content to standard output; on a terminal, control characters are shown and not obeyed
    #[arg(long, value_name = "PATH", group = "content", conflicts_with = "json")]
    pub(super) cat: Option<String>,
    /// Print a file's content as hexadecimal digits
    #[arg(long, value_name = "PATH", group = "content", conflicts_with = "json")]
    pub(super) hex: Option<String>,
    /// Save a file's content under its own name in this directory, or as --output says
    #[arg(long, value_name = "PATH", group = "content", conflicts_with = "json")]
    pub(super) save: Option<String>,
    /// With --save: the file to write, which must not be there yet
    #[arg(long, short, value_name = "FILE", requires = "save")]
    pub(super) output: Option<PathBuf>,
    /// With --cat, --hex and --save: the content in this layer (the lowest is 0), not in the merged view
    #[arg(long, value_name = "N", requires = "content")]
    pub(super) layer: Option<usize>,
    /// Compare with another archive's image: what this one has more (A), other (C) and less (D)
    #[arg(long, value_name = "FILE")]
    pub(super) diff: Option<String>,
    /// Compare two layers of the image, as 0:2
    #[arg(long, value_name = "N:M", conflicts_with = "diff")]
    pub(super) diff_layers: Option<String>,
    /// Find files with the same contents under other names
    #[arg(long)]
    pub(super) duplicates: bool,
    /// Refuse an image that Docker would refuse
    #[arg(long)]
    pub(super) strict: bool,
    /// Write the image anew: to a tar if the name ends in .tar (docker load takes it, and OCI tools do), else to an OCI
    /// layout's directory
    #[arg(long, value_name = "PATH", conflicts_with_all = ["content", "as_rules"])]
    pub(super) to: Option<PathBuf>,
    /// Print the tree as these rules resolve the layers: where programs part, this shows how
    #[arg(long = "as", value_name = "RULES", value_enum, conflicts_with = "content")]
    pub(super) as_rules: Option<Rules>,
    /// Fail if a threshold is not kept
    #[arg(long)]
    pub(super) ci: bool,
    /// The least efficiency, 0 to 1 (the figure that layer explorers usually print)
    #[arg(long, value_name = "F", default_value = "0.9")]
    pub(super) min_efficiency: f64,
    /// The largest part of the contents that may be hidden in layers for good, 0 to 1; 0.1 where --max-reclaimable is not
    /// given either
    #[arg(long, value_name = "F", requires = "ci")]
    pub(super) max_hidden: Option<f64>,
    /// The most bytes that may be hidden in layers for good
    #[arg(long, value_name = "BYTES", requires = "ci")]
    pub(super) max_reclaimable: Option<u64>,
    /// Refuse layers that expand past this many bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().expanded)]
    pub(super) max_expanded: u64,
    /// Refuse layers with more entries
    #[arg(long, value_name = "N", default_value_t = Limits::default().entries)]
    pub(super) max_entries: u64,
    /// Refuse what expands to more bytes than this for each byte stored, once it is larger than 256 MiB
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio)]
    pub(super) max_ratio: u64,
    /// Change a limit of reading (may be given again); layerlab limits lists them
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub(super) limits: Vec<(String, u64)>,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Rules {
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
