//! The registry's garbage collection: blobs that no manifest names are deleted (`registry/storage/garbagecollect.go`, whose
//! words these are).

use std::collections::BTreeSet;

use super::store::Store;
use crate::kernel::{Kernel, Result};
use crate::oci::manifest::Document;
use crate::oci::{Digest, Limits};

/// How it is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collect {
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--delete-untagged`.
    pub untagged: bool,
}

/// Collects; `say` is given each line, and whether it is one of the log. `None` where there are no blobs to look at.
///
/// # Errors
/// The disk's.
pub fn collect(
    kernel: &mut dyn Kernel,
    store: &Store,
    how: Collect,
    say: &mut dyn FnMut(bool, String),
) -> Result<Option<()>> {
    let Some(blobs) = store.blobs(kernel)? else { return Ok(None) };
    let mut marked = BTreeSet::new();
    let mut dropped: Vec<(String, Digest)> = Vec::new();
    for name in store.repositories(kernel)? {
        say(false, name.clone());
        let tagged = tagged(kernel, store, &name)?;
        for digest in store.revisions(kernel, &name)? {
            if how.untagged && !tagged.contains(&digest) {
                say(false, format!("manifest eligible for deletion: {digest}"));
                dropped.push((name.clone(), digest));
                continue;
            }
            say(false, format!("{name}: marking manifest {digest} "));
            marked.insert(digest);
            for blob in named(kernel, store, &digest)? {
                say(false, format!("{name}: marking blob {blob}"));
                marked.insert(blob);
            }
        }
    }
    if !how.dry_run {
        for (name, digest) in &dropped {
            let path = store.shown_revision(name, digest);
            say(true, format!("deleting manifest: {path}"));
            store.drop_manifest(kernel, name, digest)?;
        }
    }
    let spare: Vec<&Digest> = blobs.iter().filter(|blob| !marked.contains(blob)).collect();
    say(
        false,
        format!(
            "\n{} blobs marked, {} blobs and {} manifests eligible for deletion",
            marked.len(),
            spare.len(),
            dropped.len()
        ),
    );
    for blob in spare {
        say(false, format!("blob eligible for deletion: {blob}"));
        if !how.dry_run {
            let dir = store.delete_blob(kernel, blob)?;
            say(true, format!("Deleting blob: {dir}"));
        }
    }
    Ok(Some(()))
}

fn tagged(kernel: &mut dyn Kernel, store: &Store, name: &str) -> Result<BTreeSet<Digest>> {
    let mut found = BTreeSet::new();
    for tag in store.tags(kernel, name)?.unwrap_or_default() {
        found.extend(store.tagged(kernel, name, &tag)?);
    }
    Ok(found)
}

/// The blobs that a manifest names, its configuration first.
fn named(kernel: &mut dyn Kernel, store: &Store, digest: &Digest) -> Result<Vec<Digest>> {
    let Some(bytes) = store.blob(kernel, digest)? else { return Ok(Vec::new()) };
    Ok(match Document::parse(&bytes, "", Limits::default().json) {
        Ok(Document::Manifest(manifest)) => {
            std::iter::once(&manifest.config).chain(&manifest.layers).map(|one| one.digest).collect()
        }
        Ok(Document::Index(index)) => index.manifests.iter().map(|one| one.digest).collect(),
        Err(_) => Vec::new(),
    })
}
