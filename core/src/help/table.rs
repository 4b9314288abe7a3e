//! The words of the advice: one table a language.
//!
//! A line is an id, ` = ` and the text. `{0}` is the first argument. What stands between `[[` and `]]` is left out where
//! an argument that it names is empty.

use std::collections::BTreeMap;

use super::{Help, Topic};
use crate::texts::{self, Texts, texts};

/// The tables, by language.
static TABLES: Texts = texts! {
    "en" => "help/en.txt",
    "zh" => "help/zh.txt",
};

/// The languages that there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language of a tag (`zh-CN`) or of a locale (`zh_CN.UTF-8`); English where the lab has no such language.
    pub fn of(tag: &str) -> Self {
        let first = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(first)).unwrap_or_default()
    }
}

/// The texts of one language, by the topic's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    texts: BTreeMap<String, String>,
}

impl Table {
    /// Reads a table; a line that is not `id = text` is a comment.
    pub fn parse(text: &str) -> Self {
        let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|l| l.split_once(" = "));
        Self { texts: pairs.map(|(id, text)| (id.trim().to_owned(), text.trim().to_owned())).collect() }
    }

    /// The table that comes with the lab.
    pub fn of(language: Language) -> Self {
        Self::parse(texts::find(TABLES, language.tag()).unwrap_or_default())
    }

    /// The ids of all entries, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The sentence to show, without `Layerlab: `; the topic's id where the table lacks it.
    pub fn text(&self, help: &Help) -> String {
        let id = help.id.id();
        let Some(text) = self.texts.get(id) else { return id.to_owned() };
        let mut shown = String::new();
        for (number, part) in text.split("[[").enumerate() {
            // Of every part but the first, what stands before `]]` is there only if its arguments are.
            let (optional, rest) =
                if number == 0 { ("", part) } else { part.split_once("]]").unwrap_or(("", part)) };
            if (0..Topic::MOST_ARGS).all(|at| argument(help, at).is_some() || !optional.contains(&hole(at))) {
                shown.push_str(&fill(optional, help));
            }
            shown.push_str(&fill(rest, help));
        }
        shown
    }
}

/// The sentence to show for a piece of advice, without `Layerlab: `.
pub fn text(language: Language, help: &Help) -> String {
    Table::of(language).text(help)
}

fn hole(at: usize) -> String {
    format!("{{{at}}}")
}

fn argument(help: &Help, at: usize) -> Option<&str> {
    help.args.get(at).map(String::as_str).filter(|arg| !arg.is_empty())
}

/// Puts the arguments in, each as one line of text; an argument is not searched for holes again.
fn fill(text: &str, help: &Help) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        match inside.split_once('}').and_then(|(at, after)| Some((at.parse::<usize>().ok()?, after))) {
            Some((at, after)) => {
                let shown = argument(help, at).unwrap_or_default();
                filled.extend(shown.chars().map(|c| if c.is_control() { ' ' } else { c }));
                rest = after;
            }
            None => {
                filled.push('{');
                rest = inside;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_in_every_language_with_all_of_its_arguments() {
        let mut known: Vec<&str> = Topic::ALL.iter().map(|topic| topic.id()).collect();
        known.sort_unstable();
        assert!(known.len() >= 40, "{}", known.len());
        for language in Language::ALL {
            let table = Table::of(language);
            assert_eq!(table.ids().collect::<Vec<_>>(), known, "{language:?}");
            for topic in Topic::ALL {
                let text = &table.texts[topic.id()];
                for at in 0..Topic::MOST_ARGS {
                    let is_used = text.contains(&hole(at));
                    assert_eq!(is_used, at < topic.arity(), "{language:?} {topic:?}: {{{at}}} of {text}");
                }
                assert_eq!(text.matches("[[").count(), text.matches("]]").count(), "{language:?} {topic:?}");
                assert!(text.chars().count() < 240, "{language:?} {topic:?} is long");
            }
        }
    }

    #[test]
    fn arguments_are_filled_in_and_what_has_none_is_left_out() {
        let table = Table::parse("# a comment\nno-such-image = No {0}[[, but {1}]]. {x}\n");
        let say = |args: &[&str]| table.text(&Help::new(Topic::NoSuchImage, args));
        assert_eq!(say(&["ngnix", "nginx"]), "No ngnix, but nginx. {x}");
        assert_eq!(say(&["ngnix", ""]), "No ngnix. {x}");
        assert_eq!(say(&["{1}\n", "b"]), "No {1} , but b. {x}");
        assert_eq!(table.text(&Help::new(Topic::NotATty, &[])), "not-a-tty");
    }

    #[test]
    fn languages_are_told_by_tags_and_by_locales() {
        for (tag, language) in [
            ("zh_CN.UTF-8", Language::Zh),
            ("zh-TW", Language::Zh),
            ("C.UTF-8", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }
}
