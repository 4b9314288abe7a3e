//! Where the lessons lie: `LANG/NN-name.md`, found beside the program or named.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use layerlab_core::lesson::{Lesson, parse};

use super::lang::Lang;
use crate::cli::outcome::CliError;

/// The lessons, by language and id, in the order of their files.
#[derive(Debug)]
pub(super) struct Shelf {
    order: Vec<String>,
    pages: BTreeMap<(Lang, String), PageFile>,
}

/// A page as it lies there.
#[derive(Debug, Clone)]
pub(super) struct PageFile {
    text: String,
    pub(super) lesson: Lesson,
}

impl Shelf {
    /// Reads the folder named, or `docs/lessons` here or beside the program.
    pub(super) fn find(named: Option<&Path>) -> Result<Self, CliError> {
        let missing =
            || io::Error::other("the lessons are not here: name their folder with --dir (docs/lessons)");
        let folder = folder(named).ok_or_else(missing)?;
        let mut shelf = Self { order: Vec::new(), pages: BTreeMap::new() };
        for lang in Lang::ALL {
            let dir = folder.join(lang.tag());
            let mut files: Vec<PathBuf> = match std::fs::read_dir(&dir) {
                Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(CliError::File { path: dir, error }),
            };
            files.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
            files.sort();
            for file in files {
                let fail = |error| CliError::File { path: file.clone(), error };
                let text = std::fs::read_to_string(&file).map_err(fail)?;
                let lesson = parse(&text).map_err(|error| fail(io::Error::other(error.to_string())))?;
                if !shelf.order.contains(&lesson.id) {
                    shelf.order.push(lesson.id.clone());
                }
                shelf.pages.insert((lang, lesson.id.clone()), PageFile { text, lesson });
            }
        }
        if shelf.pages.is_empty() {
            return Err(CliError::File { path: folder, error: io::Error::other("holds no lessons") });
        }
        Ok(shelf)
    }

    /// The ids, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// A lesson in a language.
    pub(super) fn page(&self, id: &str, lang: Lang) -> Result<PageFile, CliError> {
        self.pages.get(&(lang, id.to_owned())).cloned().ok_or_else(|| {
            let what = if self.order.iter().any(|known| known == id) {
                format!("the lesson {id} is not there in the language {}", lang.tag())
            } else {
                format!("there is no lesson named {id}: see `layerlab lesson list`")
            };
            io::Error::other(what).into()
        })
    }
}

impl PageFile {
    /// The page without its front matter, its solutions and its wrong ways.
    pub(super) fn for_reading(&self) -> String {
        let mut out = format!("# {}\n\n{}\n", self.lesson.title, self.lesson.summary);
        let mut fences = 0;
        let mut hidden = false;
        for line in self.text.lines() {
            if fences < 2 {
                fences += usize::from(line.trim_end() == "---");
                continue;
            }
            match line.trim_end() {
                "```solution" | "```wrong" => hidden = true,
                "```" if hidden => hidden = false,
                _ if hidden => {}
                line => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        out
    }
}

fn folder(named: Option<&Path>) -> Option<PathBuf> {
    if let Some(named) = named {
        return Some(named.to_path_buf());
    }
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let beside = beside.into_iter().flat_map(|folder| {
        [folder.join("lessons"), folder.join("../share/layerlab/lessons"), folder.join("../../docs/lessons")]
    });
    std::iter::once(PathBuf::from("docs/lessons")).chain(beside).find(|folder| folder.is_dir())
}
