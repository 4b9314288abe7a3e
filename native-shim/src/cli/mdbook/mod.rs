//! `layerlab mdbook`: a preprocessor of mdBook, which makes labs of the console blocks of a book.

mod page;

use std::io::{self, Read, Write};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{CliError, Outcome};
use page::Wishes;

const EXAMPLES: &str = "\
In book.toml:
  [preprocessor.layerlab]
  command = \"layerlab mdbook\"
  url = \"https://lab.example.org/\"

In a page, a block that begins with ```console layerlab becomes a lab, and so does
  ```console layerlab setup=\"docker pull -q nginx\" when=press
It reads what mdBook writes to its preprocessors, and prints the book.";

/// The most that is read of a book, in bytes.
const BOOK_MAX: u64 = 256 << 20;

/// Make labs of the console blocks of an mdBook, as its preprocessor
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MdBook {
    #[command(subcommand)]
    question: Option<Question>,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Say by the exit status whether a renderer's pages can hold labs: those of html can
    Supports {
        /// What mdBook calls it
        renderer: String,
    },
}

impl MdBook {
    pub(super) fn run(&self) -> Outcome {
        if let Some(Question::Supports { renderer }) = &self.question {
            return Ok(u8::from(renderer != "html"));
        }
        let mut text = Vec::new();
        io::stdin().lock().take(BOOK_MAX + 1).read_to_end(&mut text)?;
        if text.len() as u64 > BOOK_MAX {
            return Err(io::Error::other(format!("the book is larger than {} MiB", BOOK_MAX >> 20)).into());
        }
        let book = book(&text).map_err(|message| CliError::Io(io::Error::other(message)))?;
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &book).map_err(io::Error::from)?;
        out.flush()?;
        Ok(0)
    }
}

/// The book with its labs, of what mdBook writes: `[context, book]` (mdBook's documentation, "Preprocessors").
fn book(text: &[u8]) -> Result<Value, String> {
    let input: Value = serde_json::from_slice(text)
        .map_err(|error| format!("standard input is not what mdBook writes to a preprocessor: {error}"))?;
    let Value::Array(parts) = input else {
        return Err("standard input is not what mdBook writes to a preprocessor: [context, book]".into());
    };
    let [context, mut book]: [Value; 2] = parts
        .try_into()
        .map_err(|_| "standard input is not what mdBook writes to a preprocessor: [context, book]")?;
    let wishes = Wishes::read(&context)?;
    // mdBook calls the list `sections`, from 0.5 on `items`.
    let items = match &mut book {
        Value::Object(book) => match (book.contains_key("items"), book.contains_key("sections")) {
            (true, _) => book.get_mut("items"),
            (_, true) => book.get_mut("sections"),
            _ => None,
        },
        _ => None,
    };
    let mut open: Vec<&mut Value> = items.into_iter().collect();
    if open.is_empty() {
        return Err("the book has neither sections nor items: this mdBook is not known".into());
    }
    while let Some(items) = open.pop() {
        for item in items.as_array_mut().into_iter().flatten() {
            let Some(Value::Object(chapter)) = item.get_mut("Chapter") else { continue };
            let depth =
                chapter.get("path").and_then(Value::as_str).map_or(0, |path| path.matches('/').count());
            if let Some(Value::String(content)) = chapter.get_mut("content")
                && let Some(drawn) = page::drawn(content, &wishes, depth)
            {
                *content = drawn;
            }
            open.extend(chapter.get_mut("sub_items"));
        }
    }
    Ok(book)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(list: &str, url: &str) -> Result<Value, String> {
        let chapter = |path: &str, content: &str, below: Value| json!({"Chapter": {"name": "A", "content": content, "path": path, "sub_items": below}});
        let block = "```console layerlab\n$ docker ps\n```\n";
        let below = json!([chapter("a/b.md", block, json!([]))]);
        let items = json!([{"PartTitle": "P"}, chapter("a.md", "Prose.\n", below), "Separator", chapter("c.md", block, json!([]))]);
        let context = json!({"root": "/b", "config": {"preprocessor": {"layerlab": {"url": url}}}, "renderer": "html", "mdbook_version": "0.4.52"});
        book(&serde_json::to_vec(&json!([context, {list: items, "__non_exhaustive": null}])).unwrap())
    }

    #[test]
    fn the_chapters_of_every_depth_have_labs_and_nothing_else_changes() {
        for list in ["sections", "items"] {
            let book = asked(list, "https://lab.example.org").unwrap();
            assert_eq!(book["__non_exhaustive"], json!(null));
            let items = &book[list];
            assert_eq!(items[0], json!({"PartTitle": "P"}));
            assert_eq!(items[1]["Chapter"]["content"], json!("Prose.\n"));
            for chapter in [&items[1]["Chapter"]["sub_items"][0]["Chapter"], &items[3]["Chapter"]] {
                let content = chapter["content"].as_str().unwrap();
                assert!(content.contains("<layer-lab>\n\n```console\n$ docker ps\n```\n"), "{content}");
                assert!(content.contains("src=\"https://lab.example.org/layer-lab.js\""), "{content}");
            }
        }
    }

    #[test]
    fn a_lab_beside_the_book_is_found_from_every_folder() {
        let book = asked("sections", "../").unwrap();
        let content = |chapter: &Value| chapter["Chapter"]["content"].as_str().unwrap().to_owned();
        assert!(content(&book["sections"][3]).contains("src=\"../layer-lab.js\""));
        let below = content(&book["sections"][1]["Chapter"]["sub_items"][0]);
        assert!(below.contains("src=\"../../layer-lab.js\""), "{below}");
    }

    #[test]
    fn what_is_no_book_is_said() {
        for text in ["", "{}", "[1]", "[{}, {}]", "[{}, {}, {}]", "[1, 2"] {
            assert!(book(text.as_bytes()).is_err(), "{text}");
        }
        assert!(asked("sections", "").unwrap_err().contains("url"));
        assert!(asked("chapters", "/lab/").unwrap_err().contains("sections"));
    }
}
