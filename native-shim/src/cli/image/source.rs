//! Where an image is taken from: a file, Docker's own store, a registry.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use layerlab_core::oci::Limits;

use crate::archive::{self, ArchiveError, Opened};
use crate::cli::CliError;
use crate::cli::registry::{Bars, Connection, reference};
use crate::registry::pull;
use crate::store::Store;
use crate::temp::Folder;

/// An open archive, and the folder that it lies in if that was made for it.
pub(super) struct Taken {
    pub(super) opened: Opened,
    _folder: Option<Folder>,
}

/// Opens `FILE`, `docker:NAME` or `registry:REF`.
pub(super) fn take(
    text: &str,
    connection: &Connection,
    platform: Option<&str>,
    limits: Limits,
) -> Result<Taken, CliError> {
    if let Some(name) = text.strip_prefix("docker:") {
        return of_docker(name, limits);
    }
    if let Some(name) = text.strip_prefix("registry:") {
        let name = reference(name)?;
        let folder = Folder::new("pull")?;
        let store = Store::open(folder.path())?;
        pull(&connection.client(&name.domain)?, &name, platform, &store, &Bars::new())?;
        let mut opened = archive::open(folder.path(), limits)?;
        opened.path = PathBuf::from(text);
        return Ok(Taken { opened, _folder: Some(folder) });
    }
    match archive::open(Path::new(text), limits) {
        Ok(opened) => Ok(Taken { opened, _folder: None }),
        Err(error) => Err(perhaps_a_name(text, &error).unwrap_or_else(|| error.into())),
    }
}

/// Who names an image where a file is wanted is told how to.
fn perhaps_a_name(text: &str, error: &ArchiveError) -> Option<CliError> {
    let missing =
        matches!(error, ArchiveError::File { error, .. } if error.kind() == io::ErrorKind::NotFound);
    let is_path = text.starts_with(['.', '/']) || Path::new(text).extension().is_some_and(|end| end == "tar");
    (missing && !is_path && reference(text).is_ok()).then(|| {
        CliError::Failed(format!(
            "{text}: there is no such file; an image of the Docker here is docker:{text}, one of a registry registry:{text}"
        ))
    })
}

/// What `docker save` writes, in a file that has no name by the time it is read.
fn of_docker(name: &str, limits: Limits) -> Result<Taken, CliError> {
    let folder = Folder::new("save")?;
    let path = folder.path().join("image.tar");
    let file = std::fs::File::create(&path)?;
    let mut docker = Command::new("docker");
    docker.args(["save", "--", name]).stdin(Stdio::null()).stdout(file);
    let status = docker.status().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CliError::Usage(format!(
            "docker:{name}: there is no docker here; save the image where there is one"
        )),
        _ => CliError::Io(error),
    })?;
    if !status.success() {
        return Err(CliError::Failed(format!("docker:{name}: docker save: {status}")));
    }
    let mut opened = archive::open(&path, limits)?;
    opened.path = PathBuf::from(format!("docker:{name}"));
    Ok(Taken { opened, _folder: Some(folder) })
}
