//! What the page's address asks for behind its question mark: lines to run, a lesson, to be a guest in another page.

use wasm_bindgen::prelude::wasm_bindgen;

/// The most characters that are taken of an address, and the most lines: whoever made it is not trusted.
const CHARACTERS: usize = 20_000;
const LINES: usize = 200;

#[wasm_bindgen]
extern "C" {
    /// boot.js: every value of that name in the address, a line each; empty where there is none.
    #[wasm_bindgen(js_namespace = layerlab)]
    fn asked(name: &str) -> String;
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Asked {
    /// The lines that run first (`setup=`).
    pub(crate) setup: Vec<String>,
    /// The lines that are seen to run (`run=`).
    pub(crate) lines: Vec<String>,
    /// The lesson that is opened (`lesson=`).
    pub(crate) lesson: Option<String>,
}

impl Asked {
    /// What this page's address asks for.
    pub(crate) fn here() -> Self {
        let lesson = Some(asked("lesson")).filter(|id| !id.is_empty());
        Self { setup: lines(&asked("setup")), lines: lines(&asked("run")), lesson }
    }
}

/// The lines of a text, without those that say nothing.
fn lines(text: &str) -> Vec<String> {
    let text: String = text.chars().take(CHARACTERS).collect();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.take(LINES).map(str::to_owned).collect()
}

/// Whether the page is a guest in another one (`?embed`): the stack and the terminal alone.
pub(crate) fn is_embedded() -> bool {
    let root = gloo::utils::document().document_element();
    root.is_some_and(|root| root.has_attribute("data-embed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_address_are_cut_where_they_are_too_many() {
        assert_eq!(lines("docker ps\r\n\n  \nls -l\n"), ["docker ps", "ls -l"]);
        assert_eq!(lines(&"a\n".repeat(300)).len(), LINES);
        assert_eq!(lines(&"a".repeat(30_000))[0].len(), CHARACTERS);
    }
}
