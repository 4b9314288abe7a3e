//! An explored image on a desk: what the page's image screen asks, and the answers, a window of rows at a time.

mod document;
mod matrix;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod types;

pub use table::Table;
pub use types::*;

use std::collections::BTreeSet;

use super::rows::linked;
use super::{Content, Explorer, Report, all_settings};
use crate::kernel::ByteString;
use crate::oci::archive::Form;
use matrix::Matrix;

/// The most entries of a list that are told at once; the numbers beside it count all.
const LIST_MAX: usize = 200;
/// The most settings that are told.
const SETTINGS_MAX: usize = 500;
/// The most rows that one answer holds.
const ROWS_MAX: u32 = 400;

/// An image whose layers were read, and how its matrix is unfolded.
#[derive(Debug)]
pub struct ImageScreen {
    explorer: Explorer,
    form: Form,
    matrix: Matrix,
    /// Paths whose file has several names.
    linked: BTreeSet<ByteString>,
}

impl ImageScreen {
    /// Lays an image on the desk; directories are unfolded where layers meet.
    pub fn new(explorer: Explorer, form: Form) -> Self {
        let matrix = Matrix::new(&explorer.stack);
        let linked = linked(&explorer.stack);
        Self { explorer, form, matrix, linked }
    }

    /// The image in numbers and names, its lists cut to what a person reads.
    pub fn overview(&self) -> Overview {
        let mut report = Report::of(&self.explorer);
        let counts = Counts {
            reclaimable: report.reclaimable.len(),
            secrets: report.secrets.len(),
            warnings: report.warnings.len(),
            paths: self.matrix.paths(),
            rows: self.matrix.rows(),
        };
        report.reclaimable.truncate(LIST_MAX);
        report.secrets.truncate(LIST_MAX);
        report.warnings.truncate(LIST_MAX);
        let mut settings = all_settings(&self.explorer.image.config);
        settings.truncate(SETTINGS_MAX);
        let history = document::history(&self.explorer.image);
        Overview { report, form: self.form, counts, history, settings }
    }

    /// Answers a question of the screen.
    pub fn answer(&mut self, query: Query) -> Answer {
        match query {
            Query::Rows { from, count } => self.rows(from, count.min(ROWS_MAX)),
            Query::Fold { row, open } => {
                self.matrix.fold(row, open);
                Answer::Turned { rows: self.matrix.rows(), at: self.matrix.place(row) }
            }
            Query::FoldAll { open } => {
                self.matrix.fold_all(open);
                Answer::Turned { rows: self.matrix.rows(), at: None }
            }
            Query::Filter { text, only } => {
                self.matrix.filter(&self.explorer.stack, &text, only);
                Answer::Turned { rows: self.matrix.rows(), at: None }
            }
            Query::Reveal { path } => {
                let row = self.matrix.reveal(&self.explorer.stack, inside(&path));
                let at = row.and_then(|row| self.matrix.place(row));
                Answer::Turned { rows: self.matrix.rows(), at }
            }
            Query::Path { path } => Answer::Path(Box::new(steps::path_report(&self.explorer, inside(&path)))),
            Query::Document { which } => Answer::Document(document::text(&self.explorer.image, which)),
        }
    }

    /// Where a file's content stands. Without `layer` the one that the merged view shows.
    pub fn content(&self, path: &ByteString, layer: Option<usize>) -> Option<Content> {
        self.explorer.content(path, layer)
    }

    /// The image as the archive has it.
    pub fn image(&self) -> &crate::oci::archive::ArchivedImage {
        &self.explorer.image
    }

    fn rows(&self, from: u32, count: u32) -> Answer {
        let shown = self.matrix.window(from, count);
        let line = |id| {
            let line = self.matrix.line(&self.explorer.stack, id);
            Line { linked: self.linked.contains(&line.path), ..line }
        };
        let rows = shown.map(line).collect();
        Answer::Rows { from, total: self.matrix.rows(), rows }
    }
}

/// A path as sheets know it: without a leading slash.
fn inside(path: &[u8]) -> &[u8] {
    path.strip_prefix(b"/").unwrap_or(path)
}
