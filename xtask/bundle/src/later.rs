//! Which functions web-ui/later.txt names.

/// Whether a function is named: it lies in one of the modules, or is an implementation of a trait for a type of theirs.
/// The longest line that fits decides.
pub(crate) fn is_named(name: Option<&str>, lines: &[String]) -> bool {
    let Some(name) = name else { return false };
    // Newer names have a number behind each crate's: `core[c5930c85a12de822]::fmt`.
    let name = format!("{:#}", rustc_demangle::demangle(name));
    let name = without_numbers(&name);
    let path = name.trim_start_matches(['<', '&', '*', '[', '(']);
    let path = path.strip_prefix("mut ").unwrap_or(path);
    let fits = |line: &str| match line.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => path.strip_prefix(line).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['<', ' ', '>', ',']) || rest.starts_with("::")
        }),
    };
    let kept = |line: &str| line.strip_prefix('!').map(str::to_owned);
    lines
        .iter()
        .map(|line| kept(line).map_or((line.clone(), true), |line| (line, false)))
        .filter(|(line, _)| fits(line))
        .max_by_key(|(line, _)| line.len())
        .is_some_and(|(_, later)| later)
}

/// The text without what stands in brackets, where that is a crate's number.
fn without_numbers(name: &str) -> String {
    let mut parts = name.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((number, rest)) if number.len() == 16 && u64::from_str_radix(number, 16).is_ok() => {
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
    fn lines_name_modules_types_and_what_they_implement() {
        let lines: Vec<String> =
            ["a::b", "!a::b::keep", "* as core::fmt::Debug>::fmt"].map(str::to_owned).into();
        for (name, later) in [
            ("_ZN1a1b1f17h0123456789abcdefE", true),
            ("_ZN1a1b17h0123456789abcdefE", true),
            ("_ZN1a2bc1f17h0123456789abcdefE", false),
            ("_RNvCs15kBYyAo9fc_1a1b", true),
            ("_ZN1a1b4keep1f17h0123456789abcdefE", false),
            ("_ZN46_$LT$a..b..T$u20$as$u20$core..clone..Clone$GT$5clone17h0123456789abcdefE", true),
            ("_ZN41_$LT$x..T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE", true),
        ] {
            assert_eq!(is_named(Some(name), &lines), later, "{name}");
        }
        assert!(!is_named(None, &lines));
    }
}
