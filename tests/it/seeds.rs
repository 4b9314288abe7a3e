//! Every command line of five published tutorials on the simulator, and the page that maps them to commands and lessons.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use layerlab_core::lesson::course;
use layerlab_tests::seeds::{Mark, Seed, all};
use layerlab_tests::sim;
use layerlab_tests::transcript::Step;

fn update() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

#[test]
fn every_line_of_the_tutorials_answers_as_the_table_says() {
    let mut wrong = String::new();
    for seed in all() {
        let mut session = sim::session();
        let lines = seed.transcript.lines();
        let answers: Vec<_> = lines.iter().map(|line| sim::run(&mut session, line)).collect();
        let differences = seed.differences(&answers);
        if update() && !differences.is_empty() {
            seed.update(&answers).unwrap();
        }
        wrong += &differences;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A line that the lab cannot do says so with the error of the command and one line of the lab's; no command is missing in silence.
#[test]
fn what_cannot_work_says_why_in_one_line() {
    let mut wrong = String::new();
    let mut count = 0;
    for seed in all() {
        for (step, mark) in marked(&seed) {
            count += 1;
            let said = step.stderr.iter().filter(|line| line.starts_with("Layerlab: ")).count();
            let missing = step.stderr.iter().any(|line| line.contains("not found"));
            if mark.reason.is_some() && (said != 1 || step.stderr.len() < 2) {
                _ = writeln!(wrong, "{}: `{}` is marked as impossible: {step:?}", mark.section, step.line);
            }
            if missing && said == 0 {
                _ = writeln!(wrong, "{}: `{}` is missing in silence", mark.section, step.line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 150, "{count} lines");
}

fn marked(seed: &Seed) -> impl Iterator<Item = (&Step, &Mark)> {
    seed.transcript.steps.iter().zip(&seed.marks).filter_map(|(step, mark)| Some((step, mark.as_ref()?)))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The file of each lesson, by its id.
fn lessons() -> BTreeMap<String, String> {
    let folder = root().join("docs/lessons/en");
    let names = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .map(|name| {
            let text = std::fs::read_to_string(root().join("docs/lessons/en").join(&name)).unwrap();
            let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
            (id, name)
        })
        .collect()
}

/// The command of a line: its first word, with the one behind it for docker and systemctl.
fn command(line: &str) -> String {
    let mut words = line.split_whitespace().skip_while(|word| *word == "sudo").peekable();
    let first = words.next().unwrap_or_default();
    match first {
        "docker" | "systemctl" => {
            let next = words.find(|word| {
                word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
            });
            next.map_or_else(|| first.to_owned(), |next| format!("{first} {next}"))
        }
        _ => first.to_owned(),
    }
}

/// `docs/reference/seeds.md`.
fn page() -> String {
    let files = lessons();
    let mut text = "# The command lines of five tutorials\n\nMade from the tables in `tests/seeds`; do not edit. Each line \
                    that five published tutorials on images type, typing errors included, is run by a test on the simulator \
                    and on Linux; the tables hold the answers. *Fails* is what the line does in Docker too.\n"
        .to_owned();
    let mut by_command: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for seed in all() {
        let about = seed.transcript.head.first().map_or("", |line| line.trim_start_matches("# "));
        _ = write!(
            text,
            "\n## {}\n\n{about}\n\n| section | line | answer | lessons |\n|---|---|---|---|\n",
            seed.transcript.name()
        );
        for (step, mark) in marked(&seed) {
            let line = step.line.lines().next().unwrap_or_default().replace('|', "\\|");
            let answer = match (step.status, &mark.reason) {
                (_, Some(why)) => format!("cannot work: {why}"),
                (0, None) => "works".to_owned(),
                (status, None) => format!("fails, {status}"),
            };
            let links = mark.lessons.iter().map(|id| {
                let file = files.get(id).unwrap_or_else(|| panic!("{}: no lesson {id}", mark.section));
                format!("[{id}](../lessons/en/{file})")
            });
            let links = links.collect::<Vec<_>>().join(", ");
            _ = writeln!(text, "| {} | `{line}` | {answer} | {links} |", mark.section);
            by_command.entry(command(&step.line)).or_default().insert(mark.section.clone());
        }
    }
    text += "\n## By command\n\n| command | sections |\n|---|---|\n";
    for (command, sections) in by_command {
        _ = writeln!(text, "| `{command}` | {} |", sections.into_iter().collect::<Vec<_>>().join(", "));
    }
    text
}

#[test]
fn the_page_of_the_tutorials_is_made_of_the_tables() {
    let file = root().join("docs/reference/seeds.md");
    let page = page();
    if update() {
        std::fs::write(&file, &page).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == page, "docs/reference/seeds.md is out of date (UPDATE_EXPECT=1 rewrites it)");
}

/// Every section of the tutorials that has a command leads to a lesson of the course.
#[test]
fn every_section_leads_to_a_lesson_of_the_course() {
    let text = std::fs::read_to_string(root().join("docs/lessons/course.json")).unwrap();
    let course = course(&text).unwrap();
    let order: BTreeSet<&str> = course.order().collect();
    for seed in all() {
        for (_, mark) in marked(&seed) {
            for id in &mark.lessons {
                assert!(order.contains(id.as_str()), "{}: {id} is not in the course", mark.section);
            }
        }
    }
}
