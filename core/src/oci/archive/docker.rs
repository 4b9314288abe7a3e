//! `docker save`'s form: `manifest.json` names a configuration and layers by their paths.

use super::{ArchiveError, ArchivedImage, DOCKER_MANIFEST, Layer, Reader, platform_of};
use crate::oci::manifest::parse_archive_manifest;

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<ArchivedImage>, ArchiveError> {
    let bytes = reader.read(DOCKER_MANIFEST)?;
    let items = parse_archive_manifest(&bytes, reader.limits.json)
        .map_err(|fault| ArchiveError::Manifest { file: DOCKER_MANIFEST.to_owned(), fault })?;
    if items.len() > reader.limits.index_entries {
        let limit = reader.limits.index_entries;
        return Err(ArchiveError::Limit { file: DOCKER_MANIFEST.to_owned(), what: "images", limit });
    }
    let mut images = Vec::new();
    for item in items {
        if item.layers.len() > reader.limits.layers {
            return Err(reader.too_many_layers(DOCKER_MANIFEST));
        }
        let bytes = reader.read(&item.config)?;
        let config = reader.config(&item.config, &bytes)?;
        let named = item.config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
        if named.len() == 64 && named != config.id.hex() {
            // moby takes the id from the content: the name is no promise.
            reader.warnings.push(format!("{}: its content is {}", item.config, config.id));
        }
        let diff_ids = &config.config.rootfs.diff_ids;
        if diff_ids.len() != item.layers.len() {
            return Err(ArchiveError::LayerCount {
                file: item.config,
                layers: item.layers.len(),
                diff_ids: diff_ids.len(),
            });
        }
        let mut layers = Vec::with_capacity(item.layers.len());
        for (file, diff_id) in item.layers.into_iter().zip(diff_ids) {
            let blob = Some(reader.index.find(&file)?);
            layers.push(Layer { file, blob, digest: None, diff_id: *diff_id, media_type: String::new() });
        }
        let platform = platform_of(&config);
        let names = item.repo_tags.unwrap_or_default();
        images.push(ArchivedImage { names, manifest: None, raw: None, platform, config, layers });
    }
    Ok(images)
}
