//! The names and paths of a sequence: few, so that operations meet.

use super::{Profile, Random};
use crate::kernel::ByteString;

/// A small set of names, and how deep paths go.
#[derive(Debug)]
pub(super) struct Names {
    names: Vec<&'static str>,
    depth: usize,
}

impl Names {
    pub(super) fn new(random: &mut Random, profile: Profile) -> Self {
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let (count, depth) = match profile {
            Profile::Deep => (2, 7),
            _ => (3 + random.below(4), 3),
        };
        Self { names: all[..count].to_vec(), depth }
    }

    pub(super) fn name(&self, random: &mut Random) -> &'static str {
        random.pick(&self.names)
    }

    /// A path of a random depth.
    pub(super) fn path(&self, random: &mut Random) -> ByteString {
        let mut path = Vec::new();
        for _ in 0..=random.below(self.depth) {
            path.push(b'/');
            path.extend_from_slice(self.name(random).as_bytes());
        }
        path.into()
    }

    /// Where a symbolic link points: near, far, nowhere, round in a circle.
    pub(super) fn target(&self, random: &mut Random) -> ByteString {
        match random.below(8) {
            0 => "nowhere".into(),
            1 => "..".into(),
            2 => format!("../{}", self.name(random)).into(),
            3 => format!("{}/", self.name(random)).into(),
            4 => "/".into(),
            5 | 6 => self.name(random).into(),
            _ => self.path(random),
        }
    }
}
