//! Symbolic links and file systems on the way down a tree (POSIX `find`, `-H`, `-L` and `-xdev`).

use serde::{Deserialize, Serialize};

use crate::kernel::{Errno, Stat, path};
use crate::shell::commands::common::run::Run;

/// Which symbolic links stand for what they point to. A link that points nowhere always stands for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Follow {
    /// None: `-P`, the default.
    #[default]
    Never,
    /// Those that are named on the command line: `-H`.
    Starts,
    /// All: `-L`, `-follow`.
    Always,
}

impl Follow {
    /// The option at the front of the command line.
    pub(super) fn option(arg: &[u8]) -> Option<Self> {
        Some(match arg {
            b"-P" => Self::Never,
            b"-H" => Self::Starts,
            b"-L" => Self::Always,
            _ => return None,
        })
    }

    /// Looks at a file that is `depth` levels below its start.
    pub(super) fn stat(self, run: &mut Run<'_, '_>, file: &[u8], depth: usize) -> Result<Stat, Errno> {
        let follows = self == Self::Always || (self == Self::Starts && depth == 0);
        if follows { run.stat(file).or_else(|_| run.lstat(file)) } else { run.lstat(file) }
    }

    /// Tells whether a directory is also one above it, from the start at `start` bytes on: a link leads up the tree, and the
    /// way down would never end. Says so then.
    pub(super) fn is_loop(self, run: &mut Run<'_, '_>, file: &[u8], stat: &Stat, start: usize) -> bool {
        if self != Self::Always || !stat.is_dir() {
            return false;
        }
        let mut above = file;
        while above.len() > start {
            above = path::parent(above);
            if run.stat(above).is_ok_and(|one| (one.dev, one.ino) == (stat.dev, stat.ino)) {
                let (file, above) = (run.curly(file), run.curly(above));
                let same: &[u8] = b" is part of the same file system loop as ";
                run.warn([b"File system loop detected; ", &file[..], same, &above].concat());
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn links_are_followed_as_far_as_was_asked() {
        crate::shell::tests::check(
            r"
            $ mkdir -p a/b; ln -s .. a/b/up; ln -s a l; find l; find -H l; find -L l; echo $?
            l
            l
            l/b
            l/b/up
            l
            l/b
            find: File system loop detected; ‘l/b/up’ is part of the same file system loop as ‘l’
            1
            $ mkdir m; mount -t tmpfs none m; touch m/f; find . -xdev -name '[mf]'
            ./m
            ",
        );
    }
}
