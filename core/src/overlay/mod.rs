//! The rules by which overlayfs shows several directories as one, without any file system below them.
//!
//! One look-up for everybody: the simulated kernel, the view that explains a path on any kernel ([`Directories`]), and
//! the explorer of images all bring their layers as a [`Layers`] and get the same decisions, step by step where they
//! ask for [`Steps`]; [`explain`] does so for a whole path. Sources: the kernel's `Documentation/filesystems/overlayfs.rst`, and what Linux 6.18 was seen to do.

mod cost;
mod dirs;
mod explain;
mod lookup;
mod merge;
pub(crate) mod options;

pub use cost::{CopyUp, CopyUps, Cost};
pub use dirs::Directories;
pub use explain::{Explained, UpperLayer, explain};
pub use lookup::{Ground, Lookup, Lower, Parts, lookup};
pub use merge::{Below, Listed, Merged};

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// What a name stands for in one layer, as far as overlayfs asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A directory.
    Dir,
    /// A character device 0:0, or an empty file with the attribute `overlay.whiteout` ("whiteouts and opaque
    /// directories").
    Whiteout,
    /// Anything else: a file, a link, a device.
    Other,
}

/// The value of a directory's attribute `overlay.opaque`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opaque {
    /// None, or one without meaning.
    #[default]
    No,
    /// `y`: the directories below are not merged.
    Yes,
    /// `x`: it may hold whiteouts in the form of empty files with an attribute.
    Xattrs,
}

/// Why a redirect cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRedirect {
    /// Redirects are not followed, and the directory may have a part below.
    NotFollowed,
    /// The value is neither one name nor an absolute path of names.
    Malformed,
    /// A name in it is `.`, `..` or nothing.
    NoName,
}

/// Layers to look things up in. Layer 0 is the upper one, whether there is one or not; 1 is the topmost lower.
pub trait Layers {
    /// An object of a layer.
    type Node: Clone;
    /// Why a layer cannot be read.
    type Error;

    /// What `name` is in `dir` of `layer`.
    fn find(
        &mut self,
        layer: usize,
        dir: &Self::Node,
        name: &[u8],
    ) -> Result<Option<(Self::Node, Class)>, Self::Error>;
    /// Whether a directory hides what is below.
    fn opaque(&mut self, layer: usize, dir: &Self::Node) -> Result<Opaque, Self::Error>;
    /// Where a directory's lower part is, if somewhere else: the attribute `overlay.redirect`.
    fn redirect(&mut self, _layer: usize, _dir: &Self::Node) -> Result<Option<ByteString>, Self::Error> {
        Ok(None)
    }
    /// Whether redirects are followed: not with `redirect_dir=nofollow`.
    fn follows(&self) -> bool {
        true
    }
    /// The error for a redirect that cannot be followed. Without one the search ends there.
    fn cannot_follow(&self, _why: BadRedirect) -> Result<(), Self::Error> {
        Ok(())
    }
    /// The layer's root directory.
    fn root(&mut self, layer: usize) -> Self::Node;
    /// The number of the lowest layer.
    fn lowest(&self) -> usize;
}

/// What the look-up saw in one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Saw {
    /// No such name.
    Nothing,
    /// A whiteout.
    Whiteout,
    /// A directory that merges with those below.
    Dir,
    /// A directory that hides those below (`opaque=y`).
    OpaqueDir,
    /// Something that is no directory.
    Other,
    /// Something that is no directory, below one: it does not count.
    Shadowed,
    /// A directory whose lower part has another name.
    Redirect(ByteString),
}

/// What the look-up did then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// It went on to the next layer down.
    Continue,
    /// It stopped: lower layers are not asked.
    Stop,
}

/// One step of a look-up: a layer, what was there, and what followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupStep {
    /// The layer; 0 is the upper one.
    pub layer: usize,
    /// The name that was looked for.
    pub name: ByteString,
    /// What was found.
    pub saw: Saw,
    /// What it meant for the layers below.
    pub then: Then,
}

/// Who watches a look-up.
pub trait Steps {
    /// Whether steps are wanted: where not, none is made.
    const WANTED: bool;
    /// A step was made.
    fn step(&mut self, step: LookupStep);
}

/// The option of an overlay's option string that the lab's overlay mounts do not have, though Linux does: nothing that
/// was asked for is passed over in silence.
pub fn refused_option(data: &[u8]) -> Option<&[u8]> {
    let refused = |option: &&[u8]| match *option {
        b"index=on" | b"metacopy=on" | b"nfs_export=on" | b"verity=on" | b"verity=require" | b"userxattr" => {
            true
        }
        other => other.starts_with(b"datadir+="),
    };
    data.split(|byte| *byte == b',').find(refused)
}

/// Nobody watches.
impl Steps for () {
    const WANTED: bool = false;
    fn step(&mut self, _step: LookupStep) {}
}

/// Every step is kept.
impl Steps for Vec<LookupStep> {
    const WANTED: bool = true;
    fn step(&mut self, step: LookupStep) {
        self.push(step);
    }
}

#[cfg(test)]
mod tests;
