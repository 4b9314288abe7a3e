//! `sync`: writes everything to the disk.

use crate::program::{Flow, Program, Scope};

pub(super) const PROGRAM: Program = Program {
    name: "sync",
    summary: "write everything to the disk",
    scope: Scope::Everywhere,
    main: |_, _| Flow::OK,
};
