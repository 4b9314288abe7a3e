//! Pull: manifest, configuration, layers into the store; the name last, once every digest and diff id was right.

use std::fs::File;
use std::io::Read;

use layerlab_core::oci::decode::MAGIC_LEN;
use layerlab_core::oci::layer::{Expected, Flow};
use layerlab_core::oci::manifest::{Descriptor, Document, Index, Manifest, Platform};
use layerlab_core::oci::{ConfigDocument, Digest, Reference};
use serde::Serialize;

use super::client::{Client, RemoteManifest};
use super::download::download;
use super::{How, RegistryError, Watch, side_by_side};
use crate::archive::HERE;
use crate::store::Store;

/// As many layers as Docker fetches at once.
const THREADS: usize = 3;
/// Indexes inside indexes.
const DEPTH: usize = 8;

/// What a pull brought.
#[derive(Debug, Clone, Serialize)]
pub struct Pulled {
    /// The full name.
    pub name: String,
    /// The digest that the name means in the registry: of the manifest, or of the index above it.
    pub digest: Digest,
    /// The image's manifest.
    pub manifest: Digest,
    /// The image's id.
    pub id: Digest,
    /// The layers, lowest first: digest, size, how it came.
    pub layers: Vec<(Digest, u64, How)>,
}

/// Pulls an image into the store, for this machine or for the platform that is asked for (`linux/arm64`).
pub fn pull(
    client: &Client,
    name: &Reference,
    platform: Option<&str>,
    store: &Store,
    watch: &dyn Watch,
) -> Result<Pulled, RegistryError> {
    let top = client.manifest(name)?;
    let digest = top.digest;
    let (remote, manifest) = choose(client, name, top, platform)?;
    let config = config(client, name, &manifest, store, watch)?;
    let diff_ids = &config.config.rootfs.diff_ids;
    let content = |why: String| RegistryError::Content { what: name.to_string(), why };
    if diff_ids.len() != manifest.layers.len() {
        return Err(content(format!(
            "the number of diff ids ({}) is not that of the layers ({})",
            diff_ids.len(),
            manifest.layers.len()
        )));
    }
    if manifest.layers.len() > client.limits.layers {
        return Err(content(format!("more than {} layers", client.limits.layers)));
    }
    let disk = |error| RegistryError::Disk { what: store.dir().display().to_string(), error };
    let blobs = manifest.layers.iter().zip(diff_ids).map(|(layer, diff_id)| (layer.digest, (layer, diff_id)));
    let done = side_by_side(blobs, THREADS, |_, (layer, diff_id)| {
        // Foreign addresses are never fetched unasked.
        let how = if layer.is_foreign() && !store.has(&layer.digest, layer.size) {
            How::Foreign
        } else {
            let how = download(client, &name.path, layer, store, watch)?;
            match check(client, store, layer, diff_id) {
                // What was here is damaged: it is fetched anew.
                Err(_) if how == How::Present => {
                    store.drop_damaged(&layer.digest).map_err(disk)?;
                    let how = download(client, &name.path, layer, store, watch)?;
                    check(client, store, layer, diff_id)?;
                    how
                }
                checked => checked.map(|()| how)?,
            }
        };
        watch.end(&layer.digest, how);
        Ok(how)
    })?;
    store.put(&remote.bytes).map_err(disk)?;
    let media_type = if remote.media_type.is_empty() { &manifest.media_type } else { &remote.media_type };
    let mut descriptor = Descriptor::of(media_type, &remote.bytes);
    descriptor.platform = Some(Platform {
        architecture: config.config.architecture.clone(),
        os: config.config.os.clone(),
        os_version: config.config.os_version.clone(),
        variant: config.config.variant.clone(),
    });
    store.name(&descriptor, name).map_err(disk)?;
    let layers = manifest.layers.iter().map(|l| (l.digest, l.size, done[&l.digest])).collect();
    Ok(Pulled { name: name.to_string(), digest, manifest: remote.digest, id: config.id, layers })
}

/// Follows indexes down to one manifest.
fn choose(
    client: &Client,
    name: &Reference,
    mut remote: RemoteManifest,
    platform: Option<&str>,
) -> Result<(RemoteManifest, Manifest), RegistryError> {
    for _ in 0..DEPTH {
        let parsed = Document::parse(&remote.bytes, &remote.media_type, client.limits.json);
        match parsed.map_err(|fault| RegistryError::Manifest { what: name.to_string(), fault })? {
            Document::Manifest(manifest) => return Ok((remote, manifest)),
            Document::Index(index) => {
                let digest = wanted(&index, name, platform)?;
                remote = client.manifest(&name.with_digest(digest))?;
            }
        }
    }
    Err(RegistryError::Content { what: name.to_string(), why: "indexes nested too deep".to_owned() })
}

/// The entry of an index that is for the platform.
fn wanted(index: &Index, name: &Reference, platform: Option<&str>) -> Result<Digest, RegistryError> {
    let wanted = platform.unwrap_or(HERE);
    let of = |entry: &Descriptor| entry.platform.as_ref().map(ToString::to_string);
    let found = index.manifests.iter().find(|entry| entry.platform.as_ref().is_some_and(|p| p.is(wanted)));
    let only = match &index.manifests[..] {
        [only] if platform.is_none() && only.platform.is_none() => Some(only),
        _ => None,
    };
    found.or(only).map(|entry| entry.digest).ok_or_else(|| RegistryError::Platform {
        name: name.to_string(),
        wanted: wanted.to_owned(),
        there: index.manifests.iter().filter_map(of).collect::<Vec<_>>().join(", "),
    })
}

fn config(
    client: &Client,
    name: &Reference,
    manifest: &Manifest,
    store: &Store,
    watch: &dyn Watch,
) -> Result<ConfigDocument, RegistryError> {
    let what = || format!("{name}: config {}", manifest.config.digest);
    if manifest.config.size > client.limits.json as u64 {
        let why = format!("more than {} bytes", client.limits.json);
        return Err(RegistryError::Content { what: what(), why });
    }
    let digest = &manifest.config.digest;
    let disk = |error| RegistryError::Disk { what: what(), error };
    let mut how = download(client, &name.path, &manifest.config, store, watch)?;
    let mut bytes = std::fs::read(store.blob(digest)).map_err(disk)?;
    if digest.like(&bytes) != *digest {
        store.drop_damaged(digest).map_err(disk)?;
        how = download(client, &name.path, &manifest.config, store, watch)?;
        bytes = std::fs::read(store.blob(digest)).map_err(disk)?;
    }
    watch.end(digest, how);
    ConfigDocument::parse(&bytes, client.limits.json)
        .map_err(|why| RegistryError::Content { what: what(), why })
}

/// Reads a layer in the store once more: is it what the configuration promises uncompressed?
fn check(client: &Client, store: &Store, layer: &Descriptor, diff_id: &Digest) -> Result<(), RegistryError> {
    let failed = |fault| RegistryError::Layer { digest: layer.digest.to_string(), fault };
    let disk = |error| RegistryError::Disk { what: layer.digest.to_string(), error };
    let mut file = File::open(store.blob(&layer.digest)).map_err(disk)?;
    let mut buffer = vec![0; 1 << 20];
    let mut start = Vec::new();
    file.by_ref().take(MAGIC_LEN as u64).read_to_end(&mut start).map_err(disk)?;
    let expected =
        Expected { digest: Some(layer.digest), diff_id: Some(*diff_id), compression: None, again: None };
    let mut flow = Flow::new(&start, expected, client.limits);
    flow.push(&start, |_| Ok(())).map_err(failed)?;
    loop {
        match file.read(&mut buffer).map_err(disk)? {
            0 => break,
            n => flow.push(&buffer[..n], |_| Ok(())).map_err(failed)?,
        }
    }
    flow.finish().map_err(failed)?;
    Ok(())
}
