//! Lengths, headers, and words that belong in one place only.

use super::text::Text;

const MOST_LINES: usize = 400;

/// Files that people read and edit stay short: at most 400 lines.
pub(super) fn lengths(texts: &[Text]) -> Vec<String> {
    let written = [".rs", ".js", ".mjs", ".css", ".html", ".toml", ".md", ".sh"];
    let long = |t: &&Text| t.text.lines().count() > MOST_LINES;
    texts
        .iter()
        .filter(|t| written.iter().any(|end| t.path.ends_with(end)) && !t.path.starts_with("tests/fixtures/"))
        .filter(long)
        .map(|t| {
            format!(
                "{}: {} lines; a file has one job and at most {MOST_LINES}",
                t.path,
                t.text.lines().count()
            )
        })
        .collect()
}

/// Every Rust file says its one job in its first line.
pub(super) fn headers(texts: &[Text]) -> Vec<String> {
    let silent = |t: &&Text| t.is_rust() && !t.text.starts_with("//!");
    texts
        .iter()
        .filter(silent)
        .map(|t| format!("{}:1: a file opens with //! and its one job", t.path))
        .collect()
}

/// A word, the code that may hold it, and why nothing else may.
struct Spelling {
    word: &'static str,
    homes: &'static [&'static str],
    why: &'static str,
}

/// In two parts, here and in the tests: a search for the whole word finds its home alone.
const WHITEOUT: &str = concat!(".wh", ".");

// The other words can stand here and in the tests below, since xtask is no part of the lab and is not looked at.
const SPELLINGS: &[Spelling] = &[
    Spelling {
        word: WHITEOUT,
        // The AUFS of the drivers' table has its own names of that form.
        homes: &["core/src/oci/", "core/src/drivers/rules.rs"],
        why: "above the tar a whiteout is a type, not a name",
    },
    Spelling {
        word: "trusted.overlay.",
        homes: &[
            "core/src/engine/stores/overlay2/driver.rs",
            "core/src/sim/overlay/",
            "native-shim/linux/src/",
            "native-shim/src/",
            "core/src/overlay/",
            "core/src/conformance/trace/",
            "core/src/conformance/verify/",
            "core/src/drivers/rules.rs",
        ],
        why: "overlayfs's own xattrs are known to the driver, the model and the adapter alone",
    },
];

/// Words that belong in one place of the code only (tests and documentation may say them).
pub(super) fn spellings(texts: &[Text]) -> Vec<String> {
    let mut wrong = Vec::new();
    for text in texts.iter().filter(|t| is_code(t)) {
        for (number, line) in code_lines(&text.text) {
            for s in SPELLINGS {
                if line.contains(s.word) && !s.homes.iter().any(|home| text.path.starts_with(home)) {
                    wrong.push(format!(
                        "{}:{number}: `{}` stands in {} alone: {}",
                        text.path, s.word, s.homes[0], s.why
                    ));
                }
            }
        }
    }
    wrong
}

/// Rust code of the product itself.
fn is_code(text: &Text) -> bool {
    let path = text.path.as_str();
    let product =
        ["core/src/", "web-ui/src/", "native-shim/linux/src/", "native-shim/src/", "native-shim/guest/src/"]
            .iter()
            .any(|dir| path.starts_with(dir));
    product && text.is_rust() && !path.ends_with("tests.rs") && !path.contains("/tests/")
}

/// The lines that are neither comments nor in the test module at a file's end, with their numbers.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// No file names a directory of the machine that it was written on.
pub(super) fn places(texts: &[Text]) -> Vec<String> {
    // Put together here, so that this file does not name them either.
    let places =
        ["main/", "wt/", "lab/", "shared/", "target/", ".library"].map(|end| format!("/{}/{end}", "work"));
    let mut wrong = Vec::new();
    for text in texts {
        for (number, line) in (1..).zip(text.text.lines()) {
            if let Some(place) = places.iter().find(|p| line.contains(p.as_str())) {
                wrong.push(format!("{}:{number}: names a place on one machine, {place}", text.path));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, text: &str) -> Text {
        Text { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_whiteout_name_outside_oci_is_found_and_in_a_comment_or_a_test_is_not() {
        let used = format!("let a = \"{WHITEOUT}b\";");
        let bad = text("core/src/engine/x.rs", &used);
        let good = text(
            "core/src/engine/y.rs",
            &format!(
                "// {WHITEOUT} is a name\n#[cfg(test)]\nmod tests {{ const A: &str = \"{WHITEOUT}\"; }}"
            ),
        );
        let home = text("core/src/oci/layer.rs", &used);
        assert_eq!(spellings(&[bad, good, home]).len(), 1);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(lengths(&[text("a.rs", &"x\n".repeat(401)), text("b.rs", &"x\n".repeat(400))]).len(), 1);
    }

    #[test]
    fn a_place_is_found() {
        let line = format!("cd /{}/shared/", "work");
        assert_eq!(places(&[text("README.md", &line)]).len(), 1);
    }
}
