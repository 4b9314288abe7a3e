//! How many bytes BuildKit's client sends of a context or a Dockerfile (recorded builds: `transferring context: 62B`).
//!
//! The client sends a packet with the state of each path (path, mode, size, time, a link's target), then each file's data with its
//! number in that list, each number that is not 0 in two bytes or more. Both lists end in an empty packet.

use super::ops::{CopyOp, Op, Tree, Vertex};
use super::sources::{Known, Source, SourceKey};
use crate::dockerfile::ignore;
use crate::engine::Engine;
use crate::engine::error::{Named as _, Result};
use crate::kernel::{ByteString, FileType, Task, fs, path};
use crate::oci::gopath;

/// The bytes of a number that is cut into pieces of seven bits.
fn digits(number: u64) -> u64 {
    u64::from((64 - number.leading_zeros()).div_ceil(7).max(1))
}

/// The bytes of a field that holds a text or another message.
fn text(len: u64) -> u64 {
    1 + digits(len) + len
}

/// The bytes of a field that holds a number: one that is 0 is left out.
fn number(value: u64) -> u64 {
    if value == 0 { 0 } else { 1 + digits(value) }
}

/// The bytes of one path's packets.
struct Sent {
    total: u64,
    count: u64,
}

impl Sent {
    fn new() -> Self {
        // The end of the list.
        Self { total: 2, count: 0 }
    }

    /// Adds a path. What was `known` before is not sent again.
    fn add(&mut self, path: &[u8], mode: u64, link: u64, data: Option<u64>, known: bool) {
        // The size of a link is that of its target.
        let size = data.unwrap_or(link);
        let link = if link > 0 { text(link) } else { 0 };
        // A time in nanoseconds has nine digits.
        let state = text(path.len() as u64) + number(mode) + number(size) + 10 + link;
        self.total += text(state);
        if let Some(size) = data.filter(|_| !known) {
            let head = 2 + number(self.count);
            let body = if size > 0 { head + text(size) } else { 0 };
            self.total += body + head;
        }
        self.count += 1;
    }
}

/// A file that is sent by itself: its name, its size, and what it is where it is a file of a directory.
type Single<'f> = (&'f str, usize, Option<Known>);

/// Returns the bytes that are sent of files, and what they are.
fn of_files(files: &[Single<'_>], before: &Source) -> (u64, Source) {
    let mut sent = Sent::new();
    let mut now = Source::new();
    for (name, size, known) in files {
        let same = known.is_some() && before.get(*name) == known.as_ref();
        sent.add(name.as_bytes(), 0o644, 0, Some(*size as u64), same);
        now.extend(known.map(|known| ((*name).to_owned(), known)));
    }
    (sent.total, now)
}

/// The sources of a build in its context; none stands for all of it.
fn wanted(vertices: &[Vertex]) -> Option<Vec<String>> {
    let mut wanted = Vec::new();
    for vertex in vertices {
        match &vertex.op {
            Op::Copy(CopyOp { from: Tree::Context, sources, .. }) => {
                for source in sources {
                    let clean = gopath::clean(format!("/{source}").as_bytes());
                    let clean =
                        String::from_utf8_lossy(clean.strip_prefix(b"/").unwrap_or(&clean)).into_owned();
                    if clean.is_empty() {
                        return None;
                    }
                    wanted.push(clean);
                }
            }
            Op::Run(op) if op.mounts.iter().any(|(_, tree)| *tree == Tree::Context) => return None,
            _ => {}
        }
    }
    Some(wanted)
}

impl Engine<'_> {
    /// Returns the bytes that are sent of single files, each by its name and size; with a key they lie in `dir`, as `task`
    /// sees it.
    ///
    /// # Errors
    /// The disk's.
    pub fn files_sent(
        &mut self,
        key: Option<&SourceKey>,
        (task, dir): (&Task, &[u8]),
        files: &[(&str, usize)],
    ) -> Result<u64> {
        let singles: Vec<Single<'_>> = files
            .iter()
            .map(|(name, size)| {
                let stat = self.kernel.stat(task, &path::join(dir, name.as_bytes())).ok();
                (*name, *size, stat.filter(|_| key.is_some()).map(|stat| Known::of(&stat)))
            })
            .collect();
        let before = key.map_or(Ok(Source::new()), |key| self.source(key))?;
        let (total, now) = of_files(&singles, &before);
        if let Some(key) = key {
            self.source_save(key, now)?;
        }
        Ok(total)
    }

    /// Returns the bytes that are sent of a context: of what the build takes from it, and of the directories above that.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn context_sent(
        &mut self,
        context: &str,
        vertices: &[Vertex],
        key: Option<&SourceKey>,
    ) -> Result<u64> {
        let before = key.map_or(Ok(Source::new()), |key| self.source(key))?;
        let mut now = Source::new();
        let wanted = wanted(vertices);
        let globs: Vec<_> = wanted.iter().flatten().filter_map(|source| ignore::glob(source)).collect();
        let takes = |at: &str| match &wanted {
            None => true,
            Some(wanted) => {
                let lies = |below: &str, above: &str| {
                    below.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
                };
                wanted.iter().any(|source| at == source || lies(at, source) || lies(source, at))
                    || at
                        .match_indices('/')
                        .map(|(end, _)| &at[..end])
                        .chain([at])
                        .any(|at| globs.iter().any(|glob| glob.is_match(at)))
            }
        };
        let task = Task::root().chrooted(context);
        let mut sent = Sent::new();
        let mut open = vec![ByteString::new()];
        while let Some(below) = open.pop() {
            let at = path::join(b"/", &below);
            let stat = self.kernel.lstat(&task, &at).named("lstat", &at)?;
            if !below.is_empty() {
                if !takes(&below.to_text()) {
                    continue;
                }
                let bits = u64::from(stat.mode & 0o777);
                let (mode, link, data) = match stat.kind {
                    FileType::Dir => (bits | 1 << 31, 0, None),
                    FileType::Symlink => (bits | 1 << 27, stat.size, None),
                    FileType::File => (bits, 0, Some(stat.size)),
                    _ => (bits, 0, None),
                };
                let known = Known::of(&stat);
                let name = below.to_text();
                sent.add(&below, mode, link, data, before.get(&name) == Some(&known));
                if data.is_some() {
                    now.insert(name, known);
                }
            }
            if stat.is_dir() {
                for entry in
                    fs::read_dir_sorted(self.kernel, &task, &at).named("open", &at)?.into_iter().rev()
                {
                    open.push(if below.is_empty() { entry.name } else { path::join(&below, &entry.name) });
                }
            }
        }
        if let Some(key) = key {
            self.source_save(key, now)?;
        }
        Ok(sent.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_files(files: &[(&str, usize)]) -> u64 {
        let files: Vec<Single<'_>> = files.iter().map(|(name, size)| (*name, *size, None)).collect();
        super::of_files(&files, &Source::new()).0
    }

    #[test]
    fn files_count_as_recorded() {
        for (size, sent) in [(25, 62), (33, 70), (280, 319), (121, 158)] {
            assert_eq!(of_files(&[("Dockerfile", size)]), sent, "{size}");
        }
        assert_eq!(of_files(&[("f", 2)]), 30);
        assert_eq!(of_files(&[("a", 2), ("b", 2)]), 62);
        assert_eq!(of_files(&[("Dockerfile", 179), ("f", 17)]), 265);
        assert_eq!(of_files(&[("build.df", 42), ("build.df.dockerignore", 2)]), 129);
        assert_eq!(of_files(&[(".dockerignore", 39)]), 79);
        assert_eq!(of_files(&[]), 2);
    }
}
