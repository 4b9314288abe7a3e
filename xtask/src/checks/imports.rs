//! Reads the paths that a Rust file names: its `use` declarations and the paths in its code.

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// Its segments, `crate`, `super` and `self` included; `*` last for a glob.
    pub(super) path: Vec<String>,
    /// The name under which it is seen from here on.
    pub(super) name: String,
    /// Whether it is a `pub use`, so that others find it here.
    pub(super) public: bool,
}

/// Every path in a file, tests left out.
pub(super) fn imports(text: &str) -> Vec<Import> {
    let tokens = tokens(&without_tests(text));
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].starts_with(&["pub".into(), "(".into()]) {
            // `pub(in a::b)` names a place that may see, not one that is used.
            at += tokens[at..].iter().position(|t| t == ")").unwrap_or(0);
        } else if tokens[at] == "use" {
            let end = tokens[at..].iter().position(|t| t == ";").map_or(tokens.len(), |n| at + n);
            let before = &tokens[at.saturating_sub(4)..at];
            let public = before
                .iter()
                .rev()
                .take_while(|t| !matches!(t.as_str(), ";" | "}" | "{"))
                .any(|t| t == "pub");
            tree(&tokens[at + 1..end], public, &mut found);
            at = end;
        } else if is_name(&tokens[at]) && tokens.get(at + 1).is_some_and(|t| t == "::") {
            let mut path = vec![tokens[at].clone()];
            while tokens.get(at + 1).is_some_and(|t| t == "::")
                && tokens.get(at + 2).is_some_and(|t| is_name(t))
            {
                path.push(tokens[at + 2].clone());
                at += 2;
            }
            found.push(Import { name: String::new(), path, public: false });
        }
        at += 1;
    }
    found
}

/// The file up to its test module.
fn without_tests(text: &str) -> String {
    let cut = text.find("#[cfg(test)]\nmod ").or_else(|| text.find("#[cfg(test)]\npub(crate) mod "));
    text[..cut.unwrap_or(text.len())].to_owned()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters; comments, strings and character literals left out.
fn tokens(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |n| n + 2);
        } else if rest.starts_with("r#\"") {
            at += rest.find("\"#").map_or(rest.len(), |n| n + 2);
        } else if bytes[at] == b'"' {
            at += string_length(&bytes[at..]);
        } else if bytes[at] == b'\'' {
            at += quote_length(rest);
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            at += 2;
        } else if bytes[at].is_ascii_alphabetic() || bytes[at] == b'_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            at += length;
        } else {
            let width = rest.chars().next().map_or(1, char::len_utf8);
            if !bytes[at].is_ascii_whitespace() {
                tokens.push(rest[..width].to_owned());
            }
            at += width;
        }
    }
    tokens
}

fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// A character literal's length, or 1 for the quote of a lifetime.
fn quote_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[2..].find('\'').map_or(1, |n| n + 3).min(rest.len()).max(3),
        Some(_) => match chars.next() {
            Some((n, '\'')) => n + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// Expands `a::{b, c::{d as e, *}}`; groups are kept on a stack, not by recursion.
fn tree(tokens: &[String], public: bool, found: &mut Vec<Import>) {
    let mut stack: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut name: Option<String> = None;
    let mut base: Vec<String> = Vec::new();
    let mut iter = tokens.iter().peekable();
    let mut flush = |path: &mut Vec<String>, name: &mut Option<String>, base: &[String]| {
        if path.len() > base.len() {
            if path.last().is_some_and(|p| p == "self") && path.len() > 1 {
                path.pop();
            }
            let seen = name.take().or_else(|| path.last().cloned()).unwrap_or_default();
            found.push(Import { path: path.clone(), name: seen, public });
        }
        *path = base.to_vec();
    };
    while let Some(token) = iter.next() {
        match token.as_str() {
            "::" => {}
            "{" => {
                stack.push(std::mem::replace(&mut base, path.clone()));
            }
            "," => flush(&mut path, &mut name, &base),
            "}" => {
                flush(&mut path, &mut name, &base);
                base = stack.pop().unwrap_or_default();
                path.clone_from(&base);
            }
            "as" => name = iter.next().cloned(),
            word => path.push(word.to_owned()),
        }
    }
    flush(&mut path, &mut name, &base);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let paths: Vec<String> = imports(text).iter().map(|i| i.path.join("::")).collect();
        assert_eq!(paths, expect);
    }

    #[test]
    fn groups_globs_and_renames() {
        check("use a::{b, c::{d as e, *}, self};", &["a::b", "a::c::d", "a::c::*", "a"]);
        check("pub(crate) use super::x;\nuse y;", &["super::x", "y"]);
        check("pub(in crate::a) fn f() { b::c() }", &["b::c"]);
        assert!(imports("pub use a::B;")[0].public);
        assert!(!imports("pub fn f() {}\nuse a::B;")[0].public);
    }

    #[test]
    fn paths_in_code_but_not_in_strings_comments_or_tests() {
        check("fn f<'a>() { crate::x::y(\"crate::z\", 'c', '\\''); } // a::b\n", &["crate::x::y"]);
        check("fn f() { g::h() }\n#[cfg(test)]\nmod tests { use a::b; }", &["g::h"]);
    }
}
