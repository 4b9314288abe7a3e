//! `cargo xtask book`: docs/ as a book in dist/book, made with mdBook.
//!
//! The pages are the files of docs/ themselves. Only lessons are drawn otherwise: their fences become what a reader sees.
//! The theme is the book's own and has no script; blocks that are marked become labs where the page beside the book can be
//! had (`layerlab mdbook`).

mod pages;

use std::fs;
use std::path::{Path, PathBuf};

use crate::setup;
use crate::sh::{self, Result};

/// The mdBook that is used. Ordinary builds need none.
const MDBOOK: (&str, &str) = ("mdbook", "0.4.52");
/// What is no page, and comes with the theme.
const THEME: &str = "docs/book";

/// Builds the book.
pub(crate) fn book() -> Result {
    let program = setup::krate(MDBOOK.0, MDBOOK.1, "makes the book of docs/")?;
    let work = sh::target().join("book");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    }
    copy(&sh::root().join("docs"), &work.join("src"))?;
    for (from, to) in [("book.toml", "book.toml"), ("book.css", "book.css"), ("index.hbs", "theme/index.hbs")]
    {
        write(&work.join(to), &read(&sh::root().join(THEME).join(from))?)?;
    }
    fs::remove_dir_all(work.join("src/book")).map_err(|error| format!("{}: {error}", work.display()))?;
    // This build's own, not one that is installed.
    sh::shown(&mut sh::cargo(&["build", "--quiet", "--locked", "-p", "layerlab", "--bin", "layerlab"]))?;
    let own = format!("{} mdbook", sh::target().join("debug/layerlab").display());
    let out = sh::root().join("dist/book");
    sh::shown(
        sh::command(&program)
            .arg("build")
            .arg(&work)
            .arg("--dest-dir")
            .arg(&out)
            .env("MDBOOK_PREPROCESSOR__LAYERLAB__COMMAND", own),
    )?;
    let links = finish(&out)?;
    println!("book       {}: {links} links, each leads to a page", out.join("index.html").display());
    Ok(())
}

/// Copies a folder of pages; lessons are drawn.
fn copy(from: &Path, to: &Path) -> Result {
    for path in entries(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
            continue;
        }
        // A forge shows README.md for a folder, a web server index.html.
        let target = if target.ends_with("README.md") { target.with_file_name("index.md") } else { target };
        let text = read(&path)?.replace("README.md)", "index.md)");
        write(&target, &if text.starts_with("---\n") { pages::lesson(&text) } else { text })?;
    }
    Ok(())
}

/// Leaves of what mdBook wrote the pages and the theme's style, and checks the pages' links; their number.
fn finish(out: &Path) -> Result<usize> {
    for path in entries(out)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // mdBook's own theme: fonts, styles and scripts that the book's pages do not name.
        if matches!(name.as_str(), "FontAwesome" | "css" | "fonts") {
            fs::remove_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        } else if name == "toc.html"
            || path.extension().is_some_and(|end| end == "js" || end == "css" && name != "book.css")
        {
            fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    let mut pages = Vec::new();
    let mut open = vec![out.to_owned()];
    while let Some(folder) = open.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                pages.push(path);
            }
        }
    }
    let mut links = 0;
    for page in &pages {
        let depth = page.strip_prefix(out).map_or(0, |inner| inner.components().count() - 1);
        let here = page.strip_prefix(out).map(|inner| inner.display().to_string()).unwrap_or_default();
        let text = pages::with_contents(&read(page)?, &"../".repeat(depth), &here);
        write(page, &text)?;
        for link in pages::links(&text) {
            links += 1;
            let folder = page.parent().unwrap_or(out);
            if !folder.join(&link).is_file() {
                return Err(format!("{}: {link} leads nowhere", page.display()));
            }
        }
    }
    Ok(links)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(named)? {
        paths.push(entry.map_err(named)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
