//! A page's front matter, a small part of YAML: `key: text`, `key: [a, b]`, and `- item` lines.

use thiserror::Error;

use super::Lesson;

/// Why a page is no lesson.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct LessonError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong in it, or what its form is.
    pub what: &'static str,
}

/// Reads the lines between the two `---`; the first of them is the page's second line.
pub(super) fn front_matter(lines: &[&str]) -> Result<Lesson, LessonError> {
    let mut lesson = Lesson::default();
    let mut list: Option<&str> = None;
    for (n, line) in lines.iter().enumerate() {
        let wrong = |what| LessonError { line: n + 2, what };
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(item) = text.strip_prefix("- ") {
            let items = list.and_then(|key| items(&mut lesson, key));
            items
                .ok_or(wrong("an item belongs to `start:`, `needs:`, `covers:` or `teaches:`"))?
                .push(unquoted(item));
            continue;
        }
        let (key, value) = text.split_once(':').ok_or(wrong("front matter is `key: value` or `- item`"))?;
        let value = value.trim();
        list = Some(key);
        match key {
            "id" => lesson.id = unquoted(value),
            "title" => lesson.title = unquoted(value),
            "summary" => lesson.summary = unquoted(value),
            "docker" => lesson.docker = unquoted(value),
            "task" => lesson.task = unquoted(value),
            "minutes" => lesson.minutes = value.parse().map_err(|_| wrong("`minutes:` is a number"))?,
            "par" => lesson.par = value.parse().map_err(|_| wrong("`par:` is a number of lines"))?,
            _ => {
                let items = items(&mut lesson, key).ok_or(wrong("no key of a lesson has this name"))?;
                if let Some(inner) = value.strip_prefix('[') {
                    let inner = inner.strip_suffix(']').ok_or(wrong("a list is closed with `]`"))?;
                    items.extend(inner.split(',').map(unquoted).filter(|item| !item.is_empty()));
                } else if !value.is_empty() {
                    return Err(wrong("this key has a list: `[a, b]`, or lines of `- item`"));
                }
            }
        }
    }
    for (value, what) in [
        (&lesson.id, "the front matter has no `id:`"),
        (&lesson.title, "the front matter has no `title:`"),
        (&lesson.summary, "the front matter has no `summary:`"),
    ] {
        if value.is_empty() {
            return Err(LessonError { line: 1, what });
        }
    }
    Ok(lesson)
}

fn items<'a>(lesson: &'a mut Lesson, key: &str) -> Option<&'a mut Vec<String>> {
    match key {
        "teaches" => Some(&mut lesson.teaches),
        "needs" => Some(&mut lesson.needs),
        "covers" => Some(&mut lesson.covers),
        "start" => Some(&mut lesson.start),
        _ => None,
    }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned()
}
