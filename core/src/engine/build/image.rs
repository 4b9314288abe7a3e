//! `FROM`, and the images that steps make.

use super::super::error::{Error, Result};
use super::super::networks::network_of_mode;
use super::super::pull::Progress;
use super::super::stores::StoredImage;
use super::super::{
    Container, CreateSpec, EndpointSettings, Engine, NetworkSettings, UnnamedVolumes, VERSION,
};
use super::BuildError;
use super::cache::created_by;
use super::plan::Build;
use super::stage::Stage;
use crate::dockerfile::{From, Instruction, expand, stages};
use crate::oci::blob::FdBlob;
use crate::oci::config::{ContainerConfig, History};
use crate::oci::layer::{Blob, Expected};
use crate::oci::{Digest, ImageConfig, Reference, chain_id, time};

/// The search path of an image that has none.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The base that is nothing.
const SCRATCH: &str = "scratch";

impl Build {
    /// Begins a stage; returns what its base wants done first.
    pub(super) fn begin(
        &mut self,
        engine: &mut Engine<'_>,
        from: &From,
        env: &[String],
    ) -> std::result::Result<Vec<Instruction>, BuildError> {
        if !from.platform.is_empty() {
            let platform = expand::word(&from.platform, env, self.escape).map_err(BuildError::new)?;
            check_platform(&platform)?;
        }
        let name = expand::word(&from.base, env, self.escape).map_err(BuildError::new)?;
        if name.is_empty() {
            return Err(BuildError::new(format!("base name ({}) should not be blank", from.base)));
        }
        let image = match self.done.iter().find(|(stage, _)| !stage.is_empty() && *stage == name) {
            Some((_, None)) => None,
            Some((_, Some(id))) => engine.image(id)?,
            None if name == SCRATCH => None,
            None => Some(self.base(engine, &name)?),
        };
        let mut config = image.as_ref().and_then(|image| image.config.config.clone()).unwrap_or_default();
        config.open_stdin = false;
        config.stdin_once = false;
        let env = config.env.get_or_insert_default();
        if !env.iter().any(|line| line.starts_with("PATH=")) {
            env.push(PATH.to_owned());
        }
        let triggers = config.on_build.take().unwrap_or_default();
        self.stage = Stage {
            image: image.as_ref().map(|image| image.id),
            author: String::new(),
            config,
            begun: true,
            ..std::mem::take(&mut self.stage)
        };
        if triggers.is_empty() {
            return Ok(Vec::new());
        }
        let s = if triggers.len() > 1 { "s" } else { "" };
        self.say(format!("# Executing {} build trigger{s}\n", triggers.len()));
        triggers.iter().map(|text| stages::trigger(text).map_err(BuildError::new)).collect()
    }

    /// An image by name, pulled where it is not here.
    pub(super) fn base(
        &mut self,
        engine: &mut Engine<'_>,
        name: &str,
    ) -> std::result::Result<StoredImage, BuildError> {
        if !self.options.pull {
            match engine.find_image(name) {
                Err(Error::NotFound(_)) => {}
                found => return Ok(found?),
            }
        }
        let reference =
            Reference::parse(name).map_err(|error| BuildError::new(error.to_string()))?.or_latest();
        let mut lines = Vec::new();
        let pulled = engine.pull(&reference, &mut |line| lines.push(line));
        for line in &lines {
            self.say(progress_text(line));
        }
        pulled?;
        Ok(engine.find_image(name)?)
    }

    /// Makes the container of a step.
    pub(super) fn container(
        &mut self,
        engine: &mut Engine<'_>,
        config: ContainerConfig,
    ) -> Result<Container> {
        let image = match &self.stage.image {
            Some(id) => engine.image(id)?,
            None => None,
        };
        let image = image.unwrap_or_else(nothing);
        let mut networks = NetworkSettings::default();
        let network = network_of_mode(&self.options.host.network_mode).to_owned();
        networks.networks.insert(network, EndpointSettings::default());
        let spec = CreateSpec { name: None, image, config, host: self.options.host.clone(), networks };
        let (container, warnings) = engine.create(spec)?;
        for warning in warnings {
            self.say(format!(" ---> [Warning] {warning}\n"));
        }
        self.say(format!(" ---> Running in {}\n", container.short_id()));
        self.containers.push(container.id.clone());
        Ok(container)
    }

    /// Takes away the containers of a step that is done, or of one that failed where they are to go even then.
    pub(super) fn clear_away(&mut self, engine: &mut Engine<'_>, succeeded: bool) -> Result<()> {
        if !(self.options.force_remove || (self.options.remove && succeeded)) {
            return Ok(());
        }
        for id in std::mem::take(&mut self.containers) {
            let Some(container) = engine.container(&id)? else { continue };
            engine.remove_container(&container, UnnamedVolumes::Removed)?;
            self.say(format!("Removing intermediate container {}\n", container.short_id()));
        }
        Ok(())
    }

    /// Makes an image of a step's container.
    pub(super) fn commit(
        &mut self,
        engine: &mut Engine<'_>,
        container: &str,
        noted: ContainerConfig,
    ) -> Result<()> {
        let (scratch, packed) = engine.pack_container(container)?;
        let step = Step { container, noted, stage: &self.stage };
        let made = engine.step_image(&step, scratch, &packed);
        self.stage.image = Some(made?);
        Ok(())
    }

    /// Makes an image of the entries of a layer that a `COPY` filled; the layer itself goes.
    pub(super) fn commit_layer(
        &mut self,
        engine: &mut Engine<'_>,
        key: &str,
        noted: ContainerConfig,
    ) -> Result<()> {
        let packed = engine.pack_layer(key);
        engine.layers().remove(engine, key)?;
        let (scratch, packed) = packed?;
        let below = self.stage.image.filter(|image| packed.entries > 0 && self.unchanged.contains(image));
        if let Some(image) = below {
            engine.discard(&scratch)?;
            let below = engine.image(&image)?.and_then(|image| image.chain_id());
            let chain = chain_id(below.as_ref(), &packed.diff_id);
            return Err(Error::Failed(format!(
                "failed to export image: failed to create image: failed to get layer {chain}: layer does not exist"
            )));
        }
        let step = Step { container: "", noted, stage: &self.stage };
        let made = engine.step_image(&step, scratch, &packed)?;
        if packed.entries == 0 {
            self.unchanged.insert(made);
        }
        self.stage.image = Some(made);
        Ok(())
    }
}

/// A step whose image is to be made.
struct Step<'s> {
    container: &'s str,
    noted: ContainerConfig,
    stage: &'s Stage,
}

impl Engine<'_> {
    fn step_image(
        &mut self,
        step: &Step<'_>,
        scratch: super::super::register::Scratch,
        packed: &crate::oci::layer::Packed,
    ) -> Result<Digest> {
        let parent = match &step.stage.image {
            Some(id) => self.image(id)?,
            None => None,
        };
        let is_empty = packed.entries == 0;
        let registered = if is_empty {
            Ok(())
        } else {
            let mut source = FdBlob { fd: scratch.fd, size: packed.len };
            let blob = Blob { offset: 0, len: packed.len };
            let expected = Expected { diff_id: Some(packed.diff_id), ..Expected::default() };
            let below = parent.as_ref().and_then(StoredImage::chain_id);
            self.register(&mut source, blob, expected, below.as_ref()).map(drop)
        };
        self.discard(&scratch)?;
        registered?;
        let parent_id = parent.as_ref().map(|image| image.id);
        let mut image = parent.map_or_else(|| nothing().config, |image| image.config);
        if !is_empty {
            image.rootfs.diff_ids.push(packed.diff_id);
        }
        let created = self.now_text();
        image.history.push(History {
            created: created.clone(),
            author: step.stage.author.clone(),
            created_by: created_by(&step.noted),
            comment: String::new(),
            empty_layer: is_empty,
        });
        let document = self.new_document(ImageConfig {
            architecture: if image.architecture.is_empty() { "amd64".to_owned() } else { image.architecture },
            author: step.stage.author.clone(),
            comment: String::new(),
            config: Some(step.stage.config.clone()),
            container: step.container.to_owned(),
            container_config: step.noted.clone(),
            created,
            docker_version: VERSION.to_owned(),
            os: if image.os.is_empty() { "linux".to_owned() } else { image.os },
            ..image
        })?;
        self.image_create(&document, parent_id.as_ref())
    }
}

/// The base of a stage that starts from nothing.
pub(super) fn nothing() -> StoredImage {
    let config = ImageConfig {
        architecture: "amd64".to_owned(),
        os: "linux".to_owned(),
        created: time::ZERO.to_owned(),
        ..ImageConfig::default()
    };
    StoredImage { id: Digest::of(b""), bytes: Vec::new(), config, parent: None, last_tagged: None }
}

/// Images of the lab are for one platform.
fn check_platform(text: &str) -> std::result::Result<(), BuildError> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_good = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    if parts.len() > 3 || !parts.iter().all(|part| is_good(part)) {
        return Err(BuildError::new(format!(
            "\"{text}\": unknown operating system or architecture: invalid argument"
        )));
    }
    let (os, arch) = match parts.as_slice() {
        [one] if matches!(*one, "linux" | "windows" | "darwin" | "freebsd") => (*one, "amd64"),
        [one] => ("linux", *one),
        more => (more[0], more[1]),
    };
    if os.eq_ignore_ascii_case("linux") && matches!(arch, "amd64" | "x86_64" | "x86-64") {
        return Ok(());
    }
    Err(BuildError::new(format!(
        "no match for platform in manifest: not found\nLayerlab: the lab has images for linux/amd64 alone, none for {text}"
    )))
}

fn progress_text(line: &Progress) -> String {
    match line {
        Progress::Pulling(text) => format!("{text}\n"),
        Progress::Layer(digest, what) => format!("{}: {what}\n", digest.short()),
        Progress::Digest(digest) => format!("Digest: {digest}\n"),
        Progress::Status(text) => format!("Status: {text}\n"),
    }
}
