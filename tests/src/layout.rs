//! Images made from scratch in the OCI layout's forms: layers plain, gzip (in several members), zstd; several platforms.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};

use crate::listing::{sha256, sha512};

/// How a layer is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// As it is.
    Plain,
    /// gzip, a member each so many bytes.
    Gzip(usize),
    /// Zstandard.
    Zstd,
}

/// Compresses into gzip members of so many bytes each.
pub fn gzip(data: &[u8], member: usize) -> Vec<u8> {
    let pack = |piece: &[u8]| {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(piece).expect("a vector takes everything");
        out.finish().expect("a vector takes everything")
    };
    data.chunks(member).flat_map(pack).collect()
}

/// Compresses with Zstandard.
pub fn zstd(data: &[u8]) -> Vec<u8> {
    compress_to_vec(data, CompressionLevel::Fastest)
}

/// The files of a layout.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Path and content.
    pub files: Vec<(String, Vec<u8>)>,
    manifests: Vec<Value>,
    is_sha512: bool,
}

impl Layout {
    /// A layout whose digests are of sha512.
    pub fn sha512() -> Self {
        Self { is_sha512: true, ..Self::default() }
    }

    /// Adds an image of these layers under a name.
    pub fn image(self, name: &str, platform: (&str, &str), layers: &[(Vec<u8>, Stored)]) -> Self {
        let media = "application/vnd.oci.image.layer.v1.tar";
        let layers: Vec<_> = layers
            .iter()
            .map(|(tar, stored)| match stored {
                Stored::Plain => (tar.clone(), media.to_owned(), tar.clone()),
                Stored::Gzip(member) => (tar.clone(), format!("{media}+gzip"), gzip(tar, *member)),
                Stored::Zstd => (tar.clone(), format!("{media}+zstd"), zstd(tar)),
            })
            .collect();
        self.image_of(name, platform, &layers)
    }

    /// Adds an image of layers that are given as they are, as what they are said to be, and as they are stored.
    pub fn image_of(
        mut self,
        name: &str,
        platform: (&str, &str),
        layers: &[(Vec<u8>, String, Vec<u8>)],
    ) -> Self {
        let diff_id = |tar: &[u8]| {
            if self.is_sha512 { format!("sha512:{}", sha512(tar)) } else { format!("sha256:{}", sha256(tar)) }
        };
        let diff_ids: Vec<String> = layers.iter().map(|(tar, ..)| diff_id(tar)).collect();
        let config = json!({
            "os": platform.0, "architecture": platform.1,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string().into_bytes());
        let layers: Vec<Value> =
            layers.iter().map(|(_, media, stored)| self.blob(media, stored.clone())).collect();
        let media = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": media, "config": config, "layers": layers});
        let mut entry = self.blob(media, manifest.to_string().into_bytes());
        entry["platform"] = json!({"os": platform.0, "architecture": platform.1});
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        self.manifests.push(entry);
        self
    }

    /// Puts all that is listed into an index of its own, which is listed under a name.
    pub fn nested(mut self, name: &str) -> Self {
        let mut inner = std::mem::take(&mut self.manifests);
        for entry in &mut inner {
            if let Some(annotations) = entry["annotations"].as_object_mut() {
                annotations.remove("org.opencontainers.image.ref.name");
            }
        }
        let media = "application/vnd.oci.image.index.v1+json";
        let index = json!({"schemaVersion": 2, "mediaType": media, "manifests": inner});
        let mut entry = self.blob(media, index.to_string().into_bytes());
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        self.manifests.push(entry);
        self
    }

    /// Lists what a descriptor names.
    pub fn listed(mut self, entry: Value) -> Self {
        self.manifests.push(entry);
        self
    }

    /// Adds a blob: its descriptor.
    pub fn blob(&mut self, media: &str, data: Vec<u8>) -> Value {
        let (kind, digest) =
            if self.is_sha512 { ("sha512", sha512(&data)) } else { ("sha256", sha256(&data)) };
        let entry = json!({"mediaType": media, "digest": format!("{kind}:{digest}"), "size": data.len()});
        let path = format!("blobs/{kind}/{digest}");
        if !self.files.iter().any(|(known, _)| *known == path) {
            self.files.push((path, data));
        }
        entry
    }

    fn all(&self) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "manifests": self.manifests});
        let mut files = self.files.clone();
        files.push(("index.json".to_owned(), index.to_string().into_bytes()));
        files.push(("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()));
        files
    }

    /// As a tar.
    pub fn tar(&self) -> Vec<u8> {
        tar_of(&self.all())
    }

    /// As a directory.
    pub fn write(&self, dir: &Path) {
        for (path, data) in self.all() {
            let at = dir.join(path);
            std::fs::create_dir_all(at.parent().expect("a file in a directory")).expect("our own folder");
            std::fs::write(at, data).expect("our own folder");
        }
    }
}

/// Files as a tar.
pub fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, data) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, &data[..]).expect("a vector takes everything");
    }
    tar.into_inner().expect("a vector takes everything")
}
