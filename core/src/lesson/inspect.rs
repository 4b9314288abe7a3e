//! What can be said of a lesson without running it: what it lacks, what is too long, what is not translated, and where
//! its translations differ.

use std::collections::BTreeSet;

use super::figures::{figures, quoted};
use super::{Block, Exchange, Fault, Lesson, Predicate, Problem, Question};

/// Words before the first thing to do, at most.
pub const WORDS_MAX: usize = 80;

/// Tiers of hints that a task has, at least: a nudge, the idea, the command.
const TIERS: usize = 3;

/// Wrong attempts that a task has, at least.
const ATTEMPTS: usize = 2;

/// Words that are the same in every language.
const UNITS: &[&str] = &["B", "kB", "MB", "GB"];

/// The ids of what lessons teach.
pub const CONCEPTS: &[&str] = &[
    "build-cache",
    "commit",
    "container",
    "copy-up",
    "diff",
    "digest",
    "disk-layout",
    "disk-use",
    "dockerfile",
    "driver",
    "evidence",
    "export",
    "hard-link",
    "image",
    "layer",
    "limit",
    "lookup",
    "merge",
    "metadata-step",
    "mirror",
    "mount",
    "multi-stage",
    "opaque",
    "ownership",
    "permission",
    "process",
    "push",
    "reference",
    "registry",
    "rename",
    "reproducible",
    "rootfs",
    "secret",
    "sharing",
    "store-29",
    "tag",
    "union",
    "upper",
    "volume",
    "waste",
    "whiteout",
    "writable-layer",
    "xattr",
];

/// The kinds of tasks. Neighbours in the course differ in kind, so that no two lessons in a row feel alike.
pub const TASKS: &[&str] = &[
    "audit",
    "break",
    "find",
    "forensic",
    "golf",
    "race",
    "refute",
    "repair",
    "reproduce",
    "rescue",
    "shrink",
];

/// What is wrong with a page as it is written. `tag` is its language's, `en` or `zh`.
pub fn inspect(lesson: &Lesson, tag: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    head(lesson, &mut |fault| problems.push(Problem { line: 1, fault }));
    for text in [&lesson.title, &lesson.summary].into_iter().filter(|text| !is_in(text, tag)) {
        problems.push(Problem { line: 1, fault: Fault::Language(text.clone()) });
    }
    let placed = || lesson.blocks.iter().zip(lesson.lines.iter().copied());
    for (at, (block, line)) in placed().enumerate() {
        let mut found = |fault| problems.push(Problem { line, fault });
        match block {
            Block::Check(predicates) => task(predicates, &lesson.blocks[at + 1..], &mut found),
            Block::Predict(question) => {
                for choice in question.choices.iter().filter(|c| c.line.is_none() && c.why.is_none()) {
                    found(Fault::NoReason(choice.text.clone()));
                }
            }
            Block::Explain(text) if figures(text).is_empty() => found(Fault::NoFigure),
            Block::Hint(tiers) => {
                if let Some(last) = tiers.last().filter(|last| !last.contains('`')) {
                    found(Fault::NoCommand(last.clone()));
                }
            }
            Block::Keep(keep) => {
                for (is_bare, what) in [(keep.text.is_empty(), "sentence"), (keep.lines.is_empty(), "line")] {
                    if is_bare {
                        found(Fault::Bare(what));
                    }
                }
            }
            _ => {}
        }
        for figure in sentences(block).into_iter().flat_map(quoted) {
            found(Fault::Quoted(figure.to_owned()));
        }
        for text in said(block).into_iter().filter(|text| !is_in(text, tag)) {
            found(Fault::Language(text.to_owned()));
        }
    }
    problems
}

/// What is wrong with the page as a whole.
fn head(lesson: &Lesson, found: &mut dyn FnMut(Fault)) {
    for id in lesson.teaches.iter().filter(|id| !CONCEPTS.contains(&id.as_str())) {
        found(Fault::Concept(id.clone()));
    }
    if !TASKS.contains(&lesson.task.as_str()) {
        found(Fault::Task(lesson.task.clone()));
    }
    if lesson.task == "golf" && lesson.par == 0 {
        found(Fault::NoPar);
    }
    if !["20.10", "29", "both"].contains(&lesson.docker.as_str()) {
        found(Fault::Docker(lesson.docker.clone()));
    }
    if !(1..=30).contains(&lesson.minutes) {
        found(Fault::Minutes(lesson.minutes));
    }
    let words = lesson.blocks.iter().map_while(|block| match block {
        Block::Prose(text) => Some(words(text)),
        _ => None,
    });
    let words = words.sum();
    if words > WORDS_MAX {
        found(Fault::Words { words });
    }
    let has = |is: fn(&Block) -> bool| lesson.blocks.iter().any(is);
    for (there, what) in [
        (has(|block| matches!(block, Block::Predict(_))), "`predict` block"),
        (has(|block| matches!(block, Block::Check(_))), "`check` block"),
        (has(|block| matches!(block, Block::Keep(_))), "`keep` block"),
    ] {
        if !there {
            found(Fault::Without(what));
        }
    }
}

/// What a task lacks: `after` is the page behind its check.
fn task(predicates: &[Predicate], after: &[Block], found: &mut dyn FnMut(Fault)) {
    let names = names(predicates);
    let after: Vec<&Block> = after.iter().take_while(|block| !matches!(block, Block::Check(_))).collect();
    for predicate in predicates.iter().filter(|predicate| predicate.goal.is_empty()) {
        found(Fault::NoGoal { name: predicate.name.clone() });
    }
    for (what, is) in [
        ("solution", (|block| matches!(block, Block::Solution(_))) as fn(&Block) -> bool),
        ("explain", |block| matches!(block, Block::Explain(_))),
    ] {
        if !after.iter().any(|block| is(block)) {
            found(Fault::Lacks { names: names.clone(), what });
        }
    }
    let tiers = after.iter().map(|block| if let Block::Hint(tiers) = block { tiers.len() } else { 0 }).sum();
    let attempts = after.iter().filter(|block| matches!(block, Block::Wrong(_))).count();
    for (what, number, wanted) in [("tiers of hints", tiers, TIERS), ("wrong attempts", attempts, ATTEMPTS)] {
        if number < wanted {
            found(Fault::Few { names: names.clone(), what, found: number, wanted });
        }
    }
}

/// The names of predicates, for a sentence.
pub(super) fn names(predicates: &[Predicate]) -> String {
    predicates.iter().map(|predicate| predicate.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What a block says to its reader.
fn said(block: &Block) -> Vec<&str> {
    match block {
        Block::Prose(text) | Block::Explain(text) => vec![text],
        Block::Console(_) | Block::Solution(_) | Block::Wrong(_) => Vec::new(),
        Block::Check(predicates) => {
            predicates.iter().flat_map(|p| [p.goal.as_str(), p.message.as_str()]).collect()
        }
        Block::Predict(question) => {
            let choices = question.choices.iter().flat_map(|c| [Some(c.text.as_str()), c.why.as_deref()]);
            std::iter::once(question.text.as_str()).chain(choices.flatten()).collect()
        }
        Block::Hint(tiers) => tiers.iter().map(String::as_str).collect(),
        Block::Keep(keep) => vec![&keep.text],
    }
}

/// The sentences of a block in which figures are evaluated.
fn sentences(block: &Block) -> Vec<&str> {
    match block {
        Block::Explain(text) => vec![text],
        Block::Check(predicates) => predicates.iter().map(|predicate| predicate.message.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// Whether a text can be one of the language: Chinese has Chinese characters, English has none. What stands between
/// backticks, numbers, units and punctuation belong to every language.
pub(super) fn is_in(text: &str, tag: &str) -> bool {
    let prose: String = text.split('`').step_by(2).collect();
    let is_word = |word: &str| word.contains(char::is_alphabetic) && !UNITS.contains(&word);
    !prose.split_whitespace().any(is_word) || prose.chars().any(is_wide) == (tag == "zh")
}

/// Words, where a Chinese character counts as half of one.
fn words(text: &str) -> usize {
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let others =
        text.split(|c: char| c.is_whitespace() || is_wide(c)).filter(|word| !word.is_empty()).count();
    others + wide.div_ceil(2)
}

/// Where two languages of one lesson differ in more than prose; lines are those of `other`.
pub fn compare(one: &Lesson, other: &Lesson) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut differ = |line, what: String| problems.push(Problem { line, fault: Fault::Languages(what) });
    for (what, same) in [
        ("their id", one.id == other.id),
        ("what they teach", one.teaches == other.teaches),
        ("what they need", one.needs == other.needs),
        ("their minutes", one.minutes == other.minutes),
        ("what they cover", one.covers == other.covers),
        ("their `docker:`", one.docker == other.docker),
        ("their `task:`", one.task == other.task),
        ("their `par:`", one.par == other.par),
        ("how they start", one.start == other.start),
    ] {
        if !same {
            differ(1, what.to_owned());
        }
    }
    let acts = |lesson: &Lesson| -> Vec<(String, usize)> {
        let placed = lesson.blocks.iter().zip(lesson.lines.iter().copied());
        placed.map(|(block, line)| (act(block), line)).collect()
    };
    let (one, other) = (acts(one), acts(other));
    if one.len() != other.len() {
        differ(1, format!("their number of blocks: {} and {}", one.len(), other.len()));
    }
    let different = one.iter().zip(&other).filter(|((one, _), (other, _))| one != other);
    // Where a block is missing, all behind it differ too.
    let told = if one.len() == other.len() { usize::MAX } else { 1 };
    for ((one, _), (other, line)) in different.take(told) {
        differ(*line, format!("a block:\n{one}\nand\n{other}"));
    }
    problems
}

/// What a block does, without what it says; but the figures that it says, for they are run in one language alone.
fn act(block: &Block) -> String {
    let lines = |lines: &[String]| lines.join("\n");
    let block_figures = sentences(block).into_iter().flat_map(figures).collect::<BTreeSet<_>>();
    let figures = block_figures.iter().fold(String::new(), |text, figure| text + "\n" + figure);
    let act = match block {
        Block::Prose(_) => "some words".to_owned(),
        Block::Console(exchanges) => {
            let exchange = |e: &Exchange| format!("$ {}\n{}", e.line, e.output.join("\n"));
            exchanges.iter().map(exchange).collect::<Vec<_>>().join("\n")
        }
        Block::Check(predicates) => {
            predicates.iter().map(|p| format!("{}: {}", p.name, p.line)).collect::<Vec<_>>().join("\n")
        }
        Block::Predict(Question { choices, .. }) => {
            let right = choices.iter().map(|choice| choice.line.as_deref().unwrap_or("-"));
            right.collect::<Vec<_>>().join("\n")
        }
        Block::Hint(tiers) => format!("{} hints", tiers.len()),
        Block::Solution(solution) => format!("solution\n{}", lines(solution)),
        Block::Wrong(wrong) => format!("{}\n! {}", lines(&wrong.lines), wrong.fails),
        Block::Explain(_) => "an explanation".to_owned(),
        Block::Keep(keep) => format!("keep\n{}", lines(&keep.lines)),
    };
    act + &figures
}
