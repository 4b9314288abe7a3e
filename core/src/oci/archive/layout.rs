//! Writing an OCI image layout: blobs by digest, `index.json`, `oci-layout`; as a directory that may be packed.

use crate::kernel::{Errno, Kernel, Task, fs, path};
use crate::oci::config::ConfigDocument;
use crate::oci::json::to_go_json;
use crate::oci::layer::LayerError;
use crate::oci::manifest::{Descriptor, Index, Manifest, Platform, media};
use crate::oci::{Digest, manifest};

/// One layer's blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutLayer {
    /// The digest of the blob as it is written.
    pub digest: Digest,
    /// Its size.
    pub size: u64,
    /// Its media type, [`manifest::media::OCI_LAYER`] for a plain tar.
    pub media_type: String,
}

/// One image to write.
#[derive(Debug, Clone)]
pub struct LayoutImage {
    /// Its configuration, whose bytes are written as they are.
    pub config: ConfigDocument,
    /// Its layers, lowest first.
    pub layers: Vec<LayoutLayer>,
    /// Its full names (`docker.io/library/a:b`), one entry of the index each.
    pub names: Vec<String>,
}

/// Makes the layout in the empty directory `dir`. `write_blob` writes the layer's blob with this digest to a path. Returns
/// the manifests' digests, in the order of the images.
pub fn stage_layout(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    images: &[LayoutImage],
    mut write_blob: impl FnMut(&mut dyn Kernel, &Digest, &[u8]) -> Result<(), LayerError>,
) -> Result<Vec<Digest>, LayerError> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |errno: Errno| LayerError::Call { what, errno }
    };
    let blobs = path::join(dir, b"blobs/sha256");
    fs::mkdir_all(kernel, task, &blobs, 0o755).map_err(failed("mkdir blobs/sha256"))?;
    let mut digests = Vec::new();
    let mut index = Index {
        schema_version: 2,
        media_type: media::OCI_INDEX.to_owned(),
        manifests: Vec::new(),
        annotations: std::collections::BTreeMap::default(),
    };
    for image in images {
        for layer in &image.layers {
            let at = path::join(&blobs, layer.digest.hex().as_bytes());
            if !fs::exists(kernel, task, &at) {
                write_blob(kernel, &layer.digest, &at)?;
            }
        }
        let config = &image.config;
        let manifest = Manifest {
            schema_version: 2,
            media_type: media::OCI_MANIFEST.to_owned(),
            config: Descriptor::new(manifest::media::OCI_CONFIG, config.id, config.bytes.len() as u64),
            layers: image
                .layers
                .iter()
                .map(|layer| Descriptor::new(&layer.media_type, layer.digest, layer.size))
                .collect(),
            annotations: std::collections::BTreeMap::default(),
        };
        let bytes = to_go_json(&manifest);
        let mut descriptor = Descriptor::of(media::OCI_MANIFEST, &bytes);
        for (digest, data) in [(config.id, &config.bytes), (descriptor.digest, &bytes)] {
            let at = path::join(&blobs, digest.hex().as_bytes());
            fs::write(kernel, task, &at, data, 0o644).map_err(failed("write blob"))?;
        }
        digests.push(descriptor.digest);
        descriptor.platform = Some(Platform {
            architecture: config.config.architecture.clone(),
            os: config.config.os.clone(),
            os_version: config.config.os_version.clone(),
            variant: config.config.variant.clone(),
        });
        if image.names.is_empty() {
            index.manifests.push(descriptor);
            continue;
        }
        for name in &image.names {
            let mut named = descriptor.clone();
            let tag = name.rsplit_once(':').map_or("latest", |(_, tag)| tag);
            named.annotations.insert("io.containerd.image.name".to_owned(), name.clone());
            named.annotations.insert("org.opencontainers.image.ref.name".to_owned(), tag.to_owned());
            index.manifests.push(named);
        }
    }
    let layout: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
    for (name, data) in [("index.json", &to_go_json(&index)[..]), ("oci-layout", layout)] {
        let at = path::join(dir, name.as_bytes());
        fs::write(kernel, task, &at, data, 0o644).map_err(failed(name))?;
    }
    Ok(digests)
}
