//! web-ui/first.txt: the functions that run before the page's prompt takes input, as `cargo xtask first` saw them run.

use std::collections::{BTreeMap, BTreeSet};

/// The names of those functions.
#[derive(Debug, Default)]
pub(crate) struct First(BTreeSet<String>);

impl First {
    /// Reads the list: a name a line, comments behind `#`.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "));
        Self(lines.map(str::to_owned).collect())
    }

    /// Whether the function of this name is in the list.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Gives the functions of a module their names, in the module's order: those of one name (two releases of one library) are
/// told apart by number.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, usize>);

impl Names {
    /// The name of the module's next function.
    pub(crate) fn next(&mut self, symbol: &str) -> String {
        let name = name(symbol);
        let seen = self.0.entry(name.clone()).or_default();
        *seen += 1;
        if *seen == 1 { name } else { format!("{name} #{seen}") }
    }
}

/// A symbol as people read it, without what differs from one compiler or path to the next.
fn name(symbol: &str) -> String {
    // Newer names have a number behind each crate's: `core[c5930c85a12de822]::fmt`.
    without_numbers(&format!("{:#}", rustc_demangle::demangle(symbol)))
}

/// The text without what stands in brackets, where that is a crate's number.
fn without_numbers(name: &str) -> String {
    let mut parts = name.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((number, rest)) if number.len() >= 12 && u64::from_str_radix(number, 16).is_ok() => {
                text += rest;
            }
            _ => text = text + "[" + part,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_any_compiler() {
        let first = First::parse("# seen\n\na::b::f\n<a::T as core::clone::Clone>::clone\na::b\n");
        for (symbol, listed) in [
            ("_ZN1a1b1f17h0123456789abcdefE", true),
            ("_ZN1a1b1g17h0123456789abcdefE", false),
            ("_RNvCs15kBYyAo9fc_1a1b", true),
            ("_ZN43_$LT$a..T$u20$as$u20$core..clone..Clone$GT$5clone17h0123456789abcdefE", true),
        ] {
            assert_eq!(first.has(&name(symbol)), listed, "{symbol}: {}", name(symbol));
        }
        let mut names = Names::default();
        assert_eq!(
            ["_RNvCs15kBYyAo9fc_1a1b", "_RNvCs7kBYyAo9fd_1a1b"].map(|symbol| names.next(symbol)),
            ["a::b", "a::b #2"]
        );
        assert_eq!(without_numbers("core[c5930c85a12de822]::x[0]"), "core::x[0]");
    }
}
