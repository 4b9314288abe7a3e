//! `-v`: directories of the host and named volumes in a container (`daemon/volumes.go`).

use std::collections::BTreeMap;

use crate::engine::{Engine, HostConfig, Image, MountPoint};
use crate::kernel::path;

/// What the line's `-v` and the image's `VOLUME`s mount; volumes are made.
pub(super) fn mounts(
    engine: &mut Engine<'_>,
    specs: &[String],
    image: &Image,
    host: &mut HostConfig,
) -> Result<BTreeMap<String, MountPoint>, String> {
    let mut mounts = BTreeMap::new();
    let mut binds = Vec::new();
    for spec in specs {
        let parts: Vec<&str> = spec.split(':').collect();
        let (source, destination, mode) = match parts.as_slice() {
            [destination] => ("", *destination, ""),
            [source, destination] => (*source, *destination, ""),
            [source, destination, mode] => (*source, *destination, *mode),
            _ => return Err(format!("Error response from daemon: invalid volume specification: '{spec}'")),
        };
        if spec.is_empty() || (parts.len() > 1 && source.is_empty()) || destination.is_empty() {
            return Err(format!("Error response from daemon: invalid volume specification: '{spec}'"));
        }
        if !destination.starts_with('/') {
            return Err(format!(
                "Error response from daemon: invalid volume specification: '{spec}': invalid mount config for type \
                 \"volume\": invalid mount path: '{destination}' mount path must be absolute"
            ));
        }
        if !mode.split(',').all(|word| matches!(word, "" | "ro" | "rw" | "z" | "Z")) {
            return Err(format!("Error response from daemon: invalid mode: {mode}"));
        }
        let writable = !mode.split(',').any(|word| word == "ro");
        let place = path::normalize(destination.as_bytes()).to_text();
        if place == "/" {
            return Err(format!(
                "Error response from daemon: invalid volume specification: '{spec}': invalid mount config for type \
                 \"bind\": invalid specification: destination can't be '/'"
            ));
        }
        let mount = if source.starts_with('/') {
            binds.push(spec.clone());
            engine.make_host_dir(source).map_err(|error| format!("Error response from daemon: {error}"))?;
            MountPoint {
                kind: "bind".to_owned(),
                name: String::new(),
                source: source.to_owned(),
                destination: place.clone(),
                writable,
            }
        } else {
            if !source.is_empty() {
                binds.push(spec.clone());
            }
            volume(engine, source, &place, writable, image)?
        };
        mounts.insert(place, mount);
    }
    let declared = image.config.config.as_ref().and_then(|config| config.volumes.clone()).unwrap_or_default();
    for place in declared.0 {
        if !mounts.contains_key(&place) && place.starts_with('/') {
            let mount = volume(engine, "", &place, true, image)?;
            mounts.insert(place, mount);
        }
    }
    host.binds = (!binds.is_empty()).then_some(binds);
    Ok(mounts)
}

fn volume(
    engine: &mut Engine<'_>,
    name: &str,
    place: &str,
    writable: bool,
    image: &Image,
) -> Result<MountPoint, String> {
    let daemon = |error: crate::engine::Error| format!("Error response from daemon: {error}");
    let (name, source) = engine.volume_for(name, place, image).map_err(daemon)?;
    Ok(MountPoint { kind: "volume".to_owned(), name, source, destination: place.to_owned(), writable })
}
