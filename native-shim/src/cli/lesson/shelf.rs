//! Where the lessons lie: `course.json`, `myths.json` and `LANG/NN-name.md`, found beside the program or named.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use layerlab_core::lesson::{Course, CourseError, Lesson, LessonError, Myths, course, myths, parse};

use super::lang::Lang;
use crate::cli::outcome::CliError;

/// The lessons, by language and id, in the order of the course; those that it does not have follow by their files.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) folder: PathBuf,
    pub(super) course: Course,
    pub(super) myths: Myths,
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
        let course: Course = table(&folder.join("course.json"), course)?;
        let myths: Myths = table(&folder.join("myths.json"), myths)?;
        let order = course.order().map(str::to_owned).collect();
        let mut shelf =
            Self { folder: folder.clone(), course, myths, order, pages: BTreeMap::new(), broken: Vec::new() };
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

/// A table beside the pages; an empty one where there is none.
fn table<T: Default>(path: &Path, read: fn(&str) -> Result<T, CourseError>) -> Result<T, CliError> {
    let fail = |error| CliError::File { path: path.to_path_buf(), error };
    match std::fs::read_to_string(path) {
        Ok(text) => read(&text).map_err(|error| fail(io::Error::other(error.to_string()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(fail(error)),
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
