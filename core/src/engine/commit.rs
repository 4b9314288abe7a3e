//! `docker commit` and `docker import`: new images (`daemon/images/image_commit.go`, `image/image.go`,
//! `daemon/images/image_import.go`; oracle: commit-*, image-inspect-imp-config).

use super::create::merge;
use super::error::{Error, Result};
use super::{Container, Engine, VERSION, layout};
use crate::oci::blob::{FdBlob, LayerSource};
use crate::oci::config::{ContainerConfig, History};
use crate::oci::decode::{MAGIC_LEN, detect_docker};
use crate::oci::layer::{Blob, Expected};
use crate::oci::{ConfigDocument, Digest, ImageConfig, Reference, time};

/// The diff id of a layer without entries (`layer.DigestSHA256EmptyTar`).
const EMPTY_LAYER: &str = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/// What to write down with a new image.
#[derive(Debug, Clone, Default)]
pub struct CommitOptions {
    /// The image's name.
    pub name: Option<Reference>,
    /// `-m`.
    pub message: String,
    /// `-a`.
    pub author: String,
    /// `-c`, already applied.
    pub config: ContainerConfig,
}

impl Engine<'_> {
    /// Makes an image of a container: its writable layer as a new layer on its image's.
    ///
    /// # Errors
    /// The image's document is gone, or the disk's.
    pub fn commit(&mut self, container: &Container, options: CommitOptions) -> Result<Digest> {
        let mut config = options.config;
        merge(&mut config, &container.config);
        let Some(parent) = self.image(&container.image)? else {
            let (id, path) = (container.image, self.image_store().path(&container.image));
            return Err(Error::Failed(format!(
                "failed to get digest {id}: open {path}: no such file or directory"
            )));
        };
        if container.state.running && !container.state.paused {
            self.tell_container(container, "pause", &[]);
        }
        let (scratch, packed) = self.pack_container(&container.id)?;
        let diff_id = packed.diff_id;
        let registered = if diff_id.to_string() == EMPTY_LAYER {
            // The daemon registers it before it sees that it is empty.
            let is_full = parent.config.rootfs.diff_ids.len() >= layout::MAX_LAYERS;
            if is_full { Err(Error::Failed("max depth exceeded".to_owned())) } else { Ok(()) }
        } else {
            let mut source = FdBlob { fd: scratch.fd, size: packed.len };
            let blob = Blob { offset: 0, len: packed.len };
            let expected = Expected { diff_id: Some(diff_id), ..Expected::default() };
            self.register(&mut source, blob, expected, parent.chain_id().as_ref()).map(drop)
        };
        self.discard(&scratch)?;
        registered?;
        let is_empty = diff_id.to_string() == EMPTY_LAYER;
        let created = self.now_text();
        let mut image = parent.config.clone();
        if !is_empty {
            image.rootfs.diff_ids.push(diff_id);
        }
        image.history.push(History {
            created: created.clone(),
            author: options.author.clone(),
            created_by: container.config.cmd.iter().flatten().cloned().collect::<Vec<_>>().join(" "),
            comment: options.message.clone(),
            empty_layer: is_empty,
        });
        let document = self.new_document(ImageConfig {
            architecture: if image.architecture.is_empty() { "amd64".to_owned() } else { image.architecture },
            author: options.author,
            comment: String::new(),
            config: Some(config),
            container: container.id.clone(),
            container_config: container.config.clone(),
            created,
            docker_version: VERSION.to_owned(),
            os: container.os.clone(),
            ..image
        })?;
        let id = self.image_create(&document, Some(&parent.id))?;
        let mut name = String::new();
        if let Some(reference) = options.name {
            self.tag(&reference, &id)?;
            name = reference.familiar();
            self.tell_image("tag", &id, &name);
        }
        let more = [("comment", &options.message[..]), ("imageID", &id.to_string()), ("imageRef", &name)];
        self.tell_container(container, "commit", &more);
        if container.state.running && !container.state.paused {
            self.tell_container(container, "unpause", &[]);
        }
        Ok(id)
    }

    /// Makes an image of one layer from a root file system's tar.
    ///
    /// # Errors
    /// What is wrong with the tar.
    pub fn import(&mut self, source: &mut dyn LayerSource, options: CommitOptions) -> Result<Digest> {
        let blob = Blob { offset: 0, len: source.size() };
        let start = source.read_at(self.kernel, 0, MAGIC_LEN.min(blob.len as usize));
        let start = start.map_err(|error| Error::Failed(error.to_string()))?;
        let expected = Expected { compression: Some(detect_docker(&start)), ..Expected::default() };
        let (diff_id, _) = self.register(source, blob, expected, None)?;
        let created = self.now_text();
        let document = self.new_document(ImageConfig {
            architecture: "amd64".to_owned(),
            comment: options.message.clone(),
            config: Some(options.config),
            created: created.clone(),
            docker_version: VERSION.to_owned(),
            os: "linux".to_owned(),
            rootfs: crate::oci::config::RootFs { diff_ids: vec![diff_id], ..Default::default() },
            history: vec![History { created, comment: options.message, ..History::default() }],
            ..ImageConfig::default()
        })?;
        let id = self.image_create(&document, None)?;
        if let Some(name) = options.name {
            self.tag(&name, &id)?;
            self.tell_image("tag", &id, &name.familiar());
        }
        self.tell_image("import", &id, &id.to_string());
        Ok(id)
    }

    /// Writes a new image's document. No two images are made at one moment: where a clock that stands still would give
    /// the same image again, the later one is a nanosecond later.
    pub(super) fn new_document(&mut self, mut config: ImageConfig) -> Result<ConfigDocument> {
        loop {
            let document = ConfigDocument::write(config);
            if self.image(&document.id)?.is_none() {
                return Ok(document);
            }
            config = document.config;
            let mut created = config.created_at();
            created.nsec += 1;
            let text = time::format(created);
            if let Some(line) = config.history.last_mut() {
                line.created.clone_from(&text);
            }
            config.created = text;
        }
    }
}
