//! Every flag of every command has a row that says what becomes of it, and the reference page is made of the rows.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use layerlab_core::docker::{CommandRows, Fate, commands};

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below a folder, as one text.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs") {
            *text += &std::fs::read_to_string(&path).unwrap();
        }
    }
}

/// Why a named test shows nothing of a flag; `None` if it does.
fn shows(test: &str, command: &str, flag: &str, code: &str) -> Option<String> {
    let transcript = layerlab_tests::transcript::folder().join(format!("{test}.txt"));
    if !transcript.is_file() {
        return (!code.contains(&format!("fn {test}("))).then(|| format!("there is no test {test}"));
    }
    let names: Vec<&str> = flag.split(", ").collect();
    let text = std::fs::read_to_string(transcript).unwrap();
    let typed = |line: &str| {
        let Some(at) = line.find("docker ") else { return false };
        let mut words = line[at..].split_whitespace();
        command.split(' ').all(|word| words.by_ref().take(2).any(|w| w == word))
            && words.any(|word| {
                let word = word.split('=').next().unwrap_or_default();
                // A short flag may stand with others: `-it`.
                let short = |name: &str| {
                    name.len() == 2
                        && word.starts_with('-')
                        && !word.starts_with("--")
                        && word[1..].contains(&name[1..])
                };
                names.iter().any(|name| word == *name || short(name))
            })
    };
    let found = text
        .lines()
        .filter(|line| line.starts_with("$ "))
        .any(|line| line.split([';', '|', '&', '(']).any(&typed));
    (!found).then(|| format!("{test}.txt types no `docker {command}` with {flag}"))
}

#[test]
fn every_flag_has_one_row_and_acts_by_a_test() {
    let mut code = String::new();
    for folder in ["core/src", "tests"] {
        sources(&root().join(folder), &mut code);
    }
    let mut wrong = String::new();
    let (mut acts, mut recorded, mut refused) = (0, 0, 0);
    for of in commands() {
        for flag in &of.strangers {
            _ = writeln!(wrong, "docker {}: a row for --{flag}, which is no flag of it", of.command);
        }
        for (flag, row) in &of.flags {
            let test = match row.map(|row| row.fate) {
                None => {
                    _ = writeln!(wrong, "docker {}: no row for {flag}", of.command);
                    continue;
                }
                Some(Fate::Acts { test }) => {
                    acts += 1;
                    test
                }
                Some(Fate::Recorded { test, .. }) => {
                    recorded += 1;
                    test
                }
                Some(Fate::Refused { .. }) => {
                    refused += 1;
                    continue;
                }
            };
            if let Some(why) = shows(test, of.command, flag, &code) {
                _ = writeln!(wrong, "docker {} {flag}: {why}", of.command);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    eprintln!("{acts} flags act, {recorded} are recorded, {refused} are refused");
    assert!(acts > 80, "{acts}");
}

/// The reference page.
fn page(commands: &[CommandRows]) -> String {
    let mut text = "# Docker's commands and their flags\n\nMade from the rows in `core/src/docker/rows`; do not edit. A \
                    flag *acts* as in Docker, is *recorded* (`docker inspect` shows it, which is all of it that a lab can \
                    show), or is *refused* with the line that stands here.\n"
        .to_owned();
    for of in commands {
        let name = format!("docker {}", of.command);
        _ = writeln!(text, "\n## {}\n", name.trim_end());
        if of.flags.is_empty() {
            text += "No flags.\n";
            continue;
        }
        let (mut acts, mut recorded) = (Vec::new(), Vec::new());
        let mut refused: Vec<(&str, Vec<String>)> = Vec::new();
        for (flag, row) in &of.flags {
            match row.map(|row| row.fate) {
                None => {}
                Some(Fate::Acts { .. }) => acts.push(format!("`{flag}`")),
                Some(Fate::Recorded { field, .. }) => recorded.push(format!("`{flag}` (`{field}`)")),
                Some(Fate::Refused { why }) => match refused.iter_mut().find(|(other, _)| *other == why) {
                    Some((_, flags)) => flags.push(format!("`{flag}`")),
                    None => refused.push((why, vec![format!("`{flag}`")])),
                },
            }
        }
        if !acts.is_empty() {
            _ = writeln!(text, "Act: {}.", acts.join(", "));
        }
        if !recorded.is_empty() {
            _ = writeln!(text, "Recorded: {}.", recorded.join(", "));
        }
        for (why, flags) in refused {
            _ = writeln!(text, "- Refused: {}: {why}.", flags.join(", "));
        }
    }
    text
}

#[test]
fn the_reference_page_is_made_of_the_rows() {
    let file = root().join("docs/reference/commands.md");
    let page = page(&commands());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &page).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == page, "docs/reference/commands.md is out of date (UPDATE_EXPECT=1 rewrites it)");
}
