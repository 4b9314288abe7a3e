//! `--filter name=value`, as several commands take it.

use super::super::{Call, Failure};

/// The filters of a line, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Filters(Vec<(String, String)>);

impl Filters {
    /// Reads `--filter`; a name that the command does not know is the daemon's error.
    pub(super) fn of(call: &Call<'_, '_>, known: &[&str]) -> Result<Self, Failure> {
        let mut filters = Vec::new();
        for text in call.flags.list("filter") {
            let Some((name, value)) = text.split_once('=') else { continue };
            let name = name.trim().to_lowercase();
            if !known.contains(&name.as_str()) {
                return Err(Failure::new(format!("Error response from daemon: Invalid filter '{name}'")));
            }
            filters.push((name, value.trim().to_owned()));
        }
        Ok(Self(filters))
    }

    /// Whether a filter of this name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The values of a filter.
    pub(super) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether any value of the filter fits, or there is none.
    pub(super) fn any(&self, name: &str, fits: impl FnMut(&str) -> bool) -> bool {
        !self.has(name) || self.values(name).any(fits)
    }

    /// A filter that is true or false, if it is there.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.values(name).next() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(value) => {
                let why = format!("invalid filter '{name}={value}'");
                Err(Failure::new(format!("Error response from daemon: {why}")))
            }
        }
    }
}

/// Whether all labels `key` or `key=value` are there.
pub(super) fn labels_fit(
    filters: &Filters,
    labels: Option<&std::collections::BTreeMap<String, String>>,
) -> bool {
    filters.values("label").all(|wanted| match wanted.split_once('=') {
        Some((key, value)) => labels.and_then(|l| l.get(key)).is_some_and(|v| v == value),
        None => labels.is_some_and(|l| l.contains_key(wanted)),
    })
}

/// Docker's glob for names (`path.Match`): `*` and `?` stop at slashes.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some('?') if text[t] != '/' => (p, t) = (p + 1, t + 1),
            Some(c) if *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) if text[from] != '/' => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
