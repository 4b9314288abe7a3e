//! Every line of the lab's own exists in every language.

use super::text::Text;

/// The table of what programs print themselves.
const TABLE: &str = "core/src/help/lines.zh.txt";
/// In two parts: a search for the whole finds the lines alone.
const MARK: &str = concat!("Layerlab", ": ");

/// The messages in the sources that the table has no row for.
pub(super) fn untranslated(texts: &[Text]) -> Vec<String> {
    let Some(table) = texts.iter().find(|text| text.path == TABLE) else {
        return vec![format!("{TABLE}: is missing")];
    };
    let known: Vec<&str> = table.text.lines().filter_map(|line| Some(line.split_once(" => ")?.0)).collect();
    let sources = texts.iter().filter(|text| {
        let is_source =
            ["core/src/", "native-shim/src/", "web-ui/src/"].iter().any(|dir| text.path.starts_with(dir));
        is_source && text.is_rust() && !text.path.ends_with("tests.rs") && !text.path.contains("/tests/")
    });
    let mut wrong = Vec::new();
    for source in sources {
        // Tests stand at the end of a file.
        let code = source.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (number, message) in messages(code) {
            if !known.contains(&message.as_str()) {
                wrong.push(format!("{}:{number}: {TABLE} has no row \"{message} => ...\"", source.path));
            }
        }
    }
    wrong
}

/// The messages in a file with their lines; `*` stands for what is filled in. One that is nothing else is told elsewhere.
fn messages(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(MARK) {
        let before = &code[..at];
        let line = before.rsplit('\n').next().unwrap_or_default();
        // "made by the lab" in a sentence is no message.
        let begins = line.trim().is_empty() || ["\"", "\\n", "}"].iter().any(|end| before.ends_with(end));
        if line.trim_start().starts_with("//") || !begins {
            continue;
        }
        let message = literal(&code[at + MARK.len()..]);
        if !matches!(message.as_str(), "" | "*") {
            found.push((before.matches('\n').count() + 1, message));
        }
    }
    found
}

/// The rest of a string literal up to its end, or to a line feed in it.
fn literal(text: &str) -> String {
    let mut message = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => match rest.next() {
                Some('\n') => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') | None => break,
                Some(other) => message.push(other),
            },
            '{' if rest.next_if_eq(&'{').is_some() => message.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => message.push('}'),
            '{' => {
                while rest.next().is_some_and(|c| c != '}') {}
                message.push('*');
            }
            other => message.push(other),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_as_they_are_printed() {
        let code = "x(\"Layerlab: the lab's {name} takes \\\n            -y\\n\");\n// Layerlab: no\nformat!(\"Layerlab: {why}\")";
        assert_eq!(messages(code), [(1, "the lab's * takes -y".to_owned())]);
    }
}
