//! Writing an image anew: an OCI layout's directory, or one tar that holds both docker's and OCI's documents. The layers'
//! and the configuration's bytes stay as they are, and so does a manifest, but for layers that a reader of the form does not
//! know: Docker 20.10 reads no zstd, and an OCI layout has no bzip2 and no xz. Those are written uncompressed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use layerlab_core::explore::Explorer;
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Layer, LayoutImage, blob_path, docker_half, layout_files};
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::decode::{Compression, Decoder};
use layerlab_core::oci::layer::{Blob, Streamed};
use layerlab_core::oci::manifest::{Descriptor, media};
use layerlab_core::oci::tar::{END, Kind, TarEntry, padding, write_header};

use super::{ArchiveError, Opened};

const PIECE: u64 = 1 << 20;

/// A layer to write.
struct Stored<'a> {
    layer: &'a Layer,
    blob: Blob,
    streamed: Streamed,
    /// It is decompressed.
    is_opened: bool,
}

/// The layers of an image, which were read and checked. One that is not in the archive is an error.
fn stored<'a>(
    opened: &Opened,
    explorer: &'a Explorer,
    for_docker: bool,
) -> Result<Vec<Stored<'a>>, ArchiveError> {
    let layers = explorer.image.layers.iter().zip(&explorer.layers);
    layers
        .map(|(layer, streamed)| {
            let (Some(blob), Some(streamed)) = (layer.blob, *streamed) else {
                let why = format!("{}: not in the archive", layer.file);
                return Err(ArchiveError::File {
                    path: opened.path.clone(),
                    error: io::Error::new(io::ErrorKind::NotFound, why),
                });
            };
            let is_opened = match streamed.compression {
                Compression::None | Compression::Gzip => false,
                Compression::Zstd => for_docker,
                Compression::Bzip2 | Compression::Xz => true,
            };
            Ok(Stored { layer, blob, streamed, is_opened })
        })
        .collect()
}

impl Stored<'_> {
    fn descriptor(&self) -> Descriptor {
        if self.is_opened {
            return Descriptor::new(media::OCI_LAYER, self.streamed.diff_id, self.streamed.len);
        }
        let media_type = match self.streamed.compression {
            _ if !self.layer.media_type.is_empty() => &self.layer.media_type,
            Compression::Gzip => media::OCI_LAYER_GZIP,
            Compression::Zstd => media::OCI_LAYER_ZSTD,
            Compression::None | Compression::Bzip2 | Compression::Xz => media::OCI_LAYER,
        };
        Descriptor::new(media_type, self.streamed.digest, self.blob.len)
    }

    /// Its bytes as they are written.
    fn copy(&self, source: &mut impl BlobSource, limits: Limits, out: &mut impl Write) -> io::Result<()> {
        let start = if self.is_opened { self.streamed.compression } else { Compression::None };
        let mut decoder = Decoder::new(start, limits);
        let (mut at, mut plain) = (0, Vec::new());
        while at < self.blob.len {
            let want = PIECE.min(self.blob.len - at);
            let piece = source.read_at(self.blob.offset + at, want as usize).map_err(io::Error::other)?;
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            at += piece.len() as u64;
            let mut rest = &piece[..];
            while !rest.is_empty() {
                let used = decoder.push(rest, &mut plain).map_err(io::Error::other)?;
                rest = &rest[used..];
                out.write_all(&plain)?;
                plain.clear();
            }
        }
        decoder.finish().map_err(io::Error::other)
    }
}

/// The image of an archive as a registry would hold it, each layer as it is stored.
///
/// # Errors
/// A layer that is not in the archive, or compressed in a way that OCI has no type for.
pub fn image_to_write(opened: &Opened, explorer: &Explorer) -> Result<LayoutImage, ArchiveError> {
    let layers = stored(opened, explorer, false)?;
    if let Some(layer) = layers.iter().find(|layer| layer.is_opened) {
        let why = format!("{}: a registry has no type for a layer compressed like this", layer.layer.file);
        let error = io::Error::new(io::ErrorKind::Unsupported, why);
        return Err(ArchiveError::File { path: opened.path.clone(), error });
    }
    Ok(layout_image(explorer, &layers))
}

fn layout_image(explorer: &Explorer, layers: &[Stored<'_>]) -> LayoutImage {
    LayoutImage {
        config: explorer.image.config.clone(),
        layers: layers.iter().map(Stored::descriptor).collect(),
        manifest: explorer.image.raw.clone().filter(|_| layers.iter().all(|layer| !layer.is_opened)),
        names: explorer.image.names.clone(),
    }
}

/// Writes the image to a path that is not there yet: a tar if its name ends in `.tar`, else a layout's directory. It is
/// made beside its place, and moved there when it is whole.
pub fn write(opened: &Opened, explorer: &Explorer, to: &Path) -> Result<(), ArchiveError> {
    let is_tar = to.extension().is_some_and(|e| e == "tar");
    let layers = stored(opened, explorer, is_tar)?;
    let image = layout_image(explorer, &layers);
    let failed = |error| ArchiveError::File { path: to.to_owned(), error };
    if to.symlink_metadata().is_ok() {
        return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "is there already")));
    }
    let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = layout_files(std::slice::from_ref(&image));
    let mut source = opened.source();
    if is_tar {
        files.push(docker_half(&[image]));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        let made = tempfile::Builder::new().prefix(".layerlab-").permissions(mode).tempfile_in(parent);
        let mut out = made.map_err(failed)?;
        pack(&mut out, &mut source, opened.limits, &layers, &files).map_err(failed)?;
        out.as_file().sync_all().map_err(failed)?;
        out.persist_noclobber(to).map_err(|error| failed(error.error))?;
    } else {
        let stage = tempfile::Builder::new().prefix(".layerlab-").tempdir_in(parent).map_err(failed)?;
        fill(stage.path(), &mut source, opened.limits, &layers, &files).map_err(failed)?;
        fs::rename(stage.keep(), to).map_err(failed)?;
    }
    Ok(())
}

/// The files of a layout in a directory.
fn fill(
    dir: &Path,
    source: &mut impl BlobSource,
    limits: Limits,
    layers: &[Stored<'_>],
    files: &[(String, Vec<u8>)],
) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, PermissionsExt::from_mode(0o755))?;
    // Of both algorithms only that one is there which is needed.
    for path in layers
        .iter()
        .map(|layer| blob_path(&layer.descriptor().digest))
        .chain(files.iter().map(|(path, _)| path.clone()))
    {
        if let Some(parent) = Path::new(&path).parent() {
            fs::create_dir_all(dir.join(parent))?;
        }
    }
    for layer in layers {
        let mut file = File::create(dir.join(blob_path(&layer.descriptor().digest)))?;
        layer.copy(source, limits, &mut file)?;
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
    limits: Limits,
    layers: &[Stored<'_>],
    files: &[(String, Vec<u8>)],
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, out);
    let dirs: BTreeSet<String> = layers
        .iter()
        .map(|layer| format!("blobs/{}/", layer.descriptor().digest.algorithm()))
        .chain(["blobs/".to_owned(), "blobs/sha256/".to_owned()])
        .collect();
    for name in dirs {
        out.write_all(&header(&name, Kind::Dir, 0))?;
    }
    let mut done = BTreeSet::new();
    for layer in layers {
        let Descriptor { digest, size, .. } = layer.descriptor();
        if !done.insert(digest) {
            continue;
        }
        out.write_all(&header(&blob_path(&digest), Kind::File, size))?;
        layer.copy(source, limits, &mut out)?;
        out.write_all(padding(size))?;
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
    let entry = TarEntry { size, ..TarEntry::new(name.as_bytes(), kind, mode) };
    write_header(&entry)
}
