//! What `--format` does to a list: a table with headings, or a template for each item (`cli/command/formatter`).

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure, columns};

/// An item of a list: the fields that a template can name, and the labels that `.Label "key"` looks into.
#[derive(Debug)]
pub(super) struct Item {
    /// The fields.
    pub fields: Json,
    /// The labels, an object; `Null` where such items have none.
    pub labels: Json,
}

impl From<Json> for Item {
    fn from(fields: Json) -> Self {
        Self { fields, labels: Json::Null }
    }
}

/// Returns labels as the object that [`Item`] keeps.
pub(super) fn labels<'l>(labels: impl IntoIterator<Item = (&'l String, &'l String)>) -> Json {
    Json::object(labels.into_iter().map(|(key, value)| (key.as_str(), value.as_str().into())))
}

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
    /// What `--format raw` prints, empty where `raw` is a text like others.
    pub raw: &'static str,
    /// The same with `-q`.
    pub raw_quiet: &'static str,
}

/// How a list is to be printed.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    /// `--format`.
    pub format: Option<String>,
    /// `-q`.
    pub quiet: bool,
}

impl Style {
    /// How the line says it, or the client's configuration file under `key` (`psFormat`, `imagesFormat`).
    pub(super) fn of(call: &mut Call<'_, '_>, key: &str) -> Self {
        let quiet = call.flags.is_set("quiet");
        let given = call.flags.text("format").filter(|format| !format.is_empty());
        let format = match given {
            Some(format) => Some(format),
            None if quiet || key.is_empty() => None,
            None => match call.config().get(key) {
                Some(Json::Text(format)) if !format.is_empty() => Some(format.clone()),
                _ => None,
            },
        };
        Self { format, quiet }
    }
}

impl Listing {
    /// The text of a list.
    pub(super) fn render(
        &self,
        style: &Style,
        items: impl IntoIterator<Item = impl Into<Item>>,
    ) -> Result<String, Failure> {
        let given = style.format.as_deref().filter(|format| !format.is_empty());
        let (format, is_table) = match given {
            None | Some("table") if style.quiet && !self.quiet.is_empty() => (self.quiet, false),
            None | Some("table") => (self.table, true),
            Some("raw") if !self.raw.is_empty() => {
                (if style.quiet { self.raw_quiet } else { self.raw }, false)
            }
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
            let Item { fields, labels } = item.into();
            let shape = Shape::Type { name: self.go_type, labels: &labels };
            rows.push(template.run(&fields, shape).map_err(fail)?);
        }
        if !is_table {
            return Ok(rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect());
        }
        let headings = Json::object(self.headings.iter().map(|(field, text)| (*field, Json::from(*text))));
        rows.insert(0, template.run(&headings, Shape::Heading).map_err(fail)?);
        Ok(columns::layout(&rows))
    }
}
