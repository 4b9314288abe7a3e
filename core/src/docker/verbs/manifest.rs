//! `docker manifest inspect`: a manifest where it lies, without pulling anything (20.10's client asks the registry itself).

use super::super::{Call, Failure};
use crate::engine::Error;
use crate::kernel::base64_encode;
use crate::oci::{Digest, Reference};
use crate::program::Flow;

pub(crate) fn inspect(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if call.flags.args.len() > 1 {
        return Err(Failure::new(
            "Layerlab: the lab does not have manifest lists yet; docker manifest inspect takes one name",
        ));
    }
    let text = call.arg(0);
    let parsed = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
    let name = parsed.or_latest();
    let none = || Failure::new(format!("no such manifest: {}", name.familiar()));
    let is_hub = name.domain == "docker.io";
    let found = call.engine()?.remote_manifest(&name);
    let (digest, bytes) = match found {
        Ok(found) => found,
        Err(Error::NotFound(_) | Error::PullDenied(_)) => return Err(none()),
        Err(error) => {
            let why = error.to_string();
            return Err(Failure::new(format!(
                "failed to configure transport: error pinging v2 registry: {why}"
            )));
        }
    };
    // The client passes over a registry without TLS unless it is told not to, whatever the daemon was told.
    if !is_hub && !call.flags.is_set("insecure") {
        return Err(Failure::new(format!(
            "no such manifest: {}\nLayerlab: this registry speaks plain HTTP; docker manifest inspect --insecure {text} asks it",
            name.familiar()
        )));
    }
    let document: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| Failure::new(error.to_string()))?;
    let line = if call.flags.is_set("verbose") {
        verbose(&name, digest, &bytes)?
    } else {
        tabbed(&bytes, &document)?
    };
    call.line(&line);
    Ok(Flow::OK)
}

/// The document with its own order of keys, indented with tabs.
fn tabbed(bytes: &[u8], document: &serde_json::Value) -> Result<String, Failure> {
    let known: Result<crate::oci::manifest::Manifest, _> = serde_json::from_slice(bytes);
    let text = match known {
        Ok(manifest) => with_tabs(&Shown::of(&manifest)),
        Err(_) => with_tabs(document),
    };
    text.map_err(|error| Failure::new(error.to_string()))
}

fn verbose(name: &Reference, digest: Digest, bytes: &[u8]) -> Result<String, Failure> {
    let failed = |error: serde_json::Error| Failure::new(error.to_string());
    let manifest: crate::oci::manifest::Manifest = serde_json::from_slice(bytes).map_err(failed)?;
    let document = Verbose {
        reference: name.to_string(),
        descriptor: VerboseDescriptor {
            media_type: manifest.media_type.clone(),
            digest,
            size: bytes.len() as u64,
            platform: Machine { architecture: "amd64", os: "linux" },
        },
        raw: base64_encode(bytes),
        manifest: Shown::of(&manifest),
    };
    with_tabs(&document).map_err(failed)
}

fn with_tabs(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut out = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, form))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[derive(serde::Serialize)]
struct Verbose {
    #[serde(rename = "Ref")]
    reference: String,
    #[serde(rename = "Descriptor")]
    descriptor: VerboseDescriptor,
    #[serde(rename = "Raw")]
    raw: String,
    #[serde(rename = "SchemaV2Manifest")]
    manifest: Shown,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct VerboseDescriptor {
    media_type: String,
    digest: Digest,
    size: u64,
    platform: Machine,
}

#[derive(serde::Serialize)]
struct Machine {
    architecture: &'static str,
    os: &'static str,
}

/// A manifest in the order of Distribution's documents.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    schema_version: u32,
    media_type: String,
    config: Blob,
    layers: Vec<Blob>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    media_type: String,
    size: u64,
    digest: Digest,
}

impl Shown {
    fn of(manifest: &crate::oci::manifest::Manifest) -> Self {
        let blob = |one: &crate::oci::manifest::Descriptor| Blob {
            media_type: one.media_type.clone(),
            size: one.size,
            digest: one.digest,
        };
        Self {
            schema_version: manifest.schema_version,
            media_type: manifest.media_type.clone(),
            config: blob(&manifest.config),
            layers: manifest.layers.iter().map(blob).collect(),
        }
    }
}
