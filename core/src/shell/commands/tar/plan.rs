//! What the arguments of `tar` ask for.

use crate::kernel::ByteString;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    List,
    Extract,
}

/// What the arguments ask for.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Plan {
    pub(super) mode: Mode,
    /// `-f`; `-` is a standard stream.
    pub(super) archive: ByteString,
    pub(super) gzip: bool,
    pub(super) verbose: bool,
    /// `-O`: contents go to standard output.
    pub(super) to_stdout: bool,
    /// `-C`: where the work is done.
    pub(super) dir: ByteString,
    /// `--strip-components`.
    pub(super) strip: usize,
    /// `-p`, and what root does always: modes are taken whole.
    pub(super) keep_modes: bool,
    /// `--exclude`, as they stand.
    pub(super) exclude: Vec<ByteString>,
    pub(super) operands: Vec<ByteString>,
}

/// A path below `-C`.
pub(super) fn below(plan: &Plan, name: &[u8]) -> ByteString {
    if plan.dir.is_empty() { name.into() } else { crate::kernel::path::join(&plan.dir, name) }
}
