//! Where the lessons lie: `course.json` and `LANG/NN-name.md`, found beside the program or named.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use layerlab_core::lesson::{Course, Lesson, LessonError, course, parse};

use super::lang::Lang;
use crate::cli::outcome::CliError;

/// The lessons, by language and id, in the order of the course; those that it does not have follow by their files.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) folder: PathBuf,
    pub(super) course: Course,
    order: Vec<String>,
    pages: BTreeMap<(Lang, String), PageFile>,
    /// Pages that cannot be read.
    pub(super) broken: Vec<(PathBuf, LessonError)>,
}

/// A page as it lies there.
#[derive(Debug, Clone)]
pub(super) struct PageFile {
    pub(super) path: PathBuf,
    pub(super) lesson: Lesson,
}

impl Shelf {
    /// Reads the folder named, or `docs/lessons` here or beside the program.
    pub(super) fn find(named: Option<&Path>) -> Result<Self, CliError> {
        let missing =
            || io::Error::other("the lessons are not here: name their folder with --dir (docs/lessons)");
        let folder = folder(named).ok_or_else(missing)?;
        let path = folder.join("course.json");
        let course = match std::fs::read_to_string(&path) {
            Ok(text) => course(&text)
                .map_err(|error| CliError::File { path, error: io::Error::other(error.to_string()) })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Course::default(),
            Err(error) => return Err(CliError::File { path, error }),
        };
        let order = course.order().map(str::to_owned).collect();
        let mut shelf =
            Self { folder: folder.clone(), course, order, pages: BTreeMap::new(), broken: Vec::new() };
        for lang in Lang::ALL {
            for path in files(&folder, lang)? {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| CliError::File { path: path.clone(), error })?;
                match parse(&text) {
                    Ok(lesson) => {
                        if !shelf.order.contains(&lesson.id) {
                            shelf.order.push(lesson.id.clone());
                        }
                        shelf.pages.insert((lang, lesson.id.clone()), PageFile { path, lesson });
                    }
                    Err(error) => shelf.broken.push((path, error)),
                }
            }
        }
        if shelf.pages.is_empty() && shelf.broken.is_empty() {
            return Err(CliError::File { path: folder, error: io::Error::other("holds no lessons") });
        }
        Ok(shelf)
    }

    /// The ids, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let is_there =
            |id: &&String| Lang::ALL.iter().any(|lang| self.pages.contains_key(&(*lang, (*id).clone())));
        self.order.iter().filter(is_there).map(String::as_str)
    }

    /// The lessons that can be read, in every language.
    pub(super) fn lessons(&self) -> Vec<&Lesson> {
        self.pages.values().map(|page| &page.lesson).collect()
    }

    /// A lesson in a language.
    pub(super) fn page(&self, id: &str, lang: Lang) -> Result<&PageFile, CliError> {
        let page = self.pages.get(&(lang, id.to_owned()));
        page.ok_or_else(|| self.missing(id, lang).into())
    }

    fn missing(&self, id: &str, lang: Lang) -> io::Error {
        let ending = format!("-{id}.md");
        let tag = lang.tag();
        let broken = self.broken.iter().find(|(path, _)| path.to_string_lossy().ends_with(&ending));
        io::Error::other(match broken {
            Some((path, error)) => format!("{}: {error}", path.display()),
            None if self.ids().any(|known| known == id) => {
                format!("the lesson {id} is not there in the language {tag}")
            }
            None => format!("there is no lesson named {id}: see `layerlab lesson list`"),
        })
    }
}

/// The pages of a language, by name.
pub(super) fn files(folder: &Path, lang: Lang) -> Result<Vec<PathBuf>, CliError> {
    let dir = folder.join(lang.tag());
    let mut files: Vec<PathBuf> = match std::fs::read_dir(&dir) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CliError::File { path: dir, error }),
    };
    files.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
    files.sort();
    Ok(files)
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
