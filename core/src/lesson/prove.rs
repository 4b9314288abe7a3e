//! Proves a lesson by running it: its runs print what they say, its checks start false, its solutions make them true,
//! its wrong attempts fail the check that they name, and its sentences' figures can be had.

use super::figures::{figures, fill};
use super::inspect::names;
use super::{Block, Exchange, Fault, Keep, Lesson, Predicate, Problem, Question};

/// How a line ended that was tested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tested {
    /// Its exit status.
    pub status: u8,
    /// What it printed on standard output.
    pub output: String,
}

/// A lab that lessons are proven in.
pub trait LessonLab {
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
    /// How lines end that are tested without being run in the learner's shell.
    ///
    /// # Errors
    /// One sentence: the lab is gone.
    fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String>;
}

/// Runs a lesson through.
///
/// # Errors
/// The lab's, when the lesson cannot be run at all.
pub fn prove(lesson: &Lesson, lab: &mut dyn LessonLab) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    lab.fresh(&lesson.start)?;
    let mut check: Option<&[Predicate]> = None;
    let mut is_solved = false;
    let mut question: Option<(&Question, usize)> = None;
    for (block, line) in lesson.blocks.iter().zip(lesson.lines.iter().copied()) {
        let mut found = |fault| problems.push(Problem { line, fault });
        match block {
            Block::Prose(_) | Block::Hint(_) | Block::Wrong(_) => {}
            Block::Predict(asked) => question = Some((asked, line)),
            Block::Console(exchanges) => {
                for exchange in exchanges {
                    console(exchange, lab)?.into_iter().for_each(&mut found);
                }
                problems.extend(grade(question.take(), lab)?);
            }
            Block::Check(predicates) => {
                if failing(predicates, lab)?.is_empty() {
                    found(Fault::SolvedAtStart { names: names(predicates) });
                }
                check = Some(predicates);
                is_solved = false;
            }
            // Another way is tried from where its check is met, see `attempts`.
            Block::Solution(_) if is_solved => {}
            Block::Solution(lines) => {
                is_solved = true;
                run_all(lines, lab)?;
                for failed in failing(check.unwrap_or_default(), lab)? {
                    let message = with_figures(&failed.message, lab)?;
                    found(Fault::Unsolved { name: failed.name.clone(), message });
                }
                problems.extend(grade(question.take(), lab)?);
            }
            Block::Explain(text) => missing_figures(text, lab)?.into_iter().for_each(&mut found),
            Block::Keep(Keep { lines, .. }) => {
                let tested = lab.test(lines)?;
                let failed = lines.iter().zip(tested).filter(|(_, tested)| tested.status != 0);
                failed.for_each(|(line, _)| found(Fault::Kept { line: line.clone() }));
            }
        }
    }
    problems.extend(grade(question, lab)?);
    problems.extend(attempts(lesson, lab)?);
    Ok(problems)
}

/// Each other way and each wrong attempt, from the state in which its check is met.
fn attempts(lesson: &Lesson, lab: &mut dyn LessonLab) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    let mut check: Option<(usize, &[Predicate])> = None;
    let mut is_solved = false;
    for (at, block) in lesson.blocks.iter().enumerate() {
        let line = lesson.lines.get(at).copied().unwrap_or(1);
        let mut found = |fault| problems.push(Problem { line, fault });
        match block {
            Block::Check(predicates) => {
                check = Some((at, predicates));
                is_solved = false;
            }
            Block::Solution(_) if !is_solved => is_solved = true,
            Block::Solution(lines) => {
                let Some((met, predicates)) = check else { continue };
                lab.fresh(&lesson.start)?;
                arrive(&lesson.blocks[..met], lab)?;
                run_all(lines, lab)?;
                for failed in failing(predicates, lab)? {
                    let message = with_figures(&failed.message, lab)?;
                    found(Fault::Unsolved { name: failed.name.clone(), message });
                }
            }
            Block::Wrong(wrong) => {
                let name = wrong.fails.clone();
                let known = check.filter(|(_, predicates)| predicates.iter().any(|p| p.name == name));
                let Some((met, predicates)) = known else {
                    found(Fault::NoSuchCheck { name });
                    continue;
                };
                lab.fresh(&lesson.start)?;
                arrive(&lesson.blocks[..met], lab)?;
                run_all(&wrong.lines, lab)?;
                let failed = failing(predicates, lab)?;
                let lines = wrong.lines.join("; ");
                match failed.first() {
                    Some(first) if first.name == name => {
                        missing_figures(&first.message, lab)?.into_iter().for_each(&mut found);
                    }
                    Some(first) if failed.iter().any(|failed| failed.name == name) => {
                        found(Fault::WrongFirst { first: first.name.clone(), name, lines });
                    }
                    _ => found(Fault::WrongPasses { name, lines }),
                }
            }
            _ => {}
        }
    }
    Ok(problems)
}

/// Does what stands before a task.
fn arrive(before: &[Block], lab: &mut dyn LessonLab) -> Result<(), String> {
    let mut is_solved = false;
    for block in before {
        match block {
            Block::Check(_) => is_solved = false,
            Block::Solution(_) if is_solved => {}
            Block::Console(exchanges) => {
                exchanges.iter().try_for_each(|exchange| lab.run(&exchange.line).map(drop))?;
            }
            Block::Solution(lines) => {
                is_solved = true;
                run_all(lines, lab)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn run_all(lines: &[String], lab: &mut dyn LessonLab) -> Result<(), String> {
    lines.iter().try_for_each(|line| lab.run(line).map(drop))
}

fn console(exchange: &Exchange, lab: &mut dyn LessonLab) -> Result<Option<Fault>, String> {
    let printed = lab.run(&exchange.line)?;
    let found: Vec<&str> = printed.lines().map(str::trim_end).collect();
    if lines_match(&exchange.output, &found) {
        return Ok(None);
    }
    let (line, expected, found) = (exchange.line.clone(), exchange.output.join("\n"), found.join("\n"));
    Ok(Some(Fault::Output { line, expected, found }))
}

/// Exactly one choice is right, and the machine says which.
fn grade(question: Option<(&Question, usize)>, lab: &mut dyn LessonLab) -> Result<Option<Problem>, String> {
    let Some((question, line)) = question else { return Ok(None) };
    let statuses: Vec<u8> = lab.test(&question.tests())?.iter().map(|tested| tested.status).collect();
    let right = question.right(&statuses).len();
    let fault = Fault::Choices { right, question: question.text.clone() };
    Ok((right != 1).then_some(Problem { line, fault }))
}

/// The predicates that are false now.
///
/// # Errors
/// The lab's.
pub fn failing<'a>(
    predicates: &'a [Predicate],
    lab: &mut dyn LessonLab,
) -> Result<Vec<&'a Predicate>, String> {
    let lines: Vec<String> = predicates.iter().map(|predicate| predicate.line.clone()).collect();
    let tested = lab.test(&lines)?;
    let failed = predicates.iter().zip(tested).filter(|(_, tested)| tested.status != 0);
    Ok(failed.map(|(predicate, _)| predicate).collect())
}

/// A sentence with its figures as they are now.
///
/// # Errors
/// The lab's.
pub fn with_figures(text: &str, lab: &mut dyn LessonLab) -> Result<String, String> {
    let lines = figures(text);
    if lines.is_empty() {
        return Ok(text.to_owned());
    }
    let printed: Vec<String> = lab.test(&lines)?.into_iter().map(|tested| tested.output).collect();
    Ok(fill(text, &printed))
}

/// The figures of a sentence that cannot be had now.
fn missing_figures(text: &str, lab: &mut dyn LessonLab) -> Result<Vec<Fault>, String> {
    let lines = figures(text);
    let tested = lab.test(&lines)?;
    let missing = lines.into_iter().zip(tested);
    let missing = missing.filter(|(_, tested)| tested.status != 0 || tested.output.trim().is_empty());
    Ok(missing.map(|(figure, _)| Fault::Figure { figure }).collect())
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
