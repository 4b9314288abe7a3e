//! `md5sum`, `sha256sum` and `sha512sum`.

use std::fmt::Write as _;

use md5::Md5;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256, Sha512};

use super::common::args::{Flag, Order, Usage, Value, flag, long, parse};
use super::common::lines::split;
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use crate::kernel::{ByteString, Errno};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "sha256sum", summary: "print or check SHA-256 digests", scope: Scope::Everywhere, main };
pub(super) const MD5: Program =
    Program { name: "md5sum", summary: "print or check MD5 digests", scope: Scope::Everywhere, main };
pub(super) const SHA512: Program =
    Program { name: "sha512sum", summary: "print or check SHA-512 digests", scope: Scope::Everywhere, main };

/// Which digest a program makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    long("quiet", Value::No, "with -c: no OK"),
    long("status", Value::No, "with -c: print nothing"),
    long("tag", Value::No, "BSD's form"),
];
const USAGE: Usage =
    Usage { synopsis: "[OPTION]... [FILE]...", about: "Print or check checksums.", flags: FLAGS, status: 1 };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let files = Run::or_stdin(parsed.operands.clone());
    if !parsed.has('c') {
        let sum = Sum::of(&run);
        let summing = Summing { sum, tag: parsed.has("tag"), hash: Hash::new(sum), failed: false };
        return system.goes_on(Stream::new(files, 0, summing), None);
    }
    let lines = match (parsed.has("status"), parsed.has("quiet")) {
        (true, _) => Lines::None,
        (false, true) => Lines::Failures,
        (false, false) => Lines::All,
    };
    for file in files {
        check(&mut run, &file, lines);
    }
    run.end()
}

/// A digest that is being made.
#[derive(Clone)]
enum Hash {
    Md5(Md5),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hash {
    fn new(sum: Sum) -> Self {
        match sum {
            Sum::Md5 => Self::Md5(Md5::new()),
            Sum::Sha256 => Self::Sha256(Sha256::new()),
            Sum::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Md5(hash) => hex(&hash.finalize()),
            Self::Sha256(hash) => hex(&hash.finalize()),
            Self::Sha512(hash) => hex(&hash.finalize()),
        }
    }

    /// Where it stands, as data.
    fn state(&self) -> (Sum, Vec<u8>) {
        match self {
            Self::Md5(hash) => (Sum::Md5, SerializableState::serialize(hash).to_vec()),
            Self::Sha256(hash) => (Sum::Sha256, SerializableState::serialize(hash).to_vec()),
            Self::Sha512(hash) => (Sum::Sha512, SerializableState::serialize(hash).to_vec()),
        }
    }

    fn of_state(sum: Sum, state: &[u8]) -> Option<Self> {
        fn read<H: SerializableState>(state: &[u8]) -> Option<H> {
            H::deserialize(state.try_into().ok()?).ok()
        }
        Some(match sum {
            Sum::Md5 => Self::Md5(read(state)?),
            Sum::Sha256 => Self::Sha256(read(state)?),
            Sum::Sha512 => Self::Sha512(read(state)?),
        })
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hash").field(&self.state()).finish()
    }
}

impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        self.state() == other.state()
    }
}

impl Eq for Hash {}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.state(), serializer)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (sum, state): (Sum, Vec<u8>) = Deserialize::deserialize(deserializer)?;
        Self::of_state(sum, &state).ok_or_else(|| D::Error::custom("no state of a digest"))
    }
}

/// A sum that goes on, file by file and piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summing {
    sum: Sum,
    tag: bool,
    hash: Hash,
    failed: bool,
}

impl Sink for Summing {
    const NAME: &'static str = "sum";

    fn begin(&mut self, _: &mut Run<'_, '_>, _: &ByteString) -> bool {
        self.hash = Hash::new(self.sum);
        self.failed = false;
        true
    }

    fn piece(&mut self, _: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        self.hash.update(piece);
        piece.len()
    }

    fn unopened(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        refuse(run, file, error);
    }

    fn unreadable(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        refuse(run, file, error);
        self.failed = true;
    }

    fn file_end(&mut self, run: &mut Run<'_, '_>, file: &ByteString) {
        if self.failed {
            return;
        }
        let hex = std::mem::replace(&mut self.hash, Hash::new(self.sum)).finish();
        if self.tag {
            run.print([self.sum.tag(), &file[..], b") = ", hex.as_bytes(), b"\n"].concat());
        } else {
            run.print([hex.as_bytes(), b"  ", &file[..], b"\n"].concat());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn refuse(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    let words = run.words();
    let message = if error == Errno::EISDIR { words.sums_is_directory } else { words.cannot_open };
    run.warn_failed(message, file, error);
}

/// The digest of a file, read piece by piece.
fn digest(run: &mut Run<'_, '_>, file: &[u8]) -> Result<String, Errno> {
    let handle = run.open(file)?;
    let input = handle.input.ok_or(Errno::EBADF)?;
    let mut hash = Hash::new(Sum::of(run));
    let result = loop {
        match run.read(input) {
            Ok(piece) if piece.is_empty() => break Ok(()),
            Ok(piece) => hash.update(&piece),
            Err(error) => break Err(error),
        }
    };
    run.close(&handle);
    result.map(|()| hash.finish())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    All,
    /// `--quiet`.
    Failures,
    /// `--status`.
    None,
}

fn check(run: &mut Run<'_, '_>, list: &[u8], lines: Lines) {
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
        if lines == Lines::All || lines == Lines::Failures && !good {
            let text: &[u8] = if good { b": OK\n" } else { b": FAILED\n" };
            run.print([name, text].concat());
        }
    }
    if failed > 0 {
        run.status = 1;
        if lines != Lines::None {
            let text = if failed == 1 {
                "1 computed checksum did NOT match".to_owned()
            } else {
                format!("{failed} computed checksums did NOT match")
            };
            run.warn(format!("WARNING: {text}"));
        }
    }
}
