//! `cp`: copies files and trees.

use super::common::args::{Flag, Order, Parsed, Usage, Value, flag, long, missing, mistake, parse, valued};
use super::common::ask::cannot_ask;
use super::common::busycopy::{Flags, Link, Seen, copy_file};
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
    flag('i', "interactive", "ask before overwriting"),
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
    long("preserve", Value::Optional, "keep these attributes"),
    long("reflink", Value::Optional, ""),
    long("sparse", Value::Required, ""),
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
    let lost = targets(&mut run, &parsed);
    if parsed.last_of("in") == Some('i') && cannot_ask(&mut run, "cp", &lost) {
        return Flow::Exit(1);
    }
    if run.habits().copies_in_steps {
        return in_steps(run, parsed);
    }
    if let Err(status) = check_values(&mut run, &parsed) {
        return Flow::Exit(status);
    }
    let all = parsed.has('a');
    let kept = parsed.value("preserve").map(ByteString::to_text);
    let keeps = |what: &str| kept.as_deref().is_some_and(|k| k.split(',').any(|k| k == what || k == "all"));
    let recursive = all || parsed.has('r') || parsed.has('R');
    let options = Options {
        recursive,
        follow: parsed.last_of("LPHad") == Some('L'),
        follow_first: parsed.last_of("LPHad") == Some('H'),
        preserve: all
            || parsed.has('p')
            || parsed.has("preserve") && kept.is_none()
            || keeps("mode")
            || keeps("timestamps"),
        xattrs: all || keeps("xattr"),
        links: all || parsed.has('d') || parsed.has('P') || keeps("links"),
        force: parsed.has('f'),
        no_clobber: parsed.has('n'),
        update: parsed.has('u'),
        verbose: parsed.has('v'),
    };
    let (exact, into) = (parsed.has('T'), parsed.value('t').cloned());
    let linked = parsed.last_of("ls");
    let (sources, target) = match destination(&mut run, parsed.operands, into, exact) {
        Ok(found) => found,
        Err(status) => return Flow::Exit(status),
    };
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

/// Checks the words that options take, as GNU's `cp` does. What they ask for beyond an ordinary copy is refused: the file
/// systems of the lab share no blocks, and a copy has the holes of its source.
fn check_values(run: &mut Run<'_, '_>, parsed: &Parsed) -> Result<(), u8> {
    const WHEN: [&str; 3] = ["auto", "always", "never"];
    const SPARSE: [&str; 3] = ["never", "auto", "always"];
    const KEPT: [&str; 7] = ["mode", "timestamps", "ownership", "links", "context", "xattr", "all"];
    let tables: [(&str, &[&str]); 3] = [("reflink", &WHEN), ("sparse", &SPARSE), ("preserve", &KEPT)];
    for (name, known) in tables {
        let Some(value) = parsed.value(name).map(ByteString::to_text) else { continue };
        let unknown = value.split(',').find(|word| !known.contains(word));
        if let Some(word) = unknown {
            let text = format!("invalid argument \u{2018}{word}\u{2019} for \u{2018}--{name}\u{2019}");
            let text = known.iter().fold(text + "\nValid arguments are:", |text, word| {
                text + "\n  - \u{2018}" + word + "\u{2019}"
            });
            return Err(mistake(run, &USAGE, &text));
        }
        let refused = match (name, &value[..]) {
            ("reflink", "always") => "the lab's file systems share no blocks; leave --reflink out",
            ("sparse", "always" | "never") => "a copy has the holes of its source here; leave --sparse out",
            ("preserve", value) if value.contains("context") => "the lab has no SELinux contexts to preserve",
            _ => continue,
        };
        run.complain(format!("Layerlab: {refused}\n"));
        return Err(1);
    }
    Ok(())
}

/// The paths that a copy or a move would write to.
pub(super) fn targets(run: &mut Run<'_, '_>, parsed: &Parsed) -> Vec<ByteString> {
    let (sources, to) = match (parsed.value('t'), parsed.operands.split_last()) {
        (Some(to), _) => (&parsed.operands[..], to),
        (None, Some((to, sources))) => (sources, to),
        (None, None) => return Vec::new(),
    };
    if !run.stat(to).is_ok_and(|stat| stat.is_dir()) {
        return vec![to.clone()];
    }
    sources.iter().filter_map(|source| Some(path::join(to, path::file_name(source)?))).collect()
}

/// Copies by the rules of `busycopy`.
fn in_steps(mut run: Run<'_, '_>, parsed: Parsed) -> Flow {
    let keeps_links = parsed.last_of("dPrRa").is_some();
    let flags = Flags {
        recursive: parsed.last_of("rRa").is_some(),
        follow: !keeps_links || parsed.has('L'),
        follow_first: parsed.has('H'),
        preserve: parsed.has('p') || parsed.has('a'),
        force: parsed.has('f'),
        no_clobber: parsed.last_of("in") == Some('n'),
        update: parsed.has('u'),
        verbose: parsed.has('v'),
        link: match parsed.last_of("ls") {
            Some('l') => Some(Link::Hard),
            Some(_) => Some(Link::Soft),
            None => None,
        },
    };
    let (exact, into) = (parsed.has('T'), parsed.value('t').cloned());
    let (sources, last) = match operands(&mut run, &USAGE, parsed.operands, into.clone()) {
        Ok(found) => found,
        Err(status) => return Flow::Exit(status),
    };
    let mut to_last = false;
    if let ([source], None) = (&sources[..], &into) {
        let Some(from) = there(&mut run, source, flags.follow) else { return run.end() };
        let Some(to) = there(&mut run, &last, true) else { return run.end() };
        if exact && from != There::Dir && to == There::Dir {
            run.warn([b"'", &last[..], b"' is a directory"].concat());
            return run.end();
        }
        let is_new = flags.recursive && from == There::Dir && to == There::Nothing;
        to_last = from != There::Dir && to != There::Dir || is_new || exact;
    }
    let mut seen = Seen::new();
    for source in sources {
        let (source, to) = if to_last { (source, last.clone()) } else { inside(&last, &source) };
        if !copy_file(&mut run, &source, &to, flags, &mut seen) {
            run.status = 1;
        }
    }
    run.end()
}

/// The sources and the last operand, which `-t` may have named.
pub(super) fn operands(
    run: &mut Run<'_, '_>,
    usage: &Usage,
    mut operands: Vec<ByteString>,
    into: Option<ByteString>,
) -> Result<(Vec<ByteString>, ByteString), u8> {
    let last = match into {
        Some(into) => into,
        None if operands.len() < 2 => return Err(missing(run, usage, "missing file operand")),
        None => operands.pop().unwrap_or_default(),
    };
    if operands.is_empty() { Err(missing(run, usage, "missing file operand")) } else { Ok((operands, last)) }
}

/// What is found out about a path first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum There {
    Nothing,
    Other,
    Dir,
}

/// Looks at a path; `None` where it cannot be looked at, with a message.
pub(super) fn there(run: &mut Run<'_, '_>, path: &[u8], follow: bool) -> Option<There> {
    match if follow { run.stat(path) } else { run.lstat(path) } {
        Ok(stat) if stat.is_dir() => Some(There::Dir),
        Ok(_) => Some(There::Other),
        Err(Errno::ENOENT) => Some(There::Nothing),
        Err(Errno::ENOTDIR) => {
            run.warn([b"can't stat '", path, b"': Path has non-directory component"].concat());
            None
        }
        Err(error) => {
            run.warn_path("can't stat", path, error);
            None
        }
    }
}

/// A source without slashes at its end, and its name in a directory.
pub(super) fn inside(dir: &[u8], source: &ByteString) -> (ByteString, ByteString) {
    let end = source.iter().rposition(|b| *b != b'/').map_or(source.len().min(1), |at| at + 1);
    let to = path::join(dir, path::file_name(source).unwrap_or(b""));
    (source[..end].into(), to)
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
        Ok(_) if operands.len() > 1 => Err(not_dir(run, "target", &target, "Not a directory")),
        Err(error) if operands.len() > 1 => Err(not_dir(run, "target", &target, error.text())),
        _ => Ok((operands, Target::File(target))),
    }
}

fn not_dir(run: &mut Run<'_, '_>, what: &str, dir: &[u8], text: &str) -> u8 {
    run.warn([what.as_bytes(), b" ", &quote(dir)[..], b": ", text.as_bytes()].concat());
    1
}
