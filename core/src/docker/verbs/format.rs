//! What `--format` does to a list: a table with headings, or a template for each item (`cli/command/formatter`).

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Failure, columns};

/// A kind of list: its Go type, its headings by field, and the table that is printed without `--format`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listing {
    /// For error texts, `formatter.imageContext`.
    pub go_type: &'static str,
    /// Headings by field.
    pub headings: &'static [(&'static str, &'static str)],
    /// What `-q` prints.
    pub quiet: &'static str,
    /// The usual table, without the word `table`.
    pub table: &'static str,
}

/// How a list is to be printed.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    /// `--format`.
    pub format: Option<String>,
    /// `-q`.
    pub quiet: bool,
}

impl Listing {
    /// The text of a list.
    pub(super) fn render(&self, style: &Style, items: &[Json]) -> Result<String, Failure> {
        let given = style.format.as_deref().filter(|format| !format.is_empty());
        let (format, is_table) = match given {
            None | Some("table") if style.quiet => (self.quiet, false),
            None | Some("table" | "raw") => (self.table, true),
            Some(format) => match format.strip_prefix("table") {
                Some(rest) => (rest.trim(), true),
                None => (format, false),
            },
        };
        let format = format.replace("\\t", "\t").replace("\\n", "\n");
        let fail = |why: String| Failure::new(format!("template parsing error: {why}"));
        let template = Template::parse(&format).map_err(fail)?;
        let mut rows = Vec::new();
        for item in items {
            rows.push(template.run(item, Shape::Type(self.go_type)).map_err(fail)?);
        }
        if !is_table {
            return Ok(rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect());
        }
        let headings = Json::object(self.headings.iter().map(|(field, text)| (*field, Json::from(*text))));
        rows.insert(0, template.run(&headings, Shape::Heading).map_err(fail)?);
        Ok(columns::layout(&rows))
    }
}
