//! The files that refer to each other: `{{NAME}}` in one becomes the hashed address of the other.
//!
//! A name is a path in web-ui/, or from the root if it begins with `docs/`. `{{style.css}}` is every file of web-ui/style,
//! in the order of their names, where there is no web-ui/style.css. `{{table:docs/lessons}}` is a JSON object that gives
//! the address of every file under that folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::output::{Output, hash};

/// The most that the script for other pages may weigh, in bytes: who embeds a lab should not notice it.
const EMBED_MAX: usize = 5_000;

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
            Some("js" | "css" | "webmanifest") => self.expand(&path).map(String::into_bytes),
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

/// Adds what has a name that never changes: the page itself, the same to stand in other pages, the script that puts it
/// there, and the service worker, which names all files.
pub(crate) fn complete(root: &Path, out: &mut Output, page: &str) -> Result<(), String> {
    let read = |name: &str| {
        let path = root.join("web-ui").join(name);
        fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let framed = page.replacen("<html ", "<html data-embed=\"true\" ", 1);
    if framed == page {
        return Err("the page has no <html > that can say that it is embedded".into());
    }
    let script = read("layer-lab.js")?;
    if script.len() > EMBED_MAX {
        return Err(format!("layer-lab.js has {} bytes; {EMBED_MAX} is the most", script.len()));
    }
    let files: Vec<String> =
        out.names().filter(|name| is_hashed(name)).map(|name| format!("{name:?}")).collect();
    let start = files.iter().find(|name| name.starts_with("\"boot-")).ok_or("the page has no boot.js")?;
    let worker = read("sw.js")?
        .replace("\"{{start}}\"", start)
        .replace("\"{{files}}\"", &files.join(","))
        .replace("{{version}}", &hash(format!("{page}{}", files.concat()).as_bytes()));
    if worker.contains("{{") {
        return Err("sw.js asks for what is not known".into());
    }
    out.plain("index.html", page.as_bytes().to_vec());
    out.plain("embed.html", framed.into_bytes());
    out.plain("layer-lab.js", script.into_bytes());
    out.plain("sw.js", worker.into_bytes());
    Ok(())
}

/// Whether a name holds its content's hash.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
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
    fn the_service_worker_names_every_file_that_never_changes() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("web-ui/sw.js", "const a = [\"{{version}}\", \"{{start}}\", \"{{files}}\"];"),
            ("web-ui/layer-lab.js", "//"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let of = |content: &str| {
            let mut out = Output::default();
            let boot = out.hashed("boot.js", content.into());
            out.plain("functions.txt", Vec::new());
            complete(folder.path(), &mut out, "<html lang=\"en\">").unwrap();
            (boot, out)
        };
        let (boot, out) = of("1");
        let names: Vec<&str> = out.names().collect();
        assert_eq!(names, [&boot, "embed.html", "functions.txt", "index.html", "layer-lab.js", "sw.js"]);
        let worker = String::from_utf8(out.content("sw.js").unwrap().to_vec()).unwrap();
        assert!(worker.ends_with(&format!("\", \"{boot}\", \"{boot}\"];")), "{worker}");
        assert_ne!(out.content("sw.js"), of("2").1.content("sw.js"), "another version, another worker");
        assert_eq!(out.content("embed.html").unwrap(), b"<html data-embed=\"true\" lang=\"en\">");
    }

    #[test]
    fn a_missing_file_and_a_circle_are_errors() {
        assert!(site(&[("index.html", "{{a.js}}")]).unwrap_err().contains("a.js"));
        let circle = [("index.html", "{{a.js}}"), ("web-ui/a.js", "{{a.js}}")];
        assert!(site(&circle).unwrap_err().contains("refers to itself"));
    }
}
