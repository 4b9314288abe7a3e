//! Proves a lesson: that its runs print what they say, its checks start false, its solutions make them true and its
//! wrong ways do not; and that its translations say the same.

use super::{Block, Exchange, Lesson, Predicate, Question};

/// Words before the first thing to do, at most.
pub const WORDS_MAX: usize = 80;

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
    "export",
    "hard-link",
    "image",
    "layer",
    "lookup",
    "merge",
    "metadata-step",
    "mount",
    "multi-stage",
    "opaque",
    "permission",
    "push",
    "registry",
    "rename",
    "reproducible",
    "rootfs",
    "secret",
    "tag",
    "union",
    "upper",
    "volume",
    "whiteout",
    "writable-layer",
    "xattr",
];

/// A lab that lessons are proven in.
pub trait Desk {
    /// Starts anew, with these lines run before the learner arrives.
    ///
    /// # Errors
    /// One sentence: the lab is gone, or a line failed.
    fn fresh(&mut self, start: &[String]) -> Result<(), String>;
    /// Runs a line and returns what the terminal shows.
    ///
    /// # Errors
    /// One sentence: the lab is gone.
    fn run(&mut self, line: &str) -> Result<String, String>;
    /// The exit statuses of lines that are tested without being run in the learner's shell.
    ///
    /// # Errors
    /// One sentence: the lab is gone.
    fn test(&mut self, lines: &[String]) -> Result<Vec<u8>, String>;
}

/// What is wrong with a lesson.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what the fields are")]
pub enum Problem {
    #[error("`{line}` prints otherwise:\nexpected:\n{expected}\nfound:\n{found}")]
    Output { line: String, expected: String, found: String },
    #[error("the check {names} is passed before anything is done")]
    SolvedAtStart { names: String },
    #[error("the solution does not pass the check {name}: {message}")]
    Unsolved { name: String, message: String },
    #[error("a wrong way passes the check {name}: {lines}")]
    WrongPasses { name: String, lines: String },
    #[error("a wrong way names {name}, which is no check before it")]
    NoSuchCheck { name: String },
    #[error("{right} of the choices are right after the run: {question}")]
    Choices { right: usize, question: String },
    #[error("the check {names} has no {what}")]
    Lacks { names: String, what: &'static str },
    #[error("{words} words stand before the first thing to do, and {WORDS_MAX} may")]
    Words { words: usize },
    #[error("there is no concept named {0}")]
    Concept(String),
    #[error("nothing is to be done in it")]
    NothingToDo,
    #[error("the languages differ in {0}")]
    Languages(String),
}

/// What is wrong with the text alone.
pub fn inspect(lesson: &Lesson) -> Vec<Problem> {
    let mut problems = Vec::new();
    let unknown = lesson.teaches.iter().filter(|id| !CONCEPTS.contains(&id.as_str()));
    problems.extend(unknown.map(|id| Problem::Concept(id.clone())));
    let prose = lesson.blocks.iter().map_while(|block| match block {
        Block::Prose(text) => Some(words(text)),
        _ => None,
    });
    let words = prose.sum();
    if words > WORDS_MAX {
        problems.push(Problem::Words { words });
    }
    let is_act = |block: &&Block| matches!(block, Block::Console(_) | Block::Check(_));
    if lesson.blocks.iter().find(is_act).is_none() {
        problems.push(Problem::NothingToDo);
    }
    for (at, block) in lesson.blocks.iter().enumerate() {
        let Block::Check(predicates) = block else { continue };
        let after = lesson.blocks[at + 1..].iter().take_while(|block| !matches!(block, Block::Check(_)));
        let after: Vec<&Block> = after.collect();
        if !after.iter().any(|block| matches!(block, Block::Hint(_))) {
            problems.push(Problem::Lacks { names: names(predicates), what: "hint" });
        }
        if !after.iter().any(|block| matches!(block, Block::Solution(_))) {
            problems.push(Problem::Lacks { names: names(predicates), what: "solution" });
        }
    }
    problems
}

/// Words, where a Chinese character counts as half of one.
fn words(text: &str) -> usize {
    let is_wide = |c: char| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let others =
        text.split(|c: char| c.is_whitespace() || is_wide(c)).filter(|word| !word.is_empty()).count();
    others + wide.div_ceil(2)
}

/// Where two languages of one lesson differ in more than prose.
pub fn compare(one: &Lesson, other: &Lesson) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut differ = |what: String| problems.push(Problem::Languages(what));
    for (what, same) in [
        ("their id", one.id == other.id),
        ("what they teach", one.teaches == other.teaches),
        ("what they need", one.needs == other.needs),
        ("how they start", one.start == other.start),
    ] {
        if !same {
            differ(what.to_owned());
        }
    }
    let acts = |lesson: &Lesson| -> Vec<String> { lesson.blocks.iter().filter_map(act).collect() };
    let (one, other) = (acts(one), acts(other));
    if one.len() != other.len() {
        differ(format!("their number of blocks: {} and {}", one.len(), other.len()));
    }
    for (one, other) in one.iter().zip(&other).filter(|(one, other)| one != other) {
        differ(format!("a block:\n{one}\nand\n{other}"));
    }
    problems
}

/// What a block does, without what it says.
fn act(block: &Block) -> Option<String> {
    Some(match block {
        Block::Prose(_) => return None,
        Block::Console(exchanges) => {
            let exchange = |e: &Exchange| format!("$ {}\n{}", e.line, e.output.join("\n"));
            exchanges.iter().map(exchange).collect::<Vec<_>>().join("\n")
        }
        Block::Check(predicates) => {
            predicates.iter().map(|p| format!("{}: {}", p.name, p.line)).collect::<Vec<_>>().join("\n")
        }
        Block::Predict(question) => {
            let lines = question.choices.iter().map(|choice| choice.line.as_deref().unwrap_or("-"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Block::Hint(tiers) => format!("{} hints", tiers.len()),
        Block::Solution(lines) => lines.join("\n"),
        Block::Wrong(wrong) => format!("{}\n! {}", wrong.lines.join("\n"), wrong.fails),
    })
}

/// Runs a lesson through.
///
/// # Errors
/// The desk's, when the lesson cannot be run at all.
pub fn prove(lesson: &Lesson, desk: &mut dyn Desk) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    desk.fresh(&lesson.start)?;
    let mut check: Option<&[Predicate]> = None;
    let mut question: Option<&Question> = None;
    for block in &lesson.blocks {
        match block {
            Block::Prose(_) | Block::Hint(_) | Block::Wrong(_) => {}
            Block::Predict(asked) => question = Some(asked),
            Block::Console(exchanges) => {
                for exchange in exchanges {
                    problems.extend(console(exchange, desk)?);
                }
                problems.extend(grade(question.take(), desk)?);
            }
            Block::Check(predicates) => {
                if failing(predicates, desk)?.is_empty() {
                    problems.push(Problem::SolvedAtStart { names: names(predicates) });
                }
                check = Some(predicates);
            }
            Block::Solution(lines) => {
                run_all(lines, desk)?;
                for failed in failing(check.unwrap_or_default(), desk)? {
                    problems.push(Problem::Unsolved {
                        name: failed.name.clone(),
                        message: failed.message.clone(),
                    });
                }
                problems.extend(grade(question.take(), desk)?);
            }
        }
    }
    problems.extend(grade(question, desk)?);
    problems.extend(wrong_ways(lesson, desk)?);
    Ok(problems)
}

/// Each wrong way, from the state in which its check is met.
fn wrong_ways(lesson: &Lesson, desk: &mut dyn Desk) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    let mut check: Option<(usize, &[Predicate])> = None;
    for (at, block) in lesson.blocks.iter().enumerate() {
        match (block, check) {
            (Block::Check(predicates), _) => check = Some((at, predicates)),
            (Block::Wrong(wrong), Some((met, predicates)))
                if predicates.iter().any(|p| p.name == wrong.fails) =>
            {
                desk.fresh(&lesson.start)?;
                for before in &lesson.blocks[..met] {
                    match before {
                        Block::Console(exchanges) => {
                            exchanges.iter().try_for_each(|exchange| desk.run(&exchange.line).map(drop))?;
                        }
                        Block::Solution(lines) => run_all(lines, desk)?,
                        _ => {}
                    }
                }
                run_all(&wrong.lines, desk)?;
                if !failing(predicates, desk)?.iter().any(|failed| failed.name == wrong.fails) {
                    let lines = wrong.lines.join("; ");
                    problems.push(Problem::WrongPasses { name: wrong.fails.clone(), lines });
                }
            }
            (Block::Wrong(wrong), _) => problems.push(Problem::NoSuchCheck { name: wrong.fails.clone() }),
            _ => {}
        }
    }
    Ok(problems)
}

fn run_all(lines: &[String], desk: &mut dyn Desk) -> Result<(), String> {
    lines.iter().try_for_each(|line| desk.run(line).map(drop))
}

fn console(exchange: &Exchange, desk: &mut dyn Desk) -> Result<Option<Problem>, String> {
    let printed = desk.run(&exchange.line)?;
    let found: Vec<&str> = printed.lines().map(str::trim_end).collect();
    if lines_match(&exchange.output, &found) {
        return Ok(None);
    }
    let (line, expected, found) = (exchange.line.clone(), exchange.output.join("\n"), found.join("\n"));
    Ok(Some(Problem::Output { line, expected, found }))
}

/// Exactly one choice is right, and the machine says which.
fn grade(question: Option<&Question>, desk: &mut dyn Desk) -> Result<Option<Problem>, String> {
    let Some(question) = question else { return Ok(None) };
    let lines: Vec<String> = question.choices.iter().filter_map(|choice| choice.line.clone()).collect();
    let right = desk.test(&lines)?.iter().filter(|status| **status == 0).count();
    Ok((right != 1).then(|| Problem::Choices { right, question: question.text.clone() }))
}

/// The predicates that are false now.
pub fn failing<'a>(predicates: &'a [Predicate], desk: &mut dyn Desk) -> Result<Vec<&'a Predicate>, String> {
    let lines: Vec<String> = predicates.iter().map(|predicate| predicate.line.clone()).collect();
    let statuses = desk.test(&lines)?;
    Ok(predicates
        .iter()
        .zip(statuses)
        .filter(|(_, status)| *status != 0)
        .map(|(predicate, _)| predicate)
        .collect())
}

fn names(predicates: &[Predicate]) -> String {
    predicates.iter().map(|predicate| predicate.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether lines are what patterns describe: `...` stands for any lines, `[..]` for any text in one.
fn lines_match(patterns: &[String], lines: &[&str]) -> bool {
    // ends[n]: the patterns so far can match exactly the first n lines.
    let mut ends = vec![false; lines.len() + 1];
    ends[0] = true;
    for pattern in patterns {
        let mut next = vec![false; lines.len() + 1];
        if pattern == "..." {
            let first = ends.iter().position(|end| *end).unwrap_or(ends.len());
            next[first..].fill(true);
        } else {
            for (n, line) in lines.iter().enumerate() {
                next[n + 1] = ends[n] && line_matches(pattern.trim_end(), line);
            }
        }
        ends = next;
    }
    ends[lines.len()]
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(previous) = last.replace(part) {
            // The leftmost place leaves the most room for what follows.
            let Some(at) = rest.find(previous) else { return false };
            rest = &rest[at + previous.len()..];
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests;
