//! `docker push`: what Docker says until a registry answers. The lab's hub takes no images.

use super::super::{Call, Failure};
use crate::oci::Reference;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let text = call.arg(0);
    let name = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
    let all = call.flags.is_set("all-tags");
    let quiet = call.flags.is_set("quiet");
    if all && !name.is_name_only() {
        return Err(Failure::new("tag can't be used with --all-tags/-a"));
    }
    if !all && name.is_name_only() && !quiet {
        call.line("Using default tag: latest");
    }
    if !quiet {
        call.line(&format!("The push refers to repository [{}/{}]", name.domain, name.path));
    }
    let wanted = if all { name.clone() } else { name.clone().or_latest() };
    let mut engine = call.engine()?;
    let found = engine.references()?.into_iter().find(|(known, _)| {
        *known == wanted || all && known.tag.is_some() && known.familiar_name() == name.familiar_name()
    });
    let Some((_, id)) = found else {
        let tag = if all { String::new() } else { format!(" with the tag: {}", name.familiar_name()) };
        return Err(Failure::new(format!("An image does not exist locally{tag}")));
    };
    engine.reach(&name).map_err(|error| Failure::new(error.to_string()))?;
    let layers = engine.image(&id)?.map(|image| image.config.rootfs.diff_ids).unwrap_or_default();
    for layer in layers.iter().rev().filter(|_| !quiet) {
        call.line(&format!("{}: Preparing", layer.short()));
    }
    Err(Failure::new(
        "denied: requested access to the resource is denied\nLayerlab: the lab's hub takes no images; docker save writes one to \
         a file",
    ))
}
