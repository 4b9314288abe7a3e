//! `layerlab lesson new`: a small lesson that works, in every language, for its author to change.

use std::io::{self, Write};
use std::path::Path;

use layerlab_core::lesson::template;

use super::lang::Lang;
use super::shelf::files;
use crate::cli::outcome::{CliError, Outcome};

/// Writes the pages of a new lesson.
pub(super) fn new(folder: &Path, id: &str) -> Outcome {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(is_plain) || id.starts_with('-') || id.ends_with('-') {
        return Err(CliError::Usage(format!(
            "{id:?} is no id: lower-case letters, digits and hyphens, as in copy-up"
        )));
    }
    let mut last = 0;
    for lang in Lang::ALL {
        for file in files(folder, lang)? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.ends_with(&format!("-{id}.md")) {
                return Err(io::Error::other(format!("{} is there already", file.display())).into());
            }
            let number = name.split_once('-').and_then(|(number, _)| number.parse::<u32>().ok());
            last = last.max(number.unwrap_or(0));
        }
    }
    let mut out = io::stdout().lock();
    for lang in Lang::ALL {
        let dir = folder.join(lang.tag());
        let path = dir.join(format!("{:02}-{id}.md", last + 1));
        let fail = |error| CliError::File { path: path.clone(), error };
        std::fs::create_dir_all(&dir).map_err(fail)?;
        std::fs::write(&path, template(lang.tag(), id)).map_err(fail)?;
        writeln!(out, "wrote {}", path.display())?;
    }
    writeln!(
        out,
        "It works as it is: layerlab lesson run {id}\n\
         Change it, prove it:  layerlab lesson check {id}\n\
         Then name {id:?} in a chapter of {}",
        folder.join("course.json").display()
    )?;
    Ok(0)
}
