//! A page of a book, with its marked console blocks as labs.

use std::fmt::Write;

use serde_json::Value;

/// What book.toml wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Where the lab is, with a slash at its end.
    url: String,
    /// Attributes of every lab that does not have them itself.
    attributes: Vec<(String, String)>,
}

/// The attributes of a lab.
const ATTRIBUTES: [&str; 6] = ["setup", "run", "lesson", "lang", "theme", "when"];

impl Wishes {
    /// Reads the table `preprocessor.layerlab` of the book's configuration.
    pub(super) fn read(context: &Value) -> Result<Self, String> {
        let table = &context["config"]["preprocessor"]["layerlab"];
        let url = table["url"].as_str().filter(|url| !url.is_empty());
        let url =
            url.ok_or("book.toml does not say where the lab is: [preprocessor.layerlab] needs a url")?;
        let mut attributes = Vec::new();
        for (name, value) in table.as_object().into_iter().flatten() {
            match (name.as_str(), value.as_str()) {
                ("lang" | "theme" | "when" | "setup", Some(value)) => {
                    attributes.push((name.clone(), value.to_owned()));
                }
                // What is mdBook's own: https://rust-lang.github.io/mdBook, "Preprocessors".
                ("url" | "command" | "renderer" | "renderers" | "before" | "after" | "optional", _) => {}
                _ => return Err(format!("book.toml: [preprocessor.layerlab] has no key {name}")),
            }
        }
        let slash = if url.ends_with('/') { "" } else { "/" };
        Ok(Self { url: format!("{url}{slash}"), attributes })
    }

    /// The address of the lab from a page so many folders below the book's own.
    fn address(&self, depth: usize) -> String {
        let is_whole = self.url.contains("://") || self.url.starts_with('/');
        if is_whole { self.url.clone() } else { "../".repeat(depth) + &self.url }
    }
}

/// A block that becomes a lab, while its lines are read.
struct Lab<'a> {
    indent: &'a str,
    attributes: Vec<(String, String)>,
    lines: Vec<&'a str>,
}

/// A fence: its indentation, its character and how many there are, and what follows.
fn fence(line: &str) -> Option<(&str, char, usize, &str)> {
    let inner = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - inner.len()];
    let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = inner.trim_start_matches(mark);
    let count = inner.len() - rest.len();
    // Behind backticks no backtick may stand (CommonMark 0.31, section 4.5).
    (count >= 3 && (mark == '~' || !rest.contains('`'))).then(|| (indent, mark, count, rest.trim()))
}

/// The page with its labs; none where it has none.
pub(super) fn drawn(text: &str, wishes: &Wishes, depth: usize) -> Option<String> {
    let address = wishes.address(depth);
    let mut out = String::with_capacity(text.len() + 512);
    // The fence that is open, and the lab that it is, with its lines.
    let mut open: Option<(char, usize)> = None;
    let mut lab: Option<Lab<'_>> = None;
    let mut found = false;
    for line in text.lines() {
        match (open, fence(line)) {
            (None, Some((indent, mark, count, info))) => {
                open = Some((mark, count));
                if let Some(own) = attributes(info) {
                    found = true;
                    let mut all = own;
                    for (name, value) in &wishes.attributes {
                        if !all.iter().any(|(known, _)| known == name) {
                            all.push((name.clone(), value.clone()));
                        }
                    }
                    _ = write!(out, "{indent}<layer-lab");
                    for (name, value) in &all {
                        _ = write!(out, " {name}=\"{}\"", escaped(value));
                    }
                    let marks = mark.to_string().repeat(count);
                    _ = writeln!(out, ">\n\n{indent}{marks}console");
                    lab = Some(Lab { indent, attributes: all, lines: Vec::new() });
                    continue;
                }
            }
            (Some((mark, count)), Some((indent, closing, n, ""))) if closing == mark && n >= count => {
                open = None;
                if let Some(Lab { attributes, lines, .. }) = lab.take() {
                    let link = escaped(&format!("{address}?{}", query(&attributes, &lines)));
                    _ = write!(
                        out,
                        "{line}\n\n{indent}<a href=\"{link}\">Layerlab</a>\n\n{indent}</layer-lab>\n"
                    );
                    continue;
                }
            }
            (Some(_), _) => {
                if let Some(Lab { indent, lines, .. }) = &mut lab {
                    lines.push(line.strip_prefix(*indent).unwrap_or(line));
                }
            }
            (None, None) => {}
        }
        out.push_str(line);
        out.push('\n');
    }
    if let (Some(Lab { indent, .. }), Some((mark, count))) = (lab, open) {
        // The block is open to the page's end.
        _ = write!(out, "{indent}{}\n\n{indent}</layer-lab>\n", mark.to_string().repeat(count));
    }
    _ = write!(out, "\n<script src=\"{}layer-lab.js\" defer></script>\n", escaped(&address));
    found.then_some(out)
}

/// The attributes of a block that is to be a lab: `console layerlab setup="docker pull -q nginx" when=press`, with commas or
/// blanks between the words. None for every other block.
fn attributes(info: &str) -> Option<Vec<(String, String)>> {
    let mut words = Vec::new();
    let mut rest = info;
    loop {
        rest = rest.trim_start_matches([' ', ',', '\t']);
        if rest.is_empty() {
            break;
        }
        let end = rest.find([' ', ',', '\t', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let mut value = None;
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = match after.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
                Some((quoted, after)) => (Some(quoted), after),
                None => {
                    let end = after.find([' ', ',', '\t']).unwrap_or(after.len());
                    (Some(&after[..end]), &after[end..])
                }
            };
        }
        words.push((name, value));
    }
    let is_lab = words.first() == Some(&("console", None)) && words.contains(&("layerlab", None));
    is_lab.then(|| {
        let known = words.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let known = known.filter(|(name, _)| ATTRIBUTES.contains(name));
        known.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    })
}

/// What the lab's address asks for, where no script runs.
fn query(attributes: &[(String, String)], lines: &[&str]) -> String {
    let value =
        |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let run = value("run").unwrap_or_else(|| typed(lines));
    let lesson = value("lesson");
    let run = if lesson.is_some() { None } else { Some(run) };
    let pairs = [
        ("lang", value("lang")),
        ("theme", value("theme")),
        ("setup", value("setup")),
        ("lesson", lesson),
        ("run", run),
    ];
    let asked = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(&value?))));
    asked.collect::<Vec<_>>().join("&")
}

/// The lines that a block tells to type, as layer-lab.js finds them: those after a prompt, and what goes on after `> `; all
/// where there is no prompt.
fn typed(lines: &[&str]) -> String {
    if !lines.iter().any(|line| line.starts_with("$ ")) {
        return lines.join("\n").trim().to_owned();
    }
    let mut on = false;
    let kept = lines.iter().filter_map(|line| {
        on = line.starts_with("$ ") || (on && line.starts_with("> "));
        on.then(|| &line[2..])
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// A text as part of an address (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wishes(table: Value) -> Result<Wishes, String> {
        Wishes::read(&json!({"config": {"preprocessor": {"layerlab": table}}}))
    }

    #[test]
    fn marked_blocks_become_labs_and_others_stay() {
        let wishes = wishes(json!({"url": "https://l.example/", "when": "press"})).unwrap();
        let page = "# T\n\n```console layerlab setup=\"docker pull -q nginx\"\n$ docker run \\\n>   nginx\nout\n$ echo 'a&b'\n```\n\
                    \n```console\n$ ls\n```\n\n~~~md\n```console layerlab\n$ no\n```\n~~~\n";
        let drawn = drawn(page, &wishes, 0).unwrap();
        let want = "# T\n\n<layer-lab setup=\"docker pull -q nginx\" when=\"press\">\n\n```console\n$ docker run \\\n>   nginx\n\
                    out\n$ echo 'a&b'\n```\n\n<a href=\"https://l.example/?setup=docker%20pull%20-q%20nginx&amp;run=docker%20run\
                    %20%5C%0A%20%20nginx%0Aecho%20%27a%26b%27\">Layerlab</a>\n\n</layer-lab>\n\n```console\n$ ls\n```\n\n~~~md\n\
                    ```console layerlab\n$ no\n```\n~~~\n\n<script src=\"https://l.example/layer-lab.js\" defer></script>\n";
        assert_eq!(drawn, want);
    }

    #[test]
    fn a_page_without_labs_stays_as_it_is() {
        let wishes = wishes(json!({"url": "/lab"})).unwrap();
        for page in [
            "```console\n$ ls\n```\n",
            "```layerlab\nx\n```\n",
            "```rust layerlab\n```\n",
            "``console layerlab``\n",
        ] {
            assert_eq!(drawn(page, &wishes, 0), None, "{page}");
        }
    }

    #[test]
    fn an_attribute_of_the_block_wins_and_none_can_end_its_element() {
        let wishes = wishes(json!({"url": "x/", "lang": "zh"})).unwrap();
        let page = "- item\n\n  ```console,layerlab,lang=en,setup=\"a > b\"\n  docker ps\n  ```\n";
        let drawn = drawn(page, &wishes, 1).unwrap();
        assert!(drawn.contains("  <layer-lab lang=\"en\" setup=\"a &gt; b\">\n\n  ```console\n"), "{drawn}");
        assert!(
            drawn.contains("href=\"../x/?lang=en&amp;setup=a%20%3E%20b&amp;run=docker%20ps\""),
            "{drawn}"
        );
    }

    #[test]
    fn a_key_that_does_nothing_is_said() {
        assert!(wishes(json!({"url": "x", "setpu": "y"})).unwrap_err().contains("setpu"));
        assert!(wishes(json!({"url": "x", "command": "layerlab mdbook", "renderers": ["html"]})).is_ok());
    }
}
