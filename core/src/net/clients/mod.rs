//! The programs that ask: a file a program.

mod curl;
mod databases;
mod ip;
mod nc;
mod ping;
mod resolve;
mod wget;

pub use ip::around;

use crate::program::Program;

/// All of them.
pub fn programs() -> Vec<Program> {
    let mut programs = vec![
        curl::PROGRAM,
        ip::PROGRAM,
        nc::PROGRAM,
        ping::PROGRAM,
        resolve::GETENT,
        resolve::NSLOOKUP,
        wget::PROGRAM,
    ];
    programs.extend(databases::PROGRAMS);
    programs
}
