//! `pwd`: prints the working directory.

use crate::program::{Flow, Program, Scope};

pub(super) const PROGRAM: Program = Program {
    name: "pwd",
    summary: "print the working directory",
    scope: Scope::Everywhere,
    main: |system, process| match system.kernel.getcwd(&process.task) {
        Ok(cwd) => {
            process.print(system, [&cwd[..], b"\n"].concat());
            Flow::OK
        }
        Err(error) => {
            let name = process.speaker().to_vec();
            process.complain(system, [&name[..], b": ", error.text().as_bytes(), b"\n"].concat());
            Flow::Exit(1)
        }
    },
};
