//! Writing an image anew: an OCI layout's directory, or one tar that holds both docker's and OCI's documents. The layers'
//! and the configuration's bytes stay as they are, and so does a manifest.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use layerlab_core::explore::Explorer;
use layerlab_core::oci::archive::{LayoutImage, blob_path, docker_half, layout_files};
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::decode::Compression;
use layerlab_core::oci::layer::Blob;
use layerlab_core::oci::manifest::{Descriptor, media};
use layerlab_core::oci::tar::{END, Entry, Format, Kind, padding, write_header};

use super::{ArchiveError, Opened};

const PIECE: u64 = 1 << 20;

/// The image of an archive as it would be written; its layers were read and checked. A layer that is not in the archive
/// is an error.
pub fn image_to_write(opened: &Opened, explorer: &Explorer) -> Result<LayoutImage, ArchiveError> {
    let image = &explorer.image;
    let mut layers = Vec::with_capacity(image.layers.len());
    for (layer, streamed) in image.layers.iter().zip(&explorer.layers) {
        let (Some(blob), Some(streamed)) = (layer.blob, streamed) else {
            return Err(ArchiveError::File {
                path: opened.path.clone(),
                error: io::Error::new(io::ErrorKind::NotFound, format!("{}: not in the archive", layer.file)),
            });
        };
        let media_type = match streamed.compression {
            _ if !layer.media_type.is_empty() => &layer.media_type,
            Compression::None => media::OCI_LAYER,
            Compression::Gzip => media::OCI_LAYER_GZIP,
            Compression::Zstd => media::OCI_LAYER_ZSTD,
        };
        layers.push(Descriptor::new(media_type, streamed.digest, blob.len));
    }
    Ok(LayoutImage {
        config: image.config.clone(),
        layers,
        manifest: image.raw.clone(),
        names: image.names.clone(),
    })
}

/// Writes the image to a path that is not there yet: a tar if its name ends in `.tar`, else a layout's directory. It is
/// made beside its place, and moved there when it is whole.
pub fn write(opened: &Opened, explorer: &Explorer, to: &Path) -> Result<(), ArchiveError> {
    let image = image_to_write(opened, explorer)?;
    let failed = |error| ArchiveError::File { path: to.to_owned(), error };
    if to.symlink_metadata().is_ok() {
        return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "is there already")));
    }
    let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let blobs: Vec<(String, Blob)> = image
        .layers
        .iter()
        .zip(&explorer.image.layers)
        .filter_map(|(layer, of)| Some((blob_path(&layer.digest), of.blob?)))
        .collect();
    let mut files = layout_files(std::slice::from_ref(&image));
    let mut source = opened.source();
    if to.extension().is_some_and(|e| e == "tar") {
        files.push(docker_half(&[image]));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        let made = tempfile::Builder::new().prefix(".layerlab-").permissions(mode).tempfile_in(parent);
        let mut out = made.map_err(failed)?;
        pack(&mut out, &mut source, &blobs, &files).map_err(failed)?;
        out.as_file().sync_all().map_err(failed)?;
        out.persist_noclobber(to).map_err(|error| failed(error.error))?;
    } else {
        let stage = tempfile::Builder::new().prefix(".layerlab-").tempdir_in(parent).map_err(failed)?;
        fill(stage.path(), &mut source, &blobs, &files).map_err(failed)?;
        fs::rename(stage.keep(), to).map_err(failed)?;
    }
    Ok(())
}

/// The files of a layout in a directory.
fn fill(
    dir: &Path,
    source: &mut impl BlobSource,
    blobs: &[(String, Blob)],
    files: &[(String, Vec<u8>)],
) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, PermissionsExt::from_mode(0o755))?;
    fs::create_dir_all(dir.join("blobs/sha256"))?;
    for (path, blob) in blobs {
        let mut file = File::create(dir.join(path))?;
        copy(source, *blob, &mut file)?;
        file.sync_all()?;
    }
    for (path, data) in files {
        let mut file = File::create(dir.join(path))?;
        file.write_all(data)?;
        file.sync_all()?;
    }
    Ok(())
}

/// The same files as a tar, which is the same for the same image: no times, no owners.
fn pack(
    out: &mut impl Write,
    source: &mut impl BlobSource,
    blobs: &[(String, Blob)],
    files: &[(String, Vec<u8>)],
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, out);
    for name in ["blobs/", "blobs/sha256/"] {
        out.write_all(&header(name, Kind::Dir, 0))?;
    }
    let mut done = std::collections::BTreeSet::new();
    for (path, blob) in blobs.iter().filter(|(path, _)| done.insert(path.clone())) {
        out.write_all(&header(path, Kind::File, blob.len))?;
        copy(source, *blob, &mut out)?;
        out.write_all(padding(blob.len))?;
    }
    for (path, data) in files {
        out.write_all(&header(path, Kind::File, data.len() as u64))?;
        out.write_all(data)?;
        out.write_all(padding(data.len() as u64))?;
    }
    out.write_all(&END)?;
    out.flush()
}

fn header(name: &str, kind: Kind, size: u64) -> Vec<u8> {
    let mode = if kind == Kind::Dir { 0o755 } else { 0o644 };
    let entry = Entry { size, ..Entry::new(name.as_bytes(), kind, mode) };
    write_header(&entry, Format::Auto)
}

fn copy(source: &mut impl BlobSource, blob: Blob, out: &mut impl Write) -> io::Result<()> {
    let mut at = 0;
    while at < blob.len {
        let want = PIECE.min(blob.len - at);
        let piece = source.read_at(blob.offset + at, want as usize).map_err(io::Error::other)?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.write_all(&piece)?;
        at += piece.len() as u64;
    }
    Ok(())
}
