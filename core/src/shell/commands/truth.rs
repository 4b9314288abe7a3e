//! `true` and `false`.

use crate::program::{Flow, Program, Scope};

pub(super) const TRUE: Program =
    Program { name: "true", summary: "end well", scope: Scope::Everywhere, main: |_, _| Flow::OK };
pub(super) const FALSE: Program =
    Program { name: "false", summary: "end badly", scope: Scope::Everywhere, main: |_, _| Flow::Exit(1) };
