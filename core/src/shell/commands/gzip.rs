//! `gzip`, `gunzip` and `zcat`.

use flate2::Compression;

use super::common::args::{Flag, Order, Usage, flag, parse};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, Follow, OpenFlags, SetTime, fs};
use crate::oci::Limits;
use crate::oci::decode::{self, Decoder};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const GZIP: Program =
    Program { name: "gzip", summary: "compress files", scope: Scope::Everywhere, main };
pub(super) const GUNZIP: Program =
    Program { name: "gunzip", summary: "expand files that gzip made", scope: Scope::Everywhere, main };
pub(super) const ZCAT: Program =
    Program { name: "zcat", summary: "print what a gzip file holds", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('c', "stdout", "write to standard output and keep the file"),
    flag('d', "decompress", "expand"),
    flag('f', "force", "write over what is there"),
    flag('k', "keep", "keep the file"),
    flag('t', "test", "look whether the file is whole"),
    flag('v', "verbose", "say what is done"),
    flag('1', "fast", "compress fast"),
    flag('6', "", "compress as usual"),
    flag('9', "best", "compress well"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Compress or uncompress FILEs (by default, compress FILES in-place).",
    flags: FLAGS,
    status: 1,
};

/// What one call does with each file.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
struct Plan {
    expand: bool,
    stdout: bool,
    keep: bool,
    force: bool,
    test: bool,
    verbose: bool,
    level: Compression,
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let name = run.name();
    if run.habits().gunzip_speaks_as_gzip {
        // GNU's gunzip and zcat are scripts around gzip, whose messages name it.
        run.process.spoken = Some("gzip".into());
    }
    let plan = Plan {
        expand: name != "gzip" || parsed.has('d') || parsed.has('t'),
        stdout: name == "zcat" || parsed.has('c'),
        keep: parsed.has('k'),
        force: parsed.has('f'),
        test: parsed.has('t'),
        verbose: parsed.has('v'),
        level: match parsed.last_of("169") {
            Some('1') => Compression::fast(),
            Some('9') => Compression::best(),
            _ => Compression::default(),
        },
    };
    for file in Run::or_stdin(parsed.operands) {
        if let Err(message) = one(&mut run, &plan, &file) {
            run.warn(message);
        }
    }
    run.end()
}

/// Compresses or expands one file; the message of what is wrong.
fn one(run: &mut Run<'_, '_>, plan: &Plan, file: &[u8]) -> Result<(), Vec<u8>> {
    let shown = if file == b"-" { &b"stdin"[..] } else { file };
    let said = |text: &str| [shown, b": ", text.as_bytes()].concat();
    let to_stdout = plan.stdout || file == b"-";
    let target: ByteString = if to_stdout || plan.test {
        ByteString::new()
    } else if plan.expand {
        let stem = file.strip_suffix(b".gz").map(ByteString::from);
        let tar = file.strip_suffix(b".tgz").map(|stem| [stem, b".tar"].concat().into());
        stem.or(tar).ok_or_else(|| said(run.words().gzip_no_suffix))?
    } else if file.ends_with(b".gz") {
        return Err([shown, b" already has .gz suffix -- unchanged"].concat());
    } else {
        [file, b".gz"].concat().into()
    };
    if file != b"-" && run.stat(file).is_ok_and(|stat| stat.is_dir()) {
        return Err([shown, b" is a directory -- ignored"].concat());
    }
    let data = run.slurp(file).map_err(|error| said(error.text()))?;
    let made = if plan.expand {
        if decode::detect(&data) != decode::Compression::Gzip {
            return Err(said("not in gzip format"));
        }
        expand(&data).map_err(|error| said(&error))?
    } else {
        crate::oci::gzip::compress(&data, plan.level)
    };
    if plan.test {
        return Ok(());
    }
    if to_stdout {
        run.print(made);
        return Ok(());
    }
    write(run, plan, file, &target, &made).map_err(|error| {
        let what = if error == Errno::EEXIST { "already exists; not overwritten" } else { error.text() };
        [&target[..], b": ", what.as_bytes()].concat()
    })?;
    if plan.verbose {
        let verb: &[u8] = if plan.keep { b"created " } else { b"replaced with " };
        run.complain([shown, b": ", verb, &target, b"\n"].concat());
    }
    Ok(())
}

/// Writes the new file with the old one's mode, owner and times, and removes the old one.
fn write(run: &mut Run<'_, '_>, plan: &Plan, file: &[u8], target: &[u8], data: &[u8]) -> Result<(), Errno> {
    let stat = run.stat(file)?;
    let (kernel, task) = run.kernel();
    let how = if plan.force { OpenFlags::TRUNC } else { OpenFlags::EXCL };
    fs::with_open(kernel, task, target, OpenFlags::WRONLY | OpenFlags::CREAT | how, 0o600, |kernel, fd| {
        let mut done = 0;
        while done < data.len() {
            done += kernel.pwrite(fd, done as u64, &data[done..])?;
        }
        Ok(())
    })?;
    // An ordinary user may not give a file away; the content is what counts.
    let _ = kernel.chown(task, target, Some(stat.uid), Some(stat.gid), Follow::Target);
    kernel.chmod(task, target, stat.mode)?;
    kernel.utimens(task, target, SetTime::At(stat.atime), SetTime::At(stat.mtime), Follow::Target)?;
    if plan.keep { Ok(()) } else { kernel.unlink(task, file) }
}

/// Expands a compressed text of a kind that [`decode::detect`] knows.
pub(super) fn expand(data: &[u8]) -> Result<Vec<u8>, String> {
    let limits = Limits { expanded: 256 << 20, ..Limits::default() };
    let mut decoder = Decoder::new(decode::detect(data), limits);
    let (mut out, mut at) = (Vec::new(), 0);
    while at < data.len() {
        at += decoder.push(&data[at..], &mut out).map_err(|error| error.to_string())?;
    }
    decoder.finish().map_err(|error| error.to_string())?;
    Ok(out)
}
