//! Reads a lesson's page: front matter (a small part of YAML: `key: text`, `key: [a, b]`, and `- item` lines), then
//! CommonMark with the fences of [`super::Block`].

use thiserror::Error;

use super::{Block, Choice, Exchange, Lesson, Predicate, Question, Wrong};

/// Why a page is no lesson. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LessonError {
    /// The page does not begin with `---`, or that is never closed.
    #[error("no front matter between two lines of ---")]
    NoFrontMatter,
    /// A line of the front matter is none of the forms read here.
    #[error("line {0} of the front matter is not understood")]
    FrontMatter(usize),
    /// A key that every lesson has is missing.
    #[error("the front matter has no {0}")]
    Missing(&'static str),
    /// A fence is never closed.
    #[error("the fence in line {0} is not closed")]
    Open(usize),
    /// A fence's content is not of its form.
    #[error("line {0}: {1}")]
    Block(usize, &'static str),
}

/// Reads a page.
///
/// # Errors
/// [`LessonError`].
pub fn parse(page: &str) -> Result<Lesson, LessonError> {
    let lines: Vec<&str> = page.lines().collect();
    let end = lines.iter().skip(1).position(|line| line.trim_end() == "---").map(|at| at + 1);
    let Some(end) = end.filter(|_| lines.first().is_some_and(|line| line.trim_end() == "---")) else {
        return Err(LessonError::NoFrontMatter);
    };
    let mut lesson = front_matter(&lines[1..end])?;
    lesson.blocks = blocks(&lines, end + 1)?;
    Ok(lesson)
}

fn front_matter(lines: &[&str]) -> Result<Lesson, LessonError> {
    let mut lesson = Lesson::default();
    let mut list: Option<&str> = None;
    for (n, line) in lines.iter().enumerate() {
        let wrong = LessonError::FrontMatter(n + 2);
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(item) = text.strip_prefix("- ") {
            items(&mut lesson, list.ok_or(wrong.clone())?).ok_or(wrong)?.push(unquoted(item));
            continue;
        }
        let (key, value) = text.split_once(':').ok_or(wrong.clone())?;
        let value = value.trim();
        list = Some(key);
        match key {
            "id" => lesson.id = unquoted(value),
            "title" => lesson.title = unquoted(value),
            "summary" => lesson.summary = unquoted(value),
            _ => {
                let items = items(&mut lesson, key).ok_or(wrong.clone())?;
                if let Some(inner) = value.strip_prefix('[') {
                    let inner = inner.strip_suffix(']').ok_or(wrong)?;
                    items.extend(inner.split(',').map(unquoted).filter(|item| !item.is_empty()));
                } else if !value.is_empty() {
                    return Err(wrong);
                }
            }
        }
    }
    for (value, name) in [(&lesson.id, "id"), (&lesson.title, "title"), (&lesson.summary, "summary")] {
        if value.is_empty() {
            return Err(LessonError::Missing(name));
        }
    }
    Ok(lesson)
}

fn items<'a>(lesson: &'a mut Lesson, key: &str) -> Option<&'a mut Vec<String>> {
    match key {
        "teaches" => Some(&mut lesson.teaches),
        "needs" => Some(&mut lesson.needs),
        "start" => Some(&mut lesson.start),
        _ => None,
    }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned()
}

/// The page after its front matter; `at` is the index of its first line.
fn blocks(lines: &[&str], mut at: usize) -> Result<Vec<Block>, LessonError> {
    let mut blocks = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    while at < lines.len() {
        let Some(kind) = fence(lines[at]) else {
            prose.push(lines[at]);
            at += 1;
            continue;
        };
        let first = at + 1;
        let length = lines[first..]
            .iter()
            .position(|line| line.trim_end() == "```")
            .ok_or(LessonError::Open(first))?;
        let inside = &lines[first..first + length];
        at = first + length + 1;
        let block = match kind {
            "console" => Block::Console(console(inside, first)?),
            "check" => Block::Check(check(inside, first)?),
            "predict" => Block::Predict(predict(inside, first)?),
            "hint" => Block::Hint(hint(inside)),
            "solution" => Block::Solution(commands(inside)),
            "wrong" => Block::Wrong(wrong(inside, first)?),
            // Any other fence is for the reader.
            _ => {
                prose.extend_from_slice(&lines[first - 1..at]);
                continue;
            }
        };
        flush(&mut prose, &mut blocks);
        blocks.push(block);
    }
    flush(&mut prose, &mut blocks);
    Ok(blocks)
}

fn fence(line: &str) -> Option<&str> {
    line.strip_prefix("```").map(str::trim)
}

fn flush(prose: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    let text = prose.join("\n");
    prose.clear();
    if !text.trim().is_empty() {
        blocks.push(Block::Prose(text.trim_matches('\n').to_owned()));
    }
}

fn commands(lines: &[&str]) -> Vec<String> {
    let typed = lines.iter().map(|line| line.strip_prefix("$ ").unwrap_or(line).trim_end());
    typed.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn console(lines: &[&str], first: usize) -> Result<Vec<Exchange>, LessonError> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(line), _) => {
                exchanges.push(Exchange { line: line.trim_end().to_owned(), output: Vec::new() });
            }
            (None, Some(last)) => last.output.push((*line).to_owned()),
            (None, None) => {
                return Err(LessonError::Block(first + 1, "a console begins with a line of `$ `"));
            }
        }
    }
    if exchanges.is_empty() {
        return Err(LessonError::Block(first, "a console has at least one line"));
    }
    Ok(exchanges)
}

fn check(lines: &[&str], first: usize) -> Result<Vec<Predicate>, LessonError> {
    let mut predicates: Vec<Predicate> = Vec::new();
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what| LessonError::Block(first + n + 1, what);
        if let Some(message) = line.trim_start().strip_prefix("! ") {
            let last = predicates.last_mut().ok_or(wrong("a message follows its predicate"))?;
            message.trim().clone_into(&mut last.message);
        } else {
            let (name, line) = line.split_once(": ").ok_or(wrong("a predicate is `name: shell line`"))?;
            let (name, line) = (name.trim().to_owned(), line.trim().to_owned());
            predicates.push(Predicate { name, line, message: String::new() });
        }
    }
    if predicates.is_empty() || predicates.iter().any(|predicate| predicate.message.is_empty()) {
        return Err(LessonError::Block(first, "each predicate has a message"));
    }
    Ok(predicates)
}

/// The question, then choices as `- answer`, the right one followed by `= shell line`.
fn predict(lines: &[&str], first: usize) -> Result<Question, LessonError> {
    let mut question = Question { text: String::new(), choices: Vec::new() };
    for (n, line) in lines.iter().map(|line| line.trim()).enumerate().filter(|(_, line)| !line.is_empty()) {
        let wrong = |what| LessonError::Block(first + n + 1, what);
        if let Some(text) = line.strip_prefix("- ") {
            question.choices.push(Choice { text: text.to_owned(), line: None });
        } else if let Some(predicate) = line.strip_prefix("= ") {
            let last = question.choices.last_mut().ok_or(wrong("a predicate follows its choice"))?;
            last.line = Some(predicate.to_owned());
        } else if question.choices.is_empty() {
            if !question.text.is_empty() {
                question.text.push(' ');
            }
            question.text.push_str(line);
        } else {
            return Err(wrong("a choice is `- answer` or `= shell line`"));
        }
    }
    let right = question.choices.iter().filter(|choice| choice.line.is_some()).count();
    if question.choices.len() < 2 || right == 0 || question.text.is_empty() {
        return Err(LessonError::Block(first, "a question, two choices or more, a predicate"));
    }
    Ok(question)
}

/// Tiers, a paragraph each.
fn hint(lines: &[&str]) -> Vec<String> {
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
    let fails = fails.ok_or(LessonError::Block(first, "a wrong names the check that fails: `! name`"))?;
    Ok(Wrong { lines: commands(&rest), fails })
}
