//! What a `COPY` or an `ADD` finds of its sources: in the context, or in another stage's or image's tree.

use super::super::Engine;
use super::super::error::Named as _;
use super::super::scoped::scoped;
use super::BuildError;
use super::sums::{self, Counted, MAX_ENTRIES};
use crate::dockerfile::ignore;
use crate::kernel::{ByteString, Errno, Task, fs, path};
use crate::oci::gopath;

/// A tree that is copied from.
#[derive(Debug)]
pub(in crate::engine) struct Source {
    /// A process with that tree as its root.
    pub(in crate::engine) task: Task,
    pub(in crate::engine) counted: Counted,
    /// Whether a path that leads above the root is refused (the classic builder), or stays there (BuildKit).
    pub(in crate::engine) confines: bool,
    /// The layer that shows it, which goes when the copy is done.
    pub(in crate::engine) view: Option<String>,
}

/// Something to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Found {
    /// Its path in the source, as it was asked for.
    pub(in crate::engine) asked: String,
    /// Where that leads.
    pub(in crate::engine) at: ByteString,
    /// Whether it is a directory.
    pub(in crate::engine) is_dir: bool,
    /// Its digest, with the word for what it is.
    pub(in crate::engine) sum: String,
}

/// Finds a source by its path or pattern.
///
/// # Errors
/// It is not there.
pub(in crate::engine) fn find(
    engine: &mut Engine<'_>,
    source: &Source,
    asked: &str,
) -> Result<Vec<Found>, BuildError> {
    let asked = asked.strip_prefix('/').unwrap_or(asked);
    let asked = asked.strip_prefix("./").unwrap_or(asked);
    // BuildKit asks the client for paths below the context's root, so that `../a` is `a`.
    let rooted = gopath::clean(format!("/{asked}").as_bytes());
    let rooted = String::from_utf8_lossy(rooted.strip_prefix(b"/").unwrap_or(&rooted)).into_owned();
    let asked = if source.confines { asked } else { &rooted };
    if source.confines
        && !has_wildcards(asked)
        && gopath::clean(asked.as_bytes()).split(|b| *b == b'/').next() == Some(b"..")
    {
        return Err(outside(asked));
    }
    if has_wildcards(asked) {
        let mut found = Vec::new();
        for name in matching(engine, source, asked)? {
            found.push(one(engine, source, &name)?);
        }
        return Ok(found);
    }
    Ok(vec![one(engine, source, asked)?])
}

fn one(engine: &mut Engine<'_>, source: &Source, asked: &str) -> Result<Found, BuildError> {
    let kernel = &mut *engine.kernel;
    let missing = || {
        BuildError::new(format!(
            "file not found in build context or excluded by .dockerignore: stat {asked}: file does not exist"
        ))
    };
    let plain = gopath::clean(asked.as_bytes());
    if plain == b".." || plain.starts_with(b"../") {
        return Err(BuildError::new(format!("forbidden path outside the build context: {asked} ()")));
    }
    let clean = gopath::clean(format!("/{asked}").as_bytes());
    let at = scoped(kernel, &source.task, &clean)?;
    let stat = match kernel.stat(&source.task, &at) {
        Ok(stat) => stat,
        Err(Errno::ENOENT) => return Err(missing()),
        Err(Errno::ENOTDIR) if source.confines => return Err(outside(asked)),
        Err(errno) => {
            let why = crate::engine::go_text(errno);
            return Err(BuildError::new(format!(
                "file not found in build context or excluded by .dockerignore: stat {asked}: {why}"
            )));
        }
    };
    let name = at.strip_prefix(b"/").unwrap_or(&at);
    let sum = if stat.is_dir() {
        sums::tree(kernel, &source.task, &at, name, &source.counted)?
    } else {
        format!("file:{}", sums::entry(kernel, &source.task, &at, name, &stat, &source.counted)?)
    };
    Ok(Found { asked: asked.to_owned(), at, is_dir: stat.is_dir(), sum })
}

/// Docker's words for a path that leads out of the context, and for one below a file.
fn outside(asked: &str) -> BuildError {
    BuildError::new(format!("forbidden path outside the build context: {asked} ()"))
}

/// Whether a source is a pattern.
pub(in crate::engine) fn has_wildcards(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Every path of the source that a pattern matches, in the order of a walk.
fn matching(engine: &mut Engine<'_>, source: &Source, pattern: &str) -> Result<Vec<String>, BuildError> {
    let Some(pattern) = ignore::glob(pattern) else { return Ok(Vec::new()) };
    let kernel = &mut *engine.kernel;
    let mut found = Vec::new();
    let mut open = vec![ByteString::new()];
    let mut count = 0;
    while let Some(below) = open.pop() {
        let at = path::join(b"/", &below);
        if !below.is_empty() {
            count += 1;
            if count > MAX_ENTRIES {
                let why = format!("more than {MAX_ENTRIES} files in the source of a pattern");
                return Err(BuildError::limit(format!("{why}\nLayerlab: these are too many for the lab")));
            }
            let text = below.to_text();
            if pattern.is_match(&text) {
                found.push(text);
            }
            if !kernel.lstat(&source.task, &at).named("lstat", &at)?.is_dir() {
                continue;
            }
        }
        let entries = fs::read_dir_sorted(kernel, &source.task, &at).named("open", &at)?;
        for entry in entries.into_iter().rev() {
            open.push(if below.is_empty() { entry.name } else { path::join(&below, &entry.name) });
        }
    }
    Ok(found)
}
