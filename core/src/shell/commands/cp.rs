//! `cp`: copies files and trees.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, mistake, parse, valued};
use super::common::copy::{Links, Options, copy};
use super::common::run::Run;
use super::common::text::quote;
use crate::kernel::{ByteString, Errno, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "cp", summary: "copy files and directories", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('a', "archive", "same as -dR --preserve=all"),
    flag('d', "", "keep symbolic links and hard links"),
    flag('f', "force", "remove what cannot be opened, and try again"),
    flag('i', "interactive", "ask before overwriting (nobody is asked here)"),
    flag('H', "", "follow symbolic links named as operands"),
    flag('l', "link", "make hard links instead of copies"),
    flag('L', "dereference", "always follow symbolic links"),
    flag('n', "no-clobber", "never overwrite"),
    flag('P', "no-dereference", "never follow symbolic links"),
    flag('p', "", "keep mode, owner and times"),
    flag('r', "recursive", "copy directories with what is in them"),
    flag('R', "", "the same"),
    flag('s', "symbolic-link", "make symbolic links instead of copies"),
    valued('t', "target-directory", "copy into this directory"),
    flag('T', "no-target-directory", "the destination is a file, never a directory to copy into"),
    flag('u', "update", "copy only what is newer than the destination"),
    flag('v', "verbose", "say what is done"),
    long('\u{1}', "preserve", Value::Optional, "keep these attributes"),
    long('\u{2}', "reflink", Value::Optional, ""),
    long('\u{3}', "sparse", Value::Required, ""),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... SOURCE... DEST",
    about: "Copy SOURCE to DEST, or several SOURCEs into the directory DEST.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let all = parsed.has('a');
    let kept = parsed.value('\u{1}').map(ByteString::to_text);
    let keeps = |what: &str| kept.as_deref().is_some_and(|k| k.split(',').any(|k| k == what || k == "all"));
    let recursive = all || parsed.has('r') || parsed.has('R');
    let options = Options {
        recursive,
        follow: parsed.last_of("LPad") == Some('L'),
        preserve: all
            || parsed.has('p')
            || parsed.has('\u{1}') && kept.is_none()
            || keeps("mode")
            || keeps("timestamps"),
        xattrs: all && !run.is_busybox() || keeps("xattr"),
        links: all || parsed.has('d') || parsed.has('P') || keeps("links"),
        force: parsed.has('f'),
        no_clobber: parsed.has('n'),
        update: parsed.has('u'),
        verbose: parsed.has('v'),
    };
    let into = parsed.value('t').cloned();
    if let [source, last] = &parsed.operands[..]
        && !(leads(&mut run, source) && leads(&mut run, last))
    {
        return run.end();
    }
    let (sources, target) =
        match destination(&mut run, parsed.operands, into, parsed.options.iter().any(|o| o.0 == 'T')) {
            Ok(found) => found,
            Err(status) => return Flow::Exit(status),
        };
    let linked = parsed.options.iter().rev().map(|o| o.0).find(|key| "ls".contains(*key));
    let mut seen = Links::new();
    for source in sources {
        let to = target.path(&source);
        match linked {
            Some(kind) => make_link(&mut run, &source, &to, kind),
            None => {
                if !copy(&mut run, &source, &to, options, &mut seen) {
                    run.status = 1;
                }
            }
        }
    }
    run.end()
}

fn make_link(run: &mut Run<'_, '_>, source: &[u8], to: &[u8], kind: char) {
    let (kernel, task) = run.kernel();
    let result = if kind == 'l' { kernel.link(task, source, to) } else { kernel.symlink(task, source, to) };
    if let Err(error) = result {
        let what = if kind == 'l' { "cannot create hard link" } else { "cannot create symbolic link" };
        run.warn_path(what, to, error);
    }
}

/// Whether a path is not through a file: BusyBox looks at two operands first, and has words of its own for that.
pub(super) fn leads(run: &mut Run<'_, '_>, path: &[u8]) -> bool {
    let is_wrong = run.is_busybox() && run.lstat(path).is_err_and(|error| error == Errno::ENOTDIR);
    if is_wrong {
        run.warn([b"can't stat ", &quote(path)[..], b": Path has non-directory component"].concat());
    }
    !is_wrong
}

/// Where `cp` and `mv` put what they are given.
pub(super) enum Target {
    /// Under this very name.
    File(ByteString),
    /// Into this directory.
    Into(ByteString),
}

impl Target {
    pub(super) fn path(&self, source: &[u8]) -> ByteString {
        match self {
            Self::File(name) => name.clone(),
            Self::Into(dir) => path::join(dir, path::file_name(source).unwrap_or(b"")),
        }
    }
}

/// Splits the operands into sources and target.
pub(super) fn destination(
    run: &mut Run<'_, '_>,
    mut operands: Vec<ByteString>,
    into: Option<ByteString>,
    never_into: bool,
) -> Result<(Vec<ByteString>, Target), u8> {
    if operands.is_empty() {
        return Err(missing(run, &USAGE, "missing file operand"));
    }
    if let Some(dir) = into {
        return match run.stat(&dir) {
            Ok(stat) if stat.is_dir() => Ok((operands, Target::Into(dir))),
            Ok(_) => Err(not_dir(run, "target directory", &dir, "Not a directory")),
            Err(error) => Err(not_dir(run, "target directory", &dir, error.text())),
        };
    }
    let target = operands.pop().unwrap_or_default();
    if operands.is_empty() {
        let text =
            format!("missing destination file operand after {}", String::from_utf8_lossy(&quote(&target)));
        return Err(missing(run, &USAGE, &text));
    }
    if never_into {
        if operands.len() > 1 {
            let text = format!("extra operand {}", String::from_utf8_lossy(&quote(&target)));
            return Err(mistake(run, &USAGE, &text));
        }
        return Ok((operands, Target::File(target)));
    }
    match run.stat(&target) {
        Ok(stat) if stat.is_dir() => Ok((operands, Target::Into(target))),
        // BusyBox takes the last of several for a directory, and finds out at each.
        _ if operands.len() > 1 && run.is_busybox() => Ok((operands, Target::Into(target))),
        Ok(_) if operands.len() > 1 => Err(not_dir(run, "target", &target, "Not a directory")),
        Err(error) if operands.len() > 1 => Err(not_dir(run, "target", &target, error.text())),
        _ => Ok((operands, Target::File(target))),
    }
}

fn not_dir(run: &mut Run<'_, '_>, what: &str, dir: &[u8], text: &str) -> u8 {
    run.warn([what.as_bytes(), b" ", &quote(dir)[..], b": ", text.as_bytes()].concat());
    1
}
