//! Lessons and myths on real Docker: what they ask for, refuse and explain is so there too.
//!
//! The images are those of the lab's hub, saved by it, with BusyBox in the place of the programs that the lab has itself.

mod desk;
mod images;

use std::path::{Path, PathBuf};

use desk::RealDesk;
use layerlab_core::lesson::{Block, Fault, Lesson, Myths, course, myths, parse, prove};
use layerlab_tests::random::Random;

/// The seed makes the choice; `LAYERLAB_LESSONS_SEED` is another.
const SEED: u64 = 0x5eed_1e55_0275;
/// How many lessons; `LAYERLAB_LESSONS` is another number.
const COUNT: u64 = 3;

/// Lessons that this host cannot be asked, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("pull", "pulls from a registry"),
    ("no-kernel", "one of its wrong attempts edits the host"),
    ("six-files", "mounts by hand, below /lab"),
    ("file-seven", "mounts by hand, below /lab"),
    ("limits", "mounts by hand, below /lab"),
    ("push-pull", "runs a registry with a published port"),
    ("mirrors", "restarts the daemon by systemctl"),
    ("drivers", "asks the lab's own table of drivers"),
    ("leak", "runs a registry with a published port"),
    ("store-29", "runs a registry with a published port"),
];

/// Myths that this host cannot be asked, and why.
const MYTHS_NOT_HERE: &[(&str, &str)] = &[("file-seven", "mounts by hand, below /lab")];

/// Runs that print something else here, by their lessons, and why.
const PRINTED_OTHERWISE: &[(&str, &str, &str)] = &[
    ("stack", "docker history", "BusyBox makes the images larger"),
    ("save-export", "docker images", "BusyBox makes the images larger"),
    ("chown", "docker images", "BusyBox makes the images larger"),
    ("multi-stage", "docker images", "BusyBox makes the images larger"),
    ("remove", "docker rmi", "an image that was loaded has no digest"),
    ("myth-court", "docker rmi", "an image that was loaded has no digest"),
    ("images-29", "docker images", "Docker lists images of one second in any order"),
    ("marker", "docker run", "BusyBox's words for a missing file"),
    ("commit", "docker diff", "Docker prints changes as directories are read"),
    ("opaque", "docker diff", "Docker prints changes as directories are read"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("a lesson's file")
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// The lessons that run here.
fn lessons() -> Vec<Lesson> {
    let files = std::fs::read_dir(folder().join("en")).expect("lessons");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a lesson").path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a lesson's text"));
    let lessons = texts.map(|text| parse(&text).expect("a lesson that can be read"));
    let mut lessons: Vec<Lesson> =
        lessons.filter(|lesson| !NOT_HERE.iter().any(|(id, _)| *id == lesson.id)).collect();
    for lesson in &mut lessons {
        let keeps = |block: &Block| match block {
            // The daemon's directory is no lab's.
            Block::Wrong(wrong) => !wrong.lines.iter().any(|line| line.starts_with("rm -rf /var/lib/docker")),
            _ => true,
        };
        let kept = lesson.blocks.iter().cloned().zip(lesson.lines.iter().copied());
        (lesson.blocks, lesson.lines) = kept.filter(|(block, _)| keeps(block)).unzip();
    }
    lessons
}

#[test]
#[expect(clippy::print_stderr, reason = "a long run tells what differs when it finds it")]
fn lessons_are_proven_on_real_docker() {
    let mut lessons = lessons();
    let (seed, count) = (setting("LAYERLAB_LESSONS_SEED", SEED), setting("LAYERLAB_LESSONS", COUNT));
    let mut random = Random(seed.max(1));
    let mut desk = RealDesk::start();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    while tried < count && !lessons.is_empty() {
        let lesson = lessons.swap_remove(random.below(lessons.len()));
        let problems = prove(&lesson, &mut desk).unwrap_or_else(|error| panic!("{}: {error}", lesson.id));
        let known = |fault: &Fault| match fault {
            Fault::Output { line, .. } => {
                PRINTED_OTHERWISE.iter().any(|(id, begin, _)| *id == lesson.id && line.starts_with(begin))
            }
            _ => false,
        };
        for problem in problems.iter().filter(|problem| !known(&problem.fault)) {
            let said = format!("{}:{}: {}", lesson.id, problem.line, problem.fault);
            eprintln!("{said}");
            wrong.push(said);
        }
        tried += 1;
    }
    eprintln!("{tried} lessons on real Docker, seed {seed:#x}");
    assert!(wrong.is_empty(), "{} problems, seed {seed:#x}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn myths_are_judged_by_real_docker() {
    let here = |id: &str| !MYTHS_NOT_HERE.iter().any(|(other, _)| *other == id);
    let Myths { myths } = myths(&read("myths.json")).unwrap();
    let myths =
        Myths { myths: myths.into_iter().filter(|myth| here(&myth.id) && myth.docker != "29").collect() };
    assert!(myths.myths.len() >= 12);
    let course = course(&read("course.json")).unwrap();
    let faults = myths.faults(&course, &["en", "zh"], &mut RealDesk::start()).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
