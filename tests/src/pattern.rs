//! Expected output with wildcards: `[..]` in a line, `...` for any lines.

/// Whether `line` is what `pattern` describes; `[..]` stands for any text, also none.
pub fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(previous) = last.replace(part) {
            // The leftmost place leaves the most room for what follows.
            let Some(at) = rest.find(previous) else { return false };
            rest = &rest[at + previous.len()..];
        }
    }
    match last {
        None => rest.is_empty(),
        Some(end) => rest.ends_with(end),
    }
}

/// Whether `lines` are what `patterns` describe; a pattern `...` stands for any lines, also none.
pub fn lines_match(patterns: &[String], lines: &[String]) -> bool {
    // ends[n]: the patterns so far can match exactly the first n lines.
    let mut ends = vec![false; lines.len() + 1];
    ends[0] = true;
    for pattern in patterns {
        let mut next = vec![false; lines.len() + 1];
        if pattern == "..." {
            let first = ends.iter().position(|e| *e).unwrap_or(ends.len());
            next[first..].fill(true);
        } else {
            for (n, line) in lines.iter().enumerate() {
                next[n + 1] = ends[n] && line_matches(pattern, line);
            }
        }
        ends = next;
    }
    ends[lines.len()]
}

/// The new expectation for `lines`: a pattern that still matches its line is kept, everything else is as it came.
///
/// A block with `...` that no longer matches is rewritten whole.
pub fn rewrite(patterns: &[String], lines: &[String]) -> Vec<String> {
    if lines_match(patterns, lines) {
        return patterns.to_vec();
    }
    let kept = |line: &String| {
        patterns.iter().find(|p| *p != "..." && line_matches(p, line)).unwrap_or(line).clone()
    };
    lines.iter().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_wildcard_in_a_line_stands_for_any_text() {
        for (pattern, line, expect) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a[..]c", "abbc", true),
            ("a[..]c", "ac", true),
            ("a[..]c", "acd", false),
            ("[..]", "", true),
            ("a[..]b[..]c", "a1b2bc", true),
            ("a[..]b[..]c", "a1c", false),
            ("ab[..]bc", "abc", false),
        ] {
            assert_eq!(line_matches(pattern, line), expect, "{pattern} against {line}");
        }
    }

    #[test]
    fn three_dots_stand_for_any_lines() {
        for (pattern, text, expect) in [
            ("a\n...\nz", "a\nz", true),
            ("a\n...\nz", "a\nb\nc\nz", true),
            ("a\n...\nz", "a\nb\nc", false),
            ("...", "", true),
            ("", "a", false),
            ("...\nb\n...\nb", "b\nb", true),
            ("...\nb\n...\nb", "b", false),
        ] {
            assert_eq!(lines_match(&lines(pattern), &lines(text)), expect, "{pattern:?} against {text:?}");
        }
    }

    #[test]
    fn rewriting_keeps_the_wildcards_that_match() {
        assert_eq!(rewrite(&lines("a[..]\nb"), &lines("a1\nc")), lines("a[..]\nc"));
    }
}
