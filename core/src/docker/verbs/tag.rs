//! `docker tag` (oracle: tag-*).

use super::super::{Call, Failure};
use crate::oci::Reference;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (source, target) = (call.arg(0), call.arg(1));
    let name = Reference::parse(&target).map_err(|why| {
        Failure::new(format!("Error parsing reference: \"{target}\" is not a valid repository/tag: {why}"))
    })?;
    if name.digest.is_some() {
        return Err(Failure::new("refusing to create a tag with a digest reference"));
    }
    if name.familiar_name() == "sha256" {
        return Err(Failure::new(
            "Error response from daemon: refusing to create an ambiguous tag using digest algorithm as name",
        ));
    }
    let mut engine = call.engine()?;
    let image = engine.find_image(&source)?;
    let name = name.or_latest();
    engine.tag(&name, &image.id)?;
    engine.tell_image("tag", &image.id, &name.familiar());
    Ok(Flow::OK)
}
