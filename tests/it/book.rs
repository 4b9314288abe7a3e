//! The book: its contents, its links, and its console blocks, which are sessions of the lab.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use layerlab_core::lesson::course;
use layerlab_core::program::Bound;
use layerlab_core::session::{Event, Request, Session};
use layerlab_tests::pattern::lines_match;
use layerlab_tests::sim;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn read(page: &str) -> String {
    std::fs::read_to_string(docs().join(page)).unwrap_or_else(|error| panic!("docs/{page}: {error}"))
}

/// All pages below docs/, by path.
fn pages() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![docs()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path.strip_prefix(docs()).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

/// A page's heading; a lesson's title.
fn title(page: &str) -> String {
    let text = read(page);
    let found =
        text.lines().find_map(|line| line.strip_prefix("title: ").or_else(|| line.strip_prefix("# ")));
    found.unwrap_or_else(|| panic!("docs/{page} has no heading")).to_owned()
}

const GUIDE: [&str; 9] = [
    "guide/start.md",
    "guide/terminal.md",
    "guide/page.md",
    "guide/image.md",
    "guide/host.md",
    "guide/hosting.md",
    "guide/classroom.md",
    "guide/proof.md",
    "how-to.md",
];
const GUIDE_ZH: [&str; 6] = [
    "guide/zh/start.md",
    "guide/zh/terminal.md",
    "guide/zh/page.md",
    "guide/zh/host.md",
    "guide/zh/hosting.md",
    "guide/zh/classroom.md",
];
const EMBED: [&str; 6] = [
    "embed/README.md",
    "embed/html.md",
    "embed/mdbook.md",
    "embed/docusaurus.md",
    "embed/hugo.md",
    "embed/sphinx.md",
];
const REFERENCE: [&str; 6] = [
    "reference/commands.md",
    "reference/formats.md",
    "design/limits.md",
    "reference/drivers.md",
    "reference/seeds.md",
    "glossary.md",
];
const DESIGN: [&str; 15] = [
    "design/README.md",
    "design/overlayfs.md",
    "design/docker-layers.md",
    "design/security.md",
    "design/lessons.md",
    "zh-style.md",
    "design/interface-tests.md",
    "design/origin.md",
    "design/rules-overlay-lookup.md",
    "design/rules-overlay-rename.md",
    "design/rules-acl.md",
    "design/hub-sizes.md",
    "design/linux-versions.md",
    "design/rules-busybox-copy.md",
    "lessons/README.md",
];

/// The table of contents that the course and the pages make.
fn contents() -> String {
    let course = course(&std::fs::read_to_string(docs().join("lessons/course.json")).unwrap()).unwrap();
    let mut text = format!("# Contents\n\n[{}](README.md)\n", title("README.md"));
    let part = |text: &mut String, name: &str, pages: &[&str]| {
        _ = write!(text, "\n# {name}\n\n");
        for page in pages {
            _ = writeln!(text, "- [{}]({page})", title(page));
        }
    };
    part(&mut text, "Guide", &GUIDE);
    part(&mut text, "指南", &GUIDE_ZH);
    part(&mut text, "Labs in other pages", &EMBED);
    for (language, name) in [("en", "Lessons"), ("zh", "课程")] {
        _ = write!(text, "\n# {name}\n\n");
        let files: Vec<String> =
            pages().into_iter().filter(|page| page.starts_with(&format!("lessons/{language}/"))).collect();
        for chapter in &course.chapters {
            _ = writeln!(text, "- [{}]()", chapter.title[language]);
            for id in &chapter.lessons {
                let named = |page: &&String| read(page).contains(&format!("\nid: {id}\n"));
                let page =
                    files.iter().find(named).unwrap_or_else(|| panic!("no page of {id} in {language}"));
                _ = writeln!(text, "  - [{}]({page})", title(page));
            }
        }
    }
    part(&mut text, "Reference", &REFERENCE);
    part(&mut text, "Design", &DESIGN);
    text
}

#[test]
fn the_contents_name_every_page_once() {
    let file = docs().join("SUMMARY.md");
    let want = contents();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &want).unwrap();
    }
    assert!(read("SUMMARY.md") == want, "docs/SUMMARY.md is out of date (UPDATE_EXPECT=1 rewrites it)");
    let named: Vec<String> = links(&want).into_iter().filter(|link| !link.is_empty()).collect();
    let once: BTreeSet<&String> = named.iter().collect();
    assert_eq!(once.len(), named.len(), "a page stands twice in docs/SUMMARY.md");
    let missing: Vec<String> =
        pages().into_iter().filter(|page| page != "SUMMARY.md" && !once.contains(page)).collect();
    assert!(missing.is_empty(), "not in the book: {missing:?}");
}

/// The page has each limit of an image's reader and of the lab with its default, and no other.
#[test]
fn the_limits_are_those_of_the_code() {
    let defaults = serde_json::to_value(layerlab_core::oci::Limits::default()).unwrap();
    let defaults = defaults.as_object().unwrap();
    let text = read("design/limits.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    let images = defaults.iter().map(|(name, value)| (name.clone(), value.to_string()));
    let lab = Bound::ALL.iter().map(|bound| (bound.id().to_owned(), bound.default().to_string()));
    let all: Vec<(String, String)> = images.chain(lab).collect();
    for (name, value) in &all {
        assert!(
            rows.iter().any(|row| row.starts_with(&format!("| `{name}` | {value} | "))),
            "{name} is {value}"
        );
    }
    assert_eq!(rows.len(), all.len());
}

/// The targets of a page's links, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        // What stands in backticks is code.
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut rest = plain.as_str();
        while let Some((_, target)) = rest.split_once("](") {
            let Some((target, after)) = target.split_once(')') else { break };
            found.push(target.to_owned());
            rest = after;
        }
    }
    found
}

#[test]
fn every_link_leads_to_a_page_of_the_book() {
    let mut wrong = String::new();
    let (all, mut count) = (pages(), 0);
    for page in &all {
        let folder = Path::new(page).parent().unwrap();
        for link in links(&read(page)).iter().filter(|link| !link.contains("://") && !link.is_empty()) {
            count += 1;
            let (target, part) =
                link.split_once('#').map_or((link.as_str(), None), |(to, part)| (to, Some(part)));
            let mut path = Vec::new();
            let joined = if target.is_empty() { PathBuf::from(page) } else { folder.join(target) };
            for step in joined.iter().filter_map(|step| step.to_str()) {
                if step == ".." {
                    if path.pop().is_none() {
                        path.push("..");
                    }
                } else {
                    path.push(step);
                }
            }
            let path = path.join("/");
            if !all.contains(&path) {
                _ = writeln!(wrong, "docs/{page}: {link} leads to no page of the book");
            } else if let Some(part) = part.filter(|part| !headings(&path).contains(*part)) {
                _ = writeln!(wrong, "docs/{page}: {path} has no heading {part}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 120, "{count} links were looked at");
}

/// The names of a page's headings in addresses.
fn headings(page: &str) -> BTreeSet<String> {
    let text = read(page);
    let names = text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        line.trim_start_matches('#')
            .trim()
            .to_lowercase()
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-")
    });
    names.collect()
}

/// The lines of a page's console blocks, each with what it must print. A block that becomes a lab in the book begins
/// a session of its own.
fn console(text: &str) -> Vec<(Start, String, Vec<String>)> {
    let mut lines: Vec<(Start, String, Vec<String>)> = Vec::new();
    let (mut is_console, mut start) = (false, Start::Goes);
    // What stands in a longer fence is an example of a block.
    let mut long = false;
    for line in text.lines() {
        if line.starts_with("````") {
            long = !long;
            continue;
        }
        if long {
            continue;
        }
        if let Some(info) = line.strip_prefix("```") {
            is_console = info.split(' ').next() == Some("console");
            if info.split(' ').any(|word| word == "layerlab") {
                let setup = info.split_once("setup=\"").and_then(|(_, rest)| rest.split('"').next());
                start = Start::Anew(setup.map(str::to_owned));
            }
        } else if let Some(typed) = line.strip_prefix("$ ").filter(|_| is_console) {
            lines.push((std::mem::replace(&mut start, Start::Goes), typed.to_owned(), Vec::new()));
        } else if is_console {
            lines.last_mut().expect("a block begins with a line typed").2.push(line.to_owned());
        }
    }
    lines
}

/// How the session stands before a line.
enum Start {
    /// It goes on.
    Goes,
    /// It begins anew, with what its block's `setup` runs.
    Anew(Option<String>),
}

/// What a terminal shows of a line, with the lab's advice.
fn shown(session: &mut Session, line: &str) -> Vec<String> {
    let mut bytes = Vec::new();
    for event in sim::handle(session, Request::line(line.as_bytes())) {
        match event {
            Event::Output { data, .. } => bytes.extend_from_slice(&data),
            Event::Help { help } => bytes.extend_from_slice(
                format!(
                    "Layerlab: {}\n",
                    layerlab_core::help::text(layerlab_core::help::Language::En, &help)
                )
                .as_bytes(),
            ),
            Event::Failed { message } => panic!("{line}: {message}"),
            _ => {}
        }
    }
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

/// Lessons are proven by `layerlab lesson check`; every other page is one session.
#[test]
fn every_console_block_prints_what_it_says() {
    let mut wrong = String::new();
    let mut count = 0;
    for page in pages().iter().filter(|page| !page.starts_with("lessons/")) {
        let lines = console(&read(page));
        if lines.is_empty() {
            continue;
        }
        let mut session = sim::session();
        for (start, line, want) in lines {
            count += 1;
            if let Start::Anew(setup) = start {
                session = sim::session();
                for line in setup.iter().flat_map(|setup| setup.lines()) {
                    shown(&mut session, line);
                }
            }
            let came = shown(&mut session, &line);
            if !lines_match(&want, &came) {
                _ = writeln!(
                    wrong,
                    "docs/{page}: $ {line}\n--- says\n{}\n--- came\n{}",
                    want.join("\n"),
                    came.join("\n")
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 10, "{count} lines");
}
