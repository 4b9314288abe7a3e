//! `.dockerignore`: which files of a context are left out (Dockerfile reference, ".dockerignore file"; Go's
//! `filepath.Match` with `**`).

use regex_lite::Regex;

use crate::oci::gopath;

/// Patterns at most; more are refused.
const MAX_PATTERNS: usize = 10_000;
/// Bytes of the file at most.
const MAX_BYTES: usize = 1 << 20;

/// A file's patterns, in order.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// Without its `!`.
    text: String,
    /// `!`: what matches stays.
    keeps: bool,
    /// How many parts it has.
    depth: usize,
    regex: Regex,
}

impl Ignore {
    /// Reads the file's text, and patterns of the caller's own behind it.
    ///
    /// # Errors
    /// Go's words for a pattern that is none.
    pub fn parse(text: &str, more: &[String]) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!(".dockerignore is larger than {MAX_BYTES} bytes"));
        }
        let mut lines = read(text);
        lines.extend_from_slice(more);
        if lines.len() > MAX_PATTERNS {
            return Err(format!(".dockerignore has more than {MAX_PATTERNS} patterns"));
        }
        let mut patterns = Vec::new();
        for line in lines {
            let line = clean(line.trim());
            if line.is_empty() {
                continue;
            }
            let (keeps, text) = match line.strip_prefix('!') {
                Some("") => return Err("illegal exclusion pattern: \"!\"".to_owned()),
                Some(rest) => (true, rest.to_owned()),
                None => (false, line),
            };
            if !is_well_formed(&text) {
                return Err("syntax error in pattern".to_owned());
            }
            let regex = Regex::new(&expression(&text)).map_err(|_| "syntax error in pattern".to_owned())?;
            patterns.push(Pattern { depth: text.split('/').count(), keeps, regex, text });
        }
        Ok(Self { patterns })
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a path, relative to the context, is left out: by its own name or that of a directory above it. The last
    /// pattern that matches decides.
    pub fn excludes(&self, path: &str) -> bool {
        let above: Vec<&str> = match path.rsplit_once('/') {
            Some((parent, _)) => parent.split('/').collect(),
            None => Vec::new(),
        };
        let mut excluded = false;
        for pattern in &self.patterns {
            let mut matches = pattern.regex.is_match(path);
            if !matches && !above.is_empty() && pattern.depth <= above.len() {
                matches = pattern.regex.is_match(&above[..pattern.depth].join("/"));
            }
            if matches {
                excluded = !pattern.keeps;
            }
        }
        excluded
    }

    /// Whether a directory that is left out need not be looked into: no pattern keeps anything below it.
    pub fn skips(&self, dir: &str) -> bool {
        let below = format!("{dir}/");
        !self.patterns.iter().any(|pattern| pattern.keeps && format!("{}/", pattern.text).starts_with(&below))
    }
}

/// The file's patterns: blank lines and comments taken out, paths cleaned.
pub fn read(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut patterns = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (mark, rest) = match line.strip_prefix('!') {
            Some(rest) => ("!", rest.trim()),
            None => ("", line),
        };
        let mut path = if rest.is_empty() { String::new() } else { clean(rest) };
        if path.len() > 1 && path.starts_with('/') {
            path.remove(0);
        }
        patterns.push(format!("{mark}{path}"));
    }
    patterns
}

/// A pattern of `COPY` as an expression, as `filepath.Match` reads it: a star stays within a part.
pub fn glob(pattern: &str) -> Option<Regex> {
    if !is_well_formed(pattern) {
        return None;
    }
    // Of several stars one is left: here two do not mean what they mean in the file.
    let mut single = pattern.to_owned();
    while single.contains("**") {
        single = single.replace("**", "*");
    }
    Regex::new(&expression(&single)).ok()
}

fn clean(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    String::from_utf8_lossy(&gopath::clean(path.as_bytes())).into_owned()
}

/// Whether `filepath.Match` takes a pattern: brackets are closed and hold something, escapes escape something.
fn is_well_formed(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return false,
            '[' => {
                chars.next_if_eq(&'^');
                let mut ranges = 0;
                loop {
                    match chars.next() {
                        None => return false,
                        Some(']') if ranges > 0 => break,
                        Some(']' | '-') => return false,
                        Some('\\') if chars.next().is_none() => return false,
                        Some(_) => {}
                    }
                    ranges += 1;
                    if chars.next_if_eq(&'-').is_some() {
                        match chars.next() {
                            None | Some(']' | '-') => return false,
                            Some('\\') if chars.next().is_none() => return false,
                            Some(_) => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }
    true
}

/// A pattern as a regular expression.
fn expression(pattern: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '*' if !in_class => {
                if chars.next_if_eq(&'*').is_some() {
                    chars.next_if_eq(&'/');
                    // At the end, or between parts: any number of them.
                    out.push_str(if chars.peek().is_none() { ".*" } else { "(.*/)?" });
                } else {
                    out.push_str("[^/]*");
                }
            }
            '?' if !in_class => out.push_str("[^/]"),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '-' if in_class => out.push('-'),
            '\\' => {
                if let Some(next) = chars.next() {
                    literal(&mut out, next);
                }
            }
            c => literal(&mut out, c),
        }
    }
    out.push('$');
    out
}

fn literal(out: &mut String, c: char) {
    if c.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(c);
}
