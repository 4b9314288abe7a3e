//! The files that refer to each other: `{{NAME}}` in one becomes the hashed address of the other.
//!
//! A name is a path in web-ui/, or from the root if it begins with `docs/`. `{{style.css}}` is every file of web-ui/style,
//! in the order of their names, where there is no web-ui/style.css. `{{table:docs/lessons}}` is a JSON object that gives
//! the address of every file under that folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::output::Output;

/// The page in the making.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    root: &'a Path,
    out: &'a mut Output,
    /// Addresses, by name.
    made: BTreeMap<String, String>,
    /// The names that are being made, outermost first.
    open: Vec<String>,
}

impl<'a> Site<'a> {
    /// A site that so far has only what `made` names.
    pub(crate) fn new(root: &'a Path, out: &'a mut Output, made: BTreeMap<String, String>) -> Self {
        Self { root, out, made, open: Vec::new() }
    }

    /// A template with its names replaced.
    pub(crate) fn expand(&mut self, path: &Path) -> Result<String, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        self.expand_text(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn expand_text(&mut self, text: &str) -> Result<String, String> {
        let mut parts = text.split("{{");
        let mut done = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once("}}").ok_or("{{ without }}")?;
            done += &match name.strip_prefix("table:") {
                Some(folder) => self.table(folder)?,
                None => self.address(name)?,
            };
            done += rest;
        }
        Ok(done)
    }

    fn address(&mut self, name: &str) -> Result<String, String> {
        if let Some(address) = self.made.get(name) {
            return Ok(address.clone());
        }
        if self.open.iter().any(|n| n == name) {
            return Err(format!("{name} refers to itself through {}", self.open.join(", ")));
        }
        self.open.push(name.to_owned());
        let content = self.content(name)?;
        self.open.pop();
        let address = self.out.hashed(name.trim_start_matches("docs/"), content);
        self.made.insert(name.to_owned(), address.clone());
        Ok(address)
    }

    fn content(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let inner = if name.starts_with("docs/") { name.to_owned() } else { format!("web-ui/{name}") };
        let path = self.root.join(inner);
        if name == "style.css" && !path.exists() {
            let sheets = files(&self.root.join("web-ui/style"))?;
            let texts: Result<Vec<String>, String> = sheets.iter().map(|sheet| self.expand(sheet)).collect();
            return Ok(texts?.concat().into_bytes());
        }
        match path.extension().and_then(|e| e.to_str()) {
            Some("js" | "css") => self.expand(&path).map(String::into_bytes),
            _ => fs::read(&path).map_err(|e| format!("{}: {e}", path.display())),
        }
    }

    fn table(&mut self, folder: &str) -> Result<String, String> {
        let base = self.root.join(folder);
        let mut rows = Vec::new();
        for path in files(&base)? {
            let inner =
                path.strip_prefix(&base).expect("a file of the folder").to_string_lossy().into_owned();
            let address = self.address(&format!("{folder}/{inner}"))?;
            rows.push(format!("{inner:?}:{address:?}"));
        }
        Ok(format!("{{{}}}", rows.join(",")))
    }
}

/// Every file under a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?.flatten() {
            if entry.path().is_dir() { left.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Result<(String, Output), String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut out = Output::default();
        let page =
            Site::new(folder.path(), &mut out, BTreeMap::new()).expand(&folder.path().join("index.html"))?;
        Ok((page, out))
    }

    #[test]
    fn a_change_below_changes_every_address_above() {
        let of = |leaf: &str| {
            let files = [("index.html", "{{a.js}}"), ("web-ui/a.js", "{{b.svg}}"), ("web-ui/b.svg", leaf)];
            site(&files).unwrap().0
        };
        assert!(of("1").starts_with("a-"));
        assert_ne!(of("1"), of("2"));
        assert_eq!(of("1"), of("1"));
    }

    #[test]
    fn folders_become_tables_and_sheets_one_sheet() {
        let files = [
            ("index.html", "{{style.css}} {{table:docs/lessons}}"),
            ("web-ui/style/2.css", "b"),
            ("web-ui/style/1.css", "a"),
            ("docs/lessons/en/01-x.md", "x"),
        ];
        let (page, out) = site(&files).unwrap();
        assert!(page.contains("{\"en/01-x.md\":\"lessons/en/01-x-"), "{page}");
        assert!(format!("{out:?}").contains("[97, 98]"), "the sheets in order");
    }

    #[test]
    fn a_missing_file_and_a_circle_are_errors() {
        assert!(site(&[("index.html", "{{a.js}}")]).unwrap_err().contains("a.js"));
        let circle = [("index.html", "{{a.js}}"), ("web-ui/a.js", "{{a.js}}")];
        assert!(site(&circle).unwrap_err().contains("refers to itself"));
    }
}
