//! Texts with holes.

/// What stands in the holes (`*`) of a pattern that a line holds anywhere; nothing where it does not. A hole at the end
/// takes the rest of the line, without the full stop that `docker run` puts there.
pub(super) fn holes<'t>(pattern: &str, line: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split('*');
    let first = parts.next()?;
    let mut rest = &line[line.find(first)? + first.len()..];
    let mut holes = Vec::new();
    for part in parts {
        let end = if part.is_empty() { rest.trim_end_matches('.').len() } else { rest.find(part)? };
        holes.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    Some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_what_stands_between() {
        assert_eq!(holes("a *, b *", "x: a one, b two.").unwrap(), ["one", "two"]);
        assert_eq!(holes("name \"/*\" is", "The name \"/web\" is taken").unwrap(), ["web"]);
        assert_eq!(holes("full", "disk full").unwrap(), [""; 0]);
        assert_eq!(holes("a * b", "a c"), None);
        assert_eq!(holes("z", "a c"), None);
    }
}
