//! What `manifest.json` asks to load, read as the daemon reads it: in its order, with its words for what it refuses.
//!
//! What Go takes and another reader might take for something else (a key twice, data behind the document) is refused in
//! words of our own ([`gojson::read`]); where the archive has an OCI half too, both must be the same images.

use serde::Deserialize;

use super::fault::{Fault, open, place};
use crate::engine::error::Error;
use crate::oci::archive::{self, Archive, ArchiveError, DOCKER_MANIFEST, Found, Index, OCI_INDEX};
use crate::oci::blob::BlobSource;
use crate::oci::layer::Blob;
use crate::oci::{ConfigDocument, Digest, Limits, gojson, json};

/// An image to load.
pub(super) struct Plan {
    /// Its configuration, or why that is no good once its layers are.
    pub(super) config: Result<ConfigDocument, String>,
    pub(super) names: Vec<String>,
    /// Lowest first.
    pub(super) layers: Vec<PlannedLayer>,
    /// The archive has an OCI half, whose names are no promise.
    pub(super) is_oci: bool,
    /// The image that it was made from, if that is in the archive too.
    pub(super) parent: Option<Digest>,
}

/// What an archive asks to load.
pub(super) struct Plans {
    /// Its images, up to the first that is no good.
    pub(super) images: Vec<Plan>,
    /// What is wrong with that one.
    pub(super) fault: Option<Fault>,
}

/// A layer to load.
pub(super) struct PlannedLayer {
    /// Its path, as the manifest has it.
    pub(super) file: String,
    /// What the OCI half promises for its bytes.
    pub(super) digest: Option<Digest>,
    /// What the configuration promises, as it stands there.
    pub(super) diff_id: String,
}

/// An item as Go reads it: what is missing is empty.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Item {
    config: Option<String>,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
    parent: Option<String>,
}

/// What is read of a configuration before it is read whole.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Outline {
    os: Option<String>,
    rootfs: Option<Roots>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Roots {
    diff_ids: Option<Vec<Option<String>>>,
}

/// Reads a document of an archive whole.
pub(super) fn read(
    source: &mut dyn BlobSource,
    blob: Blob,
    file: &str,
    limits: Limits,
) -> Result<Vec<u8>, Fault> {
    if blob.len > limits.json as u64 {
        return Err(Fault::say(format!("{file}: more than {} bytes", limits.json)));
    }
    let bytes = source.read_at(blob.offset, blob.len as usize);
    Ok(bytes.map_err(|error| Fault::say(error.to_string()))?.to_vec())
}

/// What is to be loaded; `None` where there is no manifest.
pub(super) fn plan(
    index: &Index,
    source: &mut dyn BlobSource,
    limits: Limits,
) -> Result<Option<Plans>, Fault> {
    if index.look(DOCKER_MANIFEST) == Found::Nothing {
        return Ok(None);
    }
    let bytes = read(source, open(index, &place(index, DOCKER_MANIFEST)?)?, DOCKER_MANIFEST, limits)?;
    gojson::decode(&bytes, &gojson::MANIFEST).map_err(Fault::say)?;
    let strict = |why: String| Fault::say(format!("{DOCKER_MANIFEST}: {why}"));
    let bytes = gojson::read(&bytes, &gojson::MANIFEST).map_err(strict)?;
    let items: Option<Vec<Item>> = json::parse(&bytes, limits.json).map_err(strict)?;
    let items = items.unwrap_or_default();
    if items.len() > limits.index_entries {
        return Err(strict(format!("more than {} images", limits.index_entries)));
    }
    let mut plans = Plans { images: Vec::new(), fault: None };
    for item in items {
        match image(index, source, item, limits) {
            Ok(plan) => plans.images.push(plan),
            Err(fault) => {
                plans.fault = Some(fault);
                break;
            }
        }
    }
    if index.look(OCI_INDEX) != Found::Nothing && !plans.images.is_empty() {
        let archive = archive::open(index, source, limits).map_err(|error| as_fault(&error))?;
        join(&mut plans.images, &archive);
    }
    Ok(Some(plans))
}

fn as_fault(error: &ArchiveError) -> Fault {
    Fault::say(error.docker_text())
}

/// What the OCI half says of the same images: it was compared with the docker half when it was opened.
fn join(plans: &mut [Plan], archive: &Archive) {
    for plan in plans {
        let id = plan.config.as_ref().ok().map(|config| config.id);
        let same = archive.images.iter().find(|image| Some(image.config.id) == id);
        let Some(image) = same else { continue };
        plan.is_oci = true;
        for (layer, other) in plan.layers.iter_mut().zip(&image.layers) {
            layer.digest = other.digest;
        }
    }
}

fn image(index: &Index, source: &mut dyn BlobSource, item: Item, limits: Limits) -> Result<Plan, Fault> {
    let name = item.config.unwrap_or_default();
    let bytes = read(source, open(index, &place(index, &name)?)?, &name, limits)?;
    gojson::unmarshal(&bytes, &gojson::IMAGE).map_err(Fault::say)?;
    let strict = |why: String| format!("{name}: {why}");
    let seen = gojson::read(&bytes, &gojson::IMAGE).map_err(|why| Fault::say(strict(why)))?;
    let outline: Option<Outline> = json::parse(&seen, limits.json).map_err(|why| Fault::say(strict(why)))?;
    let outline = outline.unwrap_or_default();
    let Some(roots) = outline.rootfs else {
        return Err(Fault::say("invalid image JSON, no RootFS key"));
    };
    check_os(&outline.os.unwrap_or_default())?;
    let diff_ids: Vec<String> =
        roots.diff_ids.unwrap_or_default().into_iter().map(Option::unwrap_or_default).collect();
    let layers = item.layers.unwrap_or_default();
    if layers.len() != diff_ids.len() {
        return Err(Fault::say(format!(
            "invalid manifest, layers length mismatch: expected {}, got {}",
            layers.len(),
            diff_ids.len()
        )));
    }
    if layers.len() > limits.layers {
        return Err(Fault::say(format!("{DOCKER_MANIFEST}: more than {} layers", limits.layers)));
    }
    let config = ConfigDocument::parse_docker(&bytes, limits.json).map_err(strict);
    // A diff id that is none is told once the layer's own is known; anything else is told now.
    if let Err(why) = &config
        && diff_ids.iter().all(|text| Digest::parse(text).is_ok())
    {
        return Err(Fault::say(why.clone()));
    }
    let layers = layers
        .into_iter()
        .zip(diff_ids)
        .map(|(file, diff_id)| PlannedLayer { file, digest: None, diff_id })
        .collect();
    let parent = item.parent.and_then(|text| Digest::parse(&text).ok());
    Ok(Plan { config, names: item.repo_tags.unwrap_or_default(), layers, is_oci: false, parent })
}

/// Systems and processors that containerd knows by these names (`platforms/database.go`).
const KNOWN: [&str; 44] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "macos",
    "aarch64",
    "x86_64",
];

/// What the daemon says of an image of another system (`checkCompatibleOS`). One that it knows, and has no layers for,
/// makes it crash: here it is refused by name.
pub(super) fn check_os(os: &str) -> Result<(), Error> {
    if os.is_empty() || os == "linux" {
        return Ok(());
    }
    let is_known = os.contains('/') || KNOWN.contains(&os.to_lowercase().as_str());
    Err(Error::Failed(if is_known {
        format!("cannot load {os} image on linux")
    } else {
        format!(
            "{}: unknown operating system or architecture: invalid argument",
            gojson::quote(os.as_bytes())
        )
    }))
}
