//! The lines that programs print themselves, `Layerlab: …`, in the languages of the reader.
//!
//! A program prints English, since its output is data that a script may read and both kernels must print alike. Whoever
//! shows it to a person asks here. A row of the table is the English text, ` => ` and the other; `*` is a part that
//! varies, `{0}` the first of them. A part is looked up by itself as well. Where more than one row fits, the one with
//! the most fixed text counts.

use std::borrow::Cow;

use super::Language;
use crate::texts::{self, Texts, texts};

/// What such a line begins with.
pub const MARK: &str = "Layerlab: ";

/// Whether a line is the lab's own.
pub fn is_ours(line: &str) -> bool {
    line.starts_with(MARK)
}

/// The tables, by language. English is what programs print.
static TABLES: Texts = texts! {
    "zh" => "help/lines.zh.txt",
};

/// The line in that language; as it is where it is none of the lab's own, or the table has no row for it.
pub fn line(language: Language, text: &str) -> Cow<'_, str> {
    if language == Language::En {
        return text.into();
    }
    let Some(said) = text.trim_end().strip_prefix(MARK) else { return text.into() };
    let end = &text[text.trim_end().len()..];
    match translated(rows(language), said) {
        Some(found) => format!("{MARK}{found}{end}").into(),
        None => text.into(),
    }
}

/// The patterns of a language's table.
pub fn patterns(language: Language) -> Vec<&'static str> {
    rows(language).map(|(pattern, _)| pattern).collect()
}

fn rows(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> + Clone {
    let table = texts::find(TABLES, language.tag()).unwrap_or_default();
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "))
}

type Row = (&'static str, &'static str);

fn translated(rows: impl Iterator<Item = Row> + Clone, said: &str) -> Option<String> {
    let (text, holes) = fitting(rows.clone(), said)?;
    let mut shown = text.to_owned();
    for (at, hole) in holes.iter().enumerate() {
        // A part is a sentence of its own, or a name that stays.
        let part = fitting(rows.clone(), hole)
            .map_or_else(|| (*hole).to_owned(), |(text, inner)| fill(text, &inner));
        shown = shown.replacen(&format!("{{{at}}}"), &part, 1);
    }
    Some(shown)
}

fn fill(text: &str, holes: &[&str]) -> String {
    let holes = holes.iter().enumerate();
    holes.fold(text.to_owned(), |text, (at, hole)| text.replacen(&format!("{{{at}}}"), hole, 1))
}

fn fitting(rows: impl Iterator<Item = Row>, said: &str) -> Option<(&'static str, Vec<&str>)> {
    let found = rows.filter_map(|(pattern, text)| Some((pattern, text, whole(pattern, said)?)));
    let best = found.max_by_key(|(pattern, ..)| pattern.len() - pattern.matches('*').count());
    best.map(|(_, text, holes)| (text, holes))
}

/// What stands in the holes of a pattern that is the whole text.
fn whole<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split('*');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = match parts.peek() {
            None => rest
                .len()
                .checked_sub(part.len())
                .filter(|end| rest.is_char_boundary(*end) && rest[*end..] == *part)?,
            Some(_) => rest.find(part)?,
        };
        holes.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_in_the_readers_language_with_its_names() {
        let zh = |text| line(Language::Zh, text).into_owned();
        for (text, shown) in [
            (
                "Layerlab: the lab has one unit, docker.service\n",
                "Layerlab: 实验室只有一个单元：docker.service\n",
            ),
            (
                "Layerlab: stopped: read met a line of more than 2 MiB",
                "Layerlab: 已停止：read 遇到超过 2 MiB 的一行",
            ),
            ("Layerlab: awk has no getline here", "Layerlab: 这里的 awk 没有 getline"),
            ("Layerlab: nobody wrote this\n", "Layerlab: nobody wrote this\n"),
            ("not ours", "not ours"),
        ] {
            assert_eq!(zh(text), shown);
            assert_eq!(line(Language::En, text), text);
        }
    }

    #[test]
    fn every_row_fills_all_of_its_holes() {
        for (pattern, text) in rows(Language::Zh) {
            for at in 0..4 {
                let is_there = text.contains(&format!("{{{at}}}"));
                assert_eq!(is_there, at < pattern.matches('*').count(), "{pattern}: {text}");
            }
            assert!(whole(pattern, &pattern.replace('*', "x")).is_some(), "{pattern}");
        }
    }
}
