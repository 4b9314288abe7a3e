//! The text that an image of the hub is made from.
//!
//! A line is a word and its arguments; a file's content follows it in lines that start with `| `. An argument may hold
//! `\xHH` for a byte that would end it.

use thiserror::Error;

use crate::kernel::Timespec;
use crate::oci::time;

/// What is wrong with a description, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DescriptionError {
    /// A word that is none.
    #[error("line {0}: unknown word {1}")]
    Word(usize, String),
    /// An argument that is missing or malformed.
    #[error("line {0}: {1}")]
    Argument(usize, &'static str),
    /// It says that it is based on itself.
    #[error("an image cannot be its own base")]
    OwnBase,
}

/// An image's text, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// Its tags.
    pub tags: Vec<String>,
    /// What it says of itself to `docker search`.
    pub about: String,
    /// Its stars there.
    pub stars: u32,
    /// The repository whose `latest` it starts from.
    pub from: Option<String>,
    /// When it was made; also the time of every entry.
    pub created: Timespec,
    /// Its steps, in order.
    pub steps: Vec<HistoryStep>,
    /// Environment, `NAME=value`.
    pub env: Vec<String>,
    /// `CMD`; `None` keeps the base's.
    pub cmd: Option<Vec<String>>,
    /// `ENTRYPOINT`.
    pub entrypoint: Option<Vec<String>>,
    /// `WORKDIR`.
    pub workdir: Option<String>,
    /// `EXPOSE`, `80/tcp`.
    pub expose: Vec<String>,
    /// `VOLUME`.
    pub volumes: Vec<String>,
    /// `STOPSIGNAL`.
    pub stop_signal: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
}

/// A line of the image's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryStep {
    /// `created_by`; `@` stands for the layer's own digest.
    pub created_by: String,
    /// What its layer holds; `None` makes no layer.
    pub entries: Option<Vec<LayerEntry>>,
}

/// An entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerEntry {
    /// The absolute path.
    pub path: String,
    /// What is there.
    pub content: Content,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A directory with this mode.
    Dir(u32),
    /// A file with this mode and content.
    File(u32, Vec<u8>),
    /// A symbolic link to this target.
    Link(String),
}

impl Description {
    /// Reads a text.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, DescriptionError> {
        let mut description = Self::default();
        for (number, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line)) {
            if let Some(rest) = line.strip_prefix('|') {
                description.content_line(number, rest.strip_prefix(' ').unwrap_or(rest))?;
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
                description.word(number, word, rest)?;
            }
        }
        Ok(description)
    }

    fn word(&mut self, number: usize, word: &str, rest: &str) -> Result<(), DescriptionError> {
        let wrong = |what| DescriptionError::Argument(number, what);
        let arguments = || rest.split_whitespace().map(unescape).collect::<Vec<_>>();
        let pair = || rest.split_once(' ').ok_or(wrong("two arguments are needed"));
        match word {
            // The name stands in the text for whoever reads it; the hub knows the text by its own.
            "image" => {}
            "tag" => self.tags = arguments(),
            "about" => self.about = rest.into(),
            "stars" => self.stars = rest.parse().map_err(|_| wrong("not a number of stars"))?,
            "from" => self.from = Some(rest.into()),
            "created" => self.created = time::parse(rest).ok_or(wrong("not a time of RFC 3339"))?,
            "env" => self.env.push(rest.into()),
            "cmd" => self.cmd = Some(arguments()),
            "entrypoint" => self.entrypoint = Some(arguments()),
            "workdir" => self.workdir = Some(rest.into()),
            "expose" => self.expose.push(rest.into()),
            "volume" => self.volumes.push(rest.into()),
            "stopsignal" => self.stop_signal = rest.into(),
            "label" => self.labels.push(pair().map(|(name, value)| (name.into(), value.into()))?),
            "step" => self.steps.push(HistoryStep { created_by: rest.into(), entries: None }),
            "layer" => self.steps.push(HistoryStep { created_by: rest.into(), entries: Some(Vec::new()) }),
            "dir" | "file" => {
                let (mode, path) = pair()?;
                let mode = u32::from_str_radix(mode, 8).map_err(|_| wrong("not an octal mode"))?;
                let content =
                    if word == "dir" { Content::Dir(mode) } else { Content::File(mode, Vec::new()) };
                self.entry(number, path, content)?;
            }
            "link" => {
                let (path, target) = pair()?;
                self.entry(number, path, Content::Link(target.into()))?;
            }
            "links" => {
                let (dir, rest) = pair()?;
                let (target, names) = rest.split_once(' ').ok_or(wrong("names are needed"))?;
                for name in names.split_whitespace() {
                    self.entry(number, &format!("{dir}/{name}"), Content::Link(target.into()))?;
                }
            }
            "programs" => {
                let (dir, names) = pair()?;
                for name in names.split_whitespace() {
                    self.entry(number, &format!("{dir}/{name}"), program(name))?;
                }
            }
            "program" => self.entry(number, rest, program(last(rest)))?,
            "library" => self.entry(number, rest, Content::File(0o644, library_file(last(rest))))?,
            "service" => {
                let (path, name) = pair()?;
                self.entry(number, path, Content::File(0o755, service_file(name)))?;
            }
            _ => return Err(DescriptionError::Word(number, word.into())),
        }
        Ok(())
    }

    fn entry(&mut self, number: usize, path: &str, content: Content) -> Result<(), DescriptionError> {
        let wrong = |what| DescriptionError::Argument(number, what);
        if !path.starts_with('/') {
            return Err(wrong("not an absolute path"));
        }
        let step = self.steps.last_mut().and_then(|step| step.entries.as_mut());
        step.ok_or(wrong("an entry needs a layer before it"))?
            .push(LayerEntry { path: path.into(), content });
        Ok(())
    }

    fn content_line(&mut self, number: usize, line: &str) -> Result<(), DescriptionError> {
        let last =
            self.steps.last_mut().and_then(|step| step.entries.as_mut()).and_then(|list| list.last_mut());
        match last.map(|entry| &mut entry.content) {
            Some(Content::File(_, content)) => {
                content.extend_from_slice(line.as_bytes());
                content.push(b'\n');
                Ok(())
            }
            _ => Err(DescriptionError::Argument(number, "content needs a file before it")),
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn program(name: &str) -> Content {
    Content::File(0o755, program_file(name))
}

/// Returns a program's file: the head of an ELF file, which is what the lab looks at, and a word to whoever reads on.
pub(crate) fn program_file(name: &str) -> Vec<u8> {
    elf(&format!("{name} is a stand-in made by Layerlab: its own program of that name runs.\n"))
}

/// Returns the file of a program that is run in containers alone, marked as the service of this name.
pub(crate) fn service_file(service: &str) -> Vec<u8> {
    elf(&format!("layerlab-service:{service}\nA stand-in made by Layerlab.\n"))
}

/// Returns a library's file.
pub(crate) fn library_file(name: &str) -> Vec<u8> {
    elf(&format!("{name} is a stand-in made by Layerlab: programs here need no library.\n"))
}

/// The 16 identifying bytes of a 64-bit little-endian ELF file (ELF-64 object file format, section 3), then the note.
fn elf(note: &str) -> Vec<u8> {
    [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\n", note.as_bytes()].concat()
}

fn unescape(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find("\\x") {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 4).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = code.filter(u8::is_ascii) {
            out.push(char::from(byte));
            rest = &rest[at + 4..];
        } else {
            out.push_str("\\x");
            rest = &rest[at + 2..];
        }
    }
    out + rest
}
