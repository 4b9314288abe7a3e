//! ARCHITECTURE.md and the other root documents are true: the paths and names that they put in backticks exist.

use super::text::Text;

/// The documents that must be true, and what is wrong in them.
pub(super) fn check(texts: &[Text], exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let documents = ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"];
    let code: Vec<&Text> = texts.iter().filter(|t| t.is_rust()).collect();
    let mut wrong = Vec::new();
    for name in documents {
        let Some(document) = texts.iter().find(|t| t.path == name) else {
            wrong.push(format!("{name}: missing"));
            continue;
        };
        for (number, quote) in quotes(&document.text) {
            if is_path(quote) && !exists(quote) {
                wrong.push(format!("{name}:{number}: `{quote}` does not exist"));
            } else if name == "ARCHITECTURE.md"
                && is_type(quote)
                && !code.iter().any(|t| defines(&t.text, quote))
            {
                wrong.push(format!("{name}:{number}: nothing defines `{quote}`"));
            }
        }
    }
    wrong
}

/// What stands between backticks outside fenced blocks, with its line.
fn quotes(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(|quote| (number, quote)));
        }
    }
    found
}

/// A path in the tree: a relative one with a slash, or a file's name with an ending that we use.
fn is_path(quote: &str) -> bool {
    let plain = quote.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    let made = ["dist/", "target/", "tests/browser/node_modules"].iter().any(|dir| quote.starts_with(dir));
    let ending = [".rs", ".md", ".toml", ".lock"].iter().any(|end| quote.ends_with(end));
    plain && !made && !quote.starts_with('/') && !quote.starts_with('.') && (quote.contains('/') || ending)
}

/// A type's name: one word in camel case.
fn is_type(quote: &str) -> bool {
    let std = ["Err", "Ok", "Some", "None", "Option", "Result", "String", "Vec", "BTreeMap"];
    let mut bytes = quote.bytes();
    !std.contains(&quote)
        && bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_alphanumeric())
        && quote.bytes().any(|b| b.is_ascii_lowercase())
}

fn defines(text: &str, name: &str) -> bool {
    ["struct ", "enum ", "trait ", "type "].iter().any(|kind| {
        text.match_indices(kind).any(|(at, _)| {
            let rest = text[at + kind.len()..].strip_prefix(name);
            rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_and_a_missing_type_are_found() {
        let map = Text {
            path: "ARCHITECTURE.md".into(),
            text: "`core/src/a.rs` `core/src/gone.rs` `Kernel` `Gone` `Kernel::open` `cargo xtask` \n```\n`x/y`\n```\n".into(),
        };
        let code = Text { path: "core/src/a.rs".into(), text: "pub trait Kernel {}".into() };
        let readme = Text { path: "README.md".into(), text: String::new() };
        let contributing = Text { path: "CONTRIBUTING.md".into(), text: String::new() };
        let wrong = check(&[map, code, readme, contributing], &|path| path == "core/src/a.rs");
        assert_eq!(wrong.len(), 2, "{wrong:?}");
    }
}
