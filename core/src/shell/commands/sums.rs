//! `md5sum`, `sha256sum` and `sha512sum`.

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

use super::common::args::{Flag, Order, Usage, Value, flag, long, parse};
use super::common::flavour::fault;
use super::common::run::Run;
use super::lines::split;
use crate::kernel::Errno;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "sha256sum", summary: "print or check SHA-256 digests", scope: Scope::Everywhere, main };
pub(super) const MD5: Program =
    Program { name: "md5sum", summary: "print or check MD5 digests", scope: Scope::Everywhere, main };
pub(super) const SHA512: Program =
    Program { name: "sha512sum", summary: "print or check SHA-512 digests", scope: Scope::Everywhere, main };

/// Which digest a program makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    Md5,
    Sha256,
    Sha512,
}

impl Sum {
    fn of(run: &Run<'_, '_>) -> Self {
        match run.process.name() {
            b"md5sum" => Self::Md5,
            b"sha512sum" => Self::Sha512,
            _ => Self::Sha256,
        }
    }

    fn tag(self) -> &'static [u8] {
        match self {
            Self::Md5 => b"MD5 (",
            Self::Sha256 => b"SHA256 (",
            Self::Sha512 => b"SHA512 (",
        }
    }
}

const FLAGS: &[Flag] = &[
    flag('b', "binary", ""),
    flag('c', "check", "check the digests that the files list"),
    flag('t', "text", ""),
    long('\u{1}', "quiet", Value::No, "with -c: no OK"),
    long('\u{2}', "status", Value::No, "with -c: print nothing"),
    long('\u{3}', "tag", Value::No, "BSD's form"),
];
const USAGE: Usage =
    Usage { synopsis: "[OPTION]... [FILE]...", about: "Print or check checksums.", flags: FLAGS, status: 1 };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    for file in Run::or_stdin(parsed.operands.clone()) {
        if parsed.has('c') {
            check(&mut run, &file, parsed.has('\u{1}'), parsed.has('\u{2}'));
            continue;
        }
        match digest(&mut run, &file) {
            Ok(hex) if parsed.has('\u{3}') => {
                run.print([Sum::of(&run).tag(), &file[..], b") = ", hex.as_bytes(), b"\n"].concat());
            }
            Ok(hex) => run.print([hex.as_bytes(), b"  ", &file, b"\n"].concat()),
            Err(error) => refuse(&mut run, &file, error),
        }
    }
    run.end()
}

fn refuse(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    run.fault(if error == Errno::EISDIR { fault::READ } else { fault::OPEN }, file, error);
}

/// The digest of a file, read piece by piece.
fn digest(run: &mut Run<'_, '_>, file: &[u8]) -> Result<String, Errno> {
    match Sum::of(run) {
        Sum::Md5 => digest_as::<Md5>(run, file),
        Sum::Sha256 => digest_as::<Sha256>(run, file),
        Sum::Sha512 => digest_as::<Sha512>(run, file),
    }
}

fn digest_as<D: Digest>(run: &mut Run<'_, '_>, file: &[u8]) -> Result<String, Errno> {
    let handle = run.open(file)?;
    let input = handle.input.ok_or(Errno::EBADF)?;
    let mut hash = D::new();
    let result = loop {
        match run.read(input) {
            Ok(piece) if piece.is_empty() => break Ok(()),
            Ok(piece) => hash.update(&piece),
            Err(error) => break Err(error),
        }
    };
    run.close(&handle);
    result?;
    Ok(hash.finalize().iter().fold(String::with_capacity(128), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

fn check(run: &mut Run<'_, '_>, list: &[u8], quiet: bool, silent: bool) {
    let data = match run.slurp(list) {
        Ok(data) => data,
        Err(error) => return refuse(run, list, error),
    };
    let mut failed = 0;
    for line in split(&data) {
        let Some((hex, name)) = line.iter().position(|b| *b == b' ').map(|at| (&line[..at], &line[at + 1..]))
        else {
            continue;
        };
        let name = name.strip_prefix(b" ").or_else(|| name.strip_prefix(b"*")).unwrap_or(name);
        let good = match digest(run, name) {
            Ok(found) => found.as_bytes() == hex,
            Err(error) => {
                refuse(run, name, error);
                false
            }
        };
        failed += u64::from(!good);
        if !(silent || quiet && good) {
            let text: &[u8] = if good { b": OK\n" } else { b": FAILED\n" };
            run.print([name, text].concat());
        }
    }
    if failed > 0 {
        run.status = 1;
        if !silent {
            let text = if failed == 1 {
                "1 computed checksum did NOT match".to_owned()
            } else {
                format!("{failed} computed checksums did NOT match")
            };
            run.warn(format!("WARNING: {text}"));
        }
    }
}
