//! One name and one hue a layer, wherever it stands: the image that brought it, its place there, and what made it.

use crate::engine::StoredImage;
use crate::oci::Digest;

/// How many hues there are.
pub const HUES: u8 = 8;
/// How many layers below a layer never have its hue: of eight on each other no two look the same.
const APART: usize = HUES as usize - 1;

/// An image with its name and the chain ids of its layers.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) image: StoredImage,
    pub(super) name: String,
    pub(super) chains: Vec<Digest>,
    /// It has no name and is the parent of another, as the steps of a build are: `docker images` does not show it either.
    pub(super) step: bool,
}

/// What a layer of an image is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The image that brought it: of those that have it, the one with the fewest layers; a step of a build only where no
    /// other has it.
    pub(super) image: String,
    /// Its place there, 1 at the bottom.
    pub(super) number: u32,
    /// The command that made it.
    pub(super) command: Option<String>,
    /// The container that it is a commit of.
    pub(super) commit_of: Option<String>,
}

/// Names a layer by its chain id.
pub(super) fn name(images: &[Named], chain: &Digest, container: impl Fn(&str) -> String) -> Option<Name> {
    let with = images.iter().filter(|named| named.chains.contains(chain));
    // The images are in the order of their making: of equals the first is taken.
    let owner = with.min_by_key(|named| (named.step, named.chains.len()))?;
    let at = owner.chains.iter().position(|other| other == chain)?;
    let config = &owner.image.config;
    let steps = config.history.iter().filter(|step| !step.empty_layer);
    let command = steps.map(|step| step.created_by.clone()).nth(at);
    let is_top = at + 1 == owner.chains.len();
    let commit_of = (is_top && is_commit(config)).then(|| container(&config.container));
    let image = owner.name.strip_suffix(":latest").unwrap_or(&owner.name).to_owned();
    Some(Name { image, number: at as u32 + 1, command, commit_of })
}

/// Whether `docker commit` made an image: its last step is the container's own command. That of a build is so after a `RUN`
/// too, whose command is the container's alone: the image has another, or none.
fn is_commit(config: &crate::oci::config::ImageConfig) -> bool {
    let last = config.history.last().map(|step| step.created_by.as_str()).unwrap_or_default();
    let container = &config.container_config.cmd;
    let own = container.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let image = config.config.as_ref().and_then(|config| config.cmd.as_ref());
    let is_run = last.starts_with("/bin/sh -c ") && image != container.as_ref();
    !config.container.is_empty() && last == own && !last.starts_with("/bin/sh -c #(nop)") && !is_run
}

/// The hues of layers on each other, lowest first: each by its chain id and what is below it alone, so that it is the same
/// in every stack, and other than those of the layers close below it.
pub fn hues(chains: &[Digest]) -> Vec<u8> {
    let mut hues: Vec<u8> = Vec::with_capacity(chains.len());
    for (at, chain) in chains.iter().enumerate() {
        let near = &hues[at.saturating_sub(APART)..];
        let free: Vec<u8> = (0..HUES).filter(|hue| !near.contains(hue)).collect();
        let pick = usize::from(chain.as_bytes().first().copied().unwrap_or_default());
        hues.push(free[pick % free.len()]);
    }
    hues
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::chain_ids;

    #[test]
    fn a_hue_is_the_layers_own_and_not_its_neighbours() {
        let diffs: Vec<Digest> = (0..40_u8).map(|n| Digest::of(&[n])).collect();
        let chains = chain_ids(&diffs);
        let all = hues(&chains);
        assert_eq!(all[..7], hues(&chains[..7]), "what lies above a layer changes nothing");
        assert!(all.iter().all(|hue| *hue < HUES));
        assert!(all.windows(8).all(|eight| (1..8).all(|n| eight[n] != eight[0])));
    }
}
