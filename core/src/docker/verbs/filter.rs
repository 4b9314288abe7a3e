//! `--filter name=value`, as several commands take it (moby 20.10's `api/types/filters`; recorded cases).

use std::collections::BTreeMap;

use super::super::{Call, Failure, when};
use crate::kernel::Timespec;

/// The filters of a line, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Filters(Vec<(String, String)>);

/// The labels of something.
pub(super) type Labels = BTreeMap<String, String>;

impl Filters {
    /// Reads `--filter`; a name that the command does not know is the daemon's error.
    pub(super) fn of(call: &Call<'_, '_>, known: &[&str]) -> Result<Self, Failure> {
        let filters = Self::read(call);
        filters.check(known)?;
        Ok(filters)
    }

    /// Reads `--filter` and leaves the names to be checked.
    pub(super) fn read(call: &Call<'_, '_>) -> Self {
        let pairs = call.flags.list("filter").into_iter().filter_map(|text| {
            let (name, value) = text.split_once('=')?;
            Some((name.trim().to_lowercase(), value.trim().to_owned()))
        });
        Self(pairs.collect())
    }

    /// Refuses names that are not known.
    pub(super) fn check(&self, known: &[&str]) -> Result<(), Failure> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(invalid(name)),
            None => Ok(()),
        }
    }

    /// Adds one.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Whether a filter of this name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The values of a filter.
    pub(super) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All of them as they were read, `name=value`.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| format!("{name}={value}"))
    }

    /// Whether any value of the filter fits, or there is none.
    pub(super) fn any(&self, name: &str, fits: impl FnMut(&str) -> bool) -> bool {
        !self.has(name) || self.values(name).any(fits)
    }

    /// Whether a value equals the text, or there is none (`Args.ExactMatch`).
    pub(super) fn exact(&self, name: &str, text: &str) -> bool {
        self.any(name, |value| value == text)
    }

    /// Whether a value, taken for a regular expression, is found in the text, or there is none (`Args.Match`). What is no
    /// expression fits nothing.
    pub(super) fn matches(&self, name: &str, text: &str) -> bool {
        self.any(name, |value| {
            let mut builder = regex_lite::RegexBuilder::new(value);
            builder.size_limit(1 << 20).nest_limit(50);
            builder.build().is_ok_and(|regex| regex.is_match(text))
        })
    }

    /// A filter that is `true` or `false` and nothing else, if it is there.
    pub(super) fn flag(&self, name: &str, words: &[(&str, bool)]) -> Result<Option<bool>, Failure> {
        if !self.has(name) {
            return Ok(None);
        }
        let given: Vec<&str> = self.values(name).collect();
        let found = words.iter().find(|(word, _)| given.contains(word));
        match found {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => Err(invalid(&format!("{name}=[{}]", given.join(" ")))),
        }
    }

    /// Whether all `label=` fit and not all of `label!=`.
    pub(super) fn labels_fit(&self, labels: Option<&Labels>) -> bool {
        let has = |wanted: &str| match wanted.split_once('=') {
            Some((key, value)) => labels.and_then(|l| l.get(key)).is_some_and(|v| v == value),
            None => labels.is_some_and(|l| l.contains_key(wanted)),
        };
        self.values("label").all(has) && !(self.has("label!") && self.values("label!").all(has))
    }

    /// The moment of `until`, if it is there.
    pub(super) fn until(&self, now: Timespec) -> Result<Option<Timespec>, Failure> {
        let mut values = self.values("until");
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(daemon("more than one until filter specified"));
        }
        when::moment(value, now).map(Some).map_err(|why| daemon(&why))
    }
}

/// `true` and `false`.
pub(super) const WORDS: [(&str, bool); 2] = [("true", true), ("false", false)];
/// `true`, `false` and their numbers.
pub(super) const WORDS_AND_DIGITS: [(&str, bool); 4] =
    [("true", true), ("1", true), ("false", false), ("0", false)];

/// The daemon's error for a filter.
pub(super) fn invalid(what: &str) -> Failure {
    daemon(&format!("Invalid filter '{what}'"))
}

/// An answer of the daemon's that is an error.
pub(super) fn daemon(why: &str) -> Failure {
    Failure::new(format!("Error response from daemon: {why}"))
}

/// One character of a glob.
enum Part {
    /// `*`, which stops at slashes.
    Star,
    /// `?`.
    One,
    /// This one.
    Is(char),
    /// `[a-z]`, or `[^a-z]`.
    Class(bool, Vec<(char, char)>),
}

/// Docker's glob for names (Go's `path.Match`).
///
/// # Errors
/// Go's text for a pattern that is none.
pub(super) fn glob(pattern: &str, text: &str) -> Result<bool, &'static str> {
    let parts = parts(pattern).ok_or("syntax error in pattern")?;
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() || p < parts.len() {
        let fits = match (parts.get(p), text.get(t)) {
            (Some(Part::Star), _) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            (Some(Part::One), Some(c)) => *c != '/',
            (Some(Part::Is(wanted)), Some(c)) => wanted == c,
            (Some(Part::Class(not, ranges)), Some(c)) => {
                *c != '/' && ranges.iter().any(|(low, high)| (*low..=*high).contains(c)) != *not
            }
            _ => false,
        };
        if fits {
            (p, t) = (p + 1, t + 1);
            continue;
        }
        match star {
            Some((at, from)) if text.get(from).is_some_and(|c| *c != '/') => {
                star = Some((at, from + 1));
                (p, t) = (at + 1, from + 1);
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// One end of a range in a class.
fn one_of_class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '\\' => chars.next(),
        '-' | ']' => None,
        c => Some(c),
    }
}

fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut chars = pattern.chars().peekable();
    let mut parts = Vec::new();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::One,
            '\\' => Part::Is(chars.next()?),
            '[' => {
                let not = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    if !ranges.is_empty() && chars.peek() == Some(&']') {
                        chars.next();
                        break;
                    }
                    let low = one_of_class(&mut chars)?;
                    let high = if chars.next_if_eq(&'-').is_some() { one_of_class(&mut chars)? } else { low };
                    ranges.push((low, high));
                }
                Part::Class(not, ranges)
            }
            c => Part::Is(c),
        });
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(pairs: &[(&str, &str)]) -> Filters {
        Filters(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn globs_are_go_s() {
        for (pattern, text, want) in [
            ("busy*", "busybox", Ok(true)),
            ("*/*", "repo/img", Ok(true)),
            ("*", "repo/img", Ok(false)),
            ("b[tu]sybox", "busybox", Ok(true)),
            ("[^a]*", "busybox", Ok(true)),
            ("[a-c]?sy*x", "busybox", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("a*b*c", "axxbyyc", Ok(true)),
            ("a*b*c", "axxbyy", Ok(false)),
            ("", "x", Ok(false)),
            ("", "", Ok(true)),
            ("[", "x", Err("syntax error in pattern")),
            ("[]", "x", Err("syntax error in pattern")),
            ("[a-]", "x", Err("syntax error in pattern")),
            ("x\\", "x", Err("syntax error in pattern")),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn names_are_expressions_and_labels_may_be_unwanted() {
        let names = filters(&[("name", "web[12]"), ("name", "^db$")]);
        assert!(
            names.matches("name", "web1") && names.matches("name", "db") && !names.matches("name", "db2")
        );
        assert!(!filters(&[("name", "[")]).matches("name", "["));
        assert!(filters(&[]).matches("name", "any") && filters(&[("name", "")]).matches("name", "any"));
        let labels = Labels::from([("keep".to_owned(), "1".to_owned())]);
        assert!(!filters(&[("label!", "keep")]).labels_fit(Some(&labels)));
        assert!(filters(&[("label!", "keep=2")]).labels_fit(Some(&labels)));
        assert!(filters(&[("label!", "keep"), ("label!", "x")]).labels_fit(Some(&labels)));
        assert!(filters(&[("label", "keep=1")]).labels_fit(Some(&labels)));
        assert!(!filters(&[("label", "keep")]).labels_fit(None));
    }
}
