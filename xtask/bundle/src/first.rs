//! web-ui/first.txt: the functions that run before the page's prompt takes input, as `cargo xtask first` saw them run.

use std::collections::BTreeSet;

/// The names of those functions, and the families that some of them are of.
#[derive(Debug, Default)]
pub(crate) struct First {
    names: BTreeSet<String>,
    families: BTreeSet<String>,
}

impl First {
    /// Reads the list: a name a line, comments behind `#`.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "));
        let names: BTreeSet<String> = lines.map(str::to_owned).collect();
        let families = names.iter().filter_map(|name| family(name)).collect();
        Self { names, families }
    }

    /// Whether the function of this name is in the list.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name) || family(name).is_some_and(|family| self.families.contains(&family))
    }
}

/// What an instance of a small function of the library is an instance of. The compiler makes one of those that come to the same
/// code, and which of their names that has may change with any other code: the list holds for all of them.
fn family(name: &str) -> Option<String> {
    const LIBRARY: [&str; 3] =
        ["<alloc::raw_vec::RawVec<", "<alloc::vec::Vec<", "alloc::collections::btree::node::"];
    let library = LIBRARY.iter().find(|start| name.starts_with(**start))?;
    // What it is called stands behind the type that it is for, or before the types that it is given.
    let called = match library.strip_prefix('<') {
        Some(_) => name.rsplit(">::").next()?,
        None => name.split("::<").next()?,
    };
    let is_plain = called.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte));
    is_plain.then(|| format!("{library} {called}"))
}

/// A symbol as people read it, without what differs from one compiler, path or build to the next. Functions of one name (copies
/// that the linker made, two releases of one library) have it together: the list holds for all of them.
pub(crate) fn name(symbol: &str) -> String {
    // A copy has a number behind its name, which any other code changes: `f.2762`.
    let (symbol, copy) = symbol.rsplit_once('.').unwrap_or((symbol, ""));
    let is_copy = !copy.is_empty() && copy.bytes().all(|byte| byte.is_ascii_digit());
    let symbol = if is_copy || copy.is_empty() { symbol.to_owned() } else { format!("{symbol}.{copy}") };
    // Newer names have a number behind each crate's: `core[c5930c85a12de822]::fmt`.
    without_numbers(&format!("{:#}", rustc_demangle::demangle(&symbol)))
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
        let first = First::parse(
            "<alloc::raw_vec::RawVec<a::T>>::grow_one\n<alloc::vec::Vec<a::T>>::push\na::f::<u8>\n",
        );
        for (name, listed) in [
            ("<alloc::raw_vec::RawVec<(u8, b::U<c::V>)>>::grow_one", true),
            ("<alloc::raw_vec::RawVec<b::U> as core::ops::drop::Drop>::drop", false),
            ("<alloc::vec::Vec<b::U>>::push", true),
            ("<alloc::vec::Vec<b::U>>::reserve", false),
            ("a::f::<u16>", false),
        ] {
            assert_eq!(first.has(name), listed, "{name}");
        }
        assert_eq!(["_RNvCs15kBYyAo9fc_1a1b", "_RNvCs7kBYyAo9fd_1a1b.2762"].map(name), ["a::b", "a::b"]);
        assert_eq!(without_numbers("core[c5930c85a12de822]::x[0]"), "core::x[0]");
    }
}
