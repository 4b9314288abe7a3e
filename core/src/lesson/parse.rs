//! Reads a lesson's page: front matter, then CommonMark with the fences of [`super::Block`].

use super::figures::spelled;
use super::front::{LessonError, front_matter};
use super::shorthand::expand;
use super::{Block, Choice, Exchange, Keep, Lesson, Predicate, Question, Wrong};

/// Reads a page. The short forms of its shell lines are spelled out.
///
/// # Errors
/// [`LessonError`].
pub fn parse(page: &str) -> Result<Lesson, LessonError> {
    let lines: Vec<&str> = page.lines().collect();
    let end = lines.iter().skip(1).position(|line| line.trim_end() == "---").map(|at| at + 1);
    let Some(end) = end.filter(|_| lines.first().is_some_and(|line| line.trim_end() == "---")) else {
        return Err(LessonError {
            line: 1,
            what: "a page begins with front matter between two lines of ---",
        });
    };
    let mut lesson = front_matter(&lines[1..end])?;
    lesson.start.iter_mut().for_each(|line| *line = expand(line));
    blocks(&lines, end + 1, &mut lesson)?;
    Ok(lesson)
}

/// The page after its front matter; `at` is the index of its first line.
fn blocks(lines: &[&str], mut at: usize, lesson: &mut Lesson) -> Result<(), LessonError> {
    // Prose that no block has ended yet, from this index on.
    let mut from = at;
    while at < lines.len() {
        let Some(kind) = fence(lines[at]) else {
            at += 1;
            continue;
        };
        let first = at + 1;
        let length = lines[first..]
            .iter()
            .position(|line| line.trim_end() == "```")
            .ok_or(LessonError { line: first, what: "this fence is not closed" })?;
        let inside = &lines[first..first + length];
        let after = first + length + 1;
        let block = match kind {
            "console" => Block::Console(console(inside, first)?),
            "check" => Block::Check(check(inside, first)?),
            "predict" => Block::Predict(predict(inside, first)?),
            "hint" => Block::Hint(hint(inside)),
            "solution" => Block::Solution(commands(inside)),
            "wrong" => Block::Wrong(wrong(inside, first)?),
            "explain" => Block::Explain(spelled(inside.join("\n").trim())),
            "keep" => Block::Keep(keep(inside)),
            // Any other fence is for the reader.
            _ => {
                at = after;
                continue;
            }
        };
        prose(lines, from..at, lesson);
        lesson.blocks.push(block);
        lesson.lines.push(first);
        (at, from) = (after, after);
    }
    prose(lines, from..at, lesson);
    Ok(())
}

fn fence(line: &str) -> Option<&str> {
    line.strip_prefix("```").map(str::trim)
}

/// The prose in these lines, if there is any.
fn prose(lines: &[&str], range: std::ops::Range<usize>, lesson: &mut Lesson) {
    let text = &lines[range.clone()];
    if let Some(first) = text.iter().position(|line| !line.trim().is_empty()) {
        lesson.blocks.push(Block::Prose(text.join("\n").trim_matches('\n').to_owned()));
        lesson.lines.push(range.start + first + 1);
    }
}

fn commands(lines: &[&str]) -> Vec<String> {
    let typed = lines.iter().map(|line| line.strip_prefix("$ ").unwrap_or(line).trim_end());
    typed.filter(|line| !line.is_empty()).map(expand).collect()
}

fn console(lines: &[&str], first: usize) -> Result<Vec<Exchange>, LessonError> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(line), _) => {
                exchanges.push(Exchange { line: expand(line.trim_end()), output: Vec::new() });
            }
            (None, Some(last)) => last.output.push((*line).to_owned()),
            (None, None) => {
                return Err(LessonError { line: first + 1, what: "a console begins with a line of `$ `" });
            }
        }
    }
    if exchanges.is_empty() {
        return Err(LessonError { line: first, what: "a console has at least one line" });
    }
    Ok(exchanges)
}

fn check(lines: &[&str], first: usize) -> Result<Vec<Predicate>, LessonError> {
    let mut predicates: Vec<Predicate> = Vec::new();
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what| LessonError { line: first + n + 1, what };
        if let Some(message) = line.strip_prefix("! ") {
            let last = predicates.last_mut().ok_or(wrong("a message follows its predicate"))?;
            last.message = spelled(message.trim());
        } else if let Some(goal) = line.strip_prefix("+ ") {
            let last = predicates.last_mut().ok_or(wrong("a goal follows its predicate"))?;
            goal.trim().clone_into(&mut last.goal);
        } else {
            let (name, line) = line.split_once(": ").ok_or(wrong("a predicate is `name: shell line`"))?;
            let (name, line) = (name.trim().to_owned(), expand(line.trim()));
            predicates.push(Predicate { name, line, goal: String::new(), message: String::new() });
        }
    }
    if predicates.is_empty() || predicates.iter().any(|predicate| predicate.message.is_empty()) {
        return Err(LessonError { line: first, what: "each predicate has a message: `! what is not so`" });
    }
    Ok(predicates)
}

/// The question, then choices as `- answer`, the right one followed by `= shell line`, the others by `! why not`.
fn predict(lines: &[&str], first: usize) -> Result<Question, LessonError> {
    let mut question = Question { text: String::new(), choices: Vec::new() };
    for (n, line) in lines.iter().map(|line| line.trim()).enumerate().filter(|(_, line)| !line.is_empty()) {
        let wrong = |what| LessonError { line: first + n + 1, what };
        if let Some(text) = line.strip_prefix("- ") {
            question.choices.push(Choice { text: text.to_owned(), line: None, why: None });
        } else if let Some(predicate) = line.strip_prefix("= ") {
            let last = question.choices.last_mut().ok_or(wrong("a predicate follows its choice"))?;
            last.line = Some(expand(predicate));
        } else if let Some(why) = line.strip_prefix("! ") {
            let last = question.choices.last_mut().ok_or(wrong("a reason follows its choice"))?;
            last.why = Some(why.to_owned());
        } else if question.choices.is_empty() {
            if !question.text.is_empty() {
                question.text.push(' ');
            }
            question.text.push_str(line);
        } else {
            return Err(wrong("a choice is `- answer`, `= shell line` or `! why it is wrong`"));
        }
    }
    let right = question.choices.iter().filter(|choice| choice.line.is_some()).count();
    if question.choices.len() < 2 || right == 0 || question.text.is_empty() {
        let what = "`predict` is a question, two choices or more, and a predicate under the right one";
        return Err(LessonError { line: first, what });
    }
    Ok(question)
}

/// Tiers, a paragraph each.
fn hint(lines: &[&str]) -> Vec<String> {
    paragraphs(lines)
}

fn paragraphs(lines: &[&str]) -> Vec<String> {
    let text = lines.join("\n");
    text.split("\n\n")
        .map(|tier| tier.replace('\n', " ").trim().to_owned())
        .filter(|tier| !tier.is_empty())
        .collect()
}

/// Lines, and `! name` for the check that must fail.
fn wrong(lines: &[&str], first: usize) -> Result<Wrong, LessonError> {
    let fails = lines.iter().find_map(|line| line.strip_prefix("! ")).map(|name| name.trim().to_owned());
    let rest: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with("! ")).collect();
    let fails =
        fails.ok_or(LessonError { line: first, what: "`wrong` names the check that fails: `! name`" })?;
    Ok(Wrong { lines: commands(&rest), fails })
}

/// What to remember, and `$ ` lines for a real host.
fn keep(lines: &[&str]) -> Keep {
    let (typed, text): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| line.starts_with("$ "));
    Keep { text: paragraphs(&text).join(" "), lines: commands(&typed) }
}
