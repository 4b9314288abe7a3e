//! The layers of a session's containers in a folder, and a script that mounts them without Docker.
//!
//! Each container is committed, so that its writable layer becomes the last layer of an archive that Docker itself would
//! write. The script unpacks each layer once, turns the whiteouts of the archive into those of overlayfs (the image
//! specification, "Whiteouts"; the kernel's overlayfs document, "whiteouts and opaque directories"), and mounts.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::ArchivedImage;
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::program::Stream;
use layerlab_core::session::export::is_host;
use layerlab_core::session::{Event, Request};

use crate::archive::{self, Opened};
use crate::cli::CliError;
use crate::lab::Lab;

/// Where the lab writes its archive.
const IN_LAB: &str = "/tmp/layerlab-export.tar";
/// How many shells are left at most.
const SHELLS_MAX: u32 = 100;
/// The largest piece of a layer that is copied at once.
const PIECE: u64 = 1 << 20;
/// What stands before the layers.
const HEAD: &str = include_str!("mounts.sh");

/// Writes the folder, which must not be there yet.
pub(super) fn write(mut lab: Lab, folder: &Path) -> Result<(), CliError> {
    let failed = |error: io::Error| CliError::File { path: folder.to_owned(), error };
    leave(&mut lab)?;
    let names = said(&mut lab, "docker ps -a --format '{{.Names}}'")?;
    let names: Vec<&str> =
        names.lines().rev().map(|names| names.split(',').next().unwrap_or_default()).collect();
    if names.is_empty() {
        return Err(CliError::Failed("the session has no container, and so no layers to mount".into()));
    }
    let mut tags = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let tag = format!("layerlab-export:{number}");
        said(&mut lab, &format!("docker commit {name} {tag}"))?;
        tags.push(tag);
    }
    said(&mut lab, &format!("docker save -o {IN_LAB} {}", tags.join(" ")))?;
    let layers = folder.join("layers");
    std::fs::create_dir(folder).and_then(|()| std::fs::create_dir(&layers)).map_err(failed)?;
    let saved = tempfile::Builder::new().tempdir_in(folder).map_err(failed)?;
    let saved = saved.path().join("saved.tar");
    lab.copy_out(IN_LAB.as_bytes(), &saved)?;
    let opened = archive::open(&saved, Limits::default())?;
    let mut numbers = Numbers::default();
    let mut mounts = String::new();
    for (name, tag) in names.iter().zip(&tags) {
        let stack = numbers.of(opened.choose(Some(tag), None)?);
        let stack: Vec<String> = stack.iter().map(usize::to_string).collect();
        let _ = writeln!(mounts, "overlay {name} {}", stack.join(" "));
    }
    let mut script = HEAD.to_owned();
    for (index, offset) in numbers.layers.iter().enumerate() {
        let number = index + 1;
        copy(&opened, *offset, &layers.join(format!("{number}.tar"))).map_err(failed)?;
        let _ = writeln!(script, "layer {number}");
    }
    script.push_str(&mounts);
    std::fs::write(folder.join("mounts.sh"), script).map_err(failed)
}

/// Which number each layer has, from 1: an offset and a length in the archive.
#[derive(Default)]
struct Numbers {
    layers: Vec<(u64, u64)>,
}

impl Numbers {
    /// The numbers of an image's layers, lowest first. A layer that stands in it twice has two: overlayfs refuses a directory
    /// that is given twice.
    fn of(&mut self, image: &ArchivedImage) -> Vec<usize> {
        let mut stack = Vec::new();
        for blob in image.layers.iter().filter_map(|layer| layer.blob) {
            let place = (blob.offset, blob.len);
            let mut known = self.layers.iter().enumerate().filter(|(_, known)| **known == place);
            let free = known.find(|(index, _)| !stack.contains(&(index + 1))).map(|(index, _)| index + 1);
            let number = free.unwrap_or_else(|| {
                self.layers.push(place);
                self.layers.len()
            });
            stack.push(number);
        }
        stack
    }
}

/// Copies a layer out of the archive.
fn copy(opened: &Opened, (mut offset, mut left): (u64, u64), to: &Path) -> io::Result<()> {
    let mut source = opened.source();
    let mut file = File::create(to)?;
    while left > 0 {
        let piece = source.read_at(offset, left.min(PIECE) as usize).map_err(io::Error::other)?;
        file.write_all(&piece)?;
        offset += piece.len() as u64;
        left -= piece.len() as u64;
    }
    Ok(())
}

/// Leaves the shells of containers in which the session stands: their layers stay as they are.
fn leave(lab: &mut Lab) -> Result<(), CliError> {
    for _ in 0..SHELLS_MAX {
        let reply = lab.ask(Request::line("exit"), &mut |_| {})?;
        if is_host(&reply.prompt) {
            return Ok(());
        }
    }
    Err(CliError::Failed("the session stands in a shell that does not end".into()))
}

/// What a line prints that must succeed.
fn said(lab: &mut Lab, line: &str) -> Result<String, CliError> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let reply = lab.ask(Request::line(line), &mut |event| {
        if let Event::Output { stream, data } = event {
            if stream == Stream::Stdout { &mut out } else { &mut err }.extend_from_slice(&data);
        }
    })?;
    if reply.status != 0 {
        let err = String::from_utf8_lossy(&err).trim().to_owned();
        return Err(CliError::Failed(format!("{line}: {err}")));
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}
