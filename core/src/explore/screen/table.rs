//! A stack with its matrix, without an archive: what answers questions about rows.

use super::matrix::Matrix;
use super::{Answer, Query, ROWS_MAX, inside};
use crate::explore::Stack;
use crate::kernel::ByteString;

/// A stack of layers, and how its matrix is unfolded and filtered.
#[derive(Debug)]
pub struct Table {
    stack: Stack,
    matrix: Matrix,
    filter: Option<Query>,
}

impl Table {
    /// Lays a stack out; directories are unfolded where layers meet.
    pub fn new(stack: Stack) -> Self {
        let matrix = Matrix::new(&stack);
        Self { stack, matrix, filter: None }
    }

    /// How many paths there are.
    pub fn paths(&self) -> u32 {
        self.matrix.paths()
    }

    /// Unfolds and filters as another table of much the same paths.
    pub fn turn_as(&mut self, other: &Self) {
        self.matrix.open_as(&other.matrix);
        if let Some(filter) = other.filter.clone() {
            self.answer(filter);
        }
    }

    /// Answers a question about rows; other questions are for a [`super::ImageScreen`].
    pub fn answer(&mut self, query: Query) -> Answer {
        let at = match query {
            Query::Rows { from, count } => return self.rows(from, count.min(ROWS_MAX)),
            Query::Fold { row, open } => {
                self.matrix.fold(row, open);
                self.matrix.place(row)
            }
            Query::FoldAll { open } => {
                self.matrix.fold_all(open);
                None
            }
            Query::Filter { ref text, only } => {
                self.matrix.filter(&self.stack, text, only);
                self.filter = Some(query);
                None
            }
            Query::Reveal { path } => self.reveal(&path),
            Query::Path { .. } | Query::Document { .. } => None,
        };
        Answer::Turned { rows: self.matrix.rows(), at }
    }

    fn reveal(&mut self, path: &ByteString) -> Option<u32> {
        let row = self.matrix.reveal(&self.stack, inside(path))?;
        self.matrix.place(row)
    }

    fn rows(&self, from: u32, count: u32) -> Answer {
        let shown = self.matrix.window(from, count);
        let rows = shown.map(|id| self.matrix.line(&self.stack, id)).collect();
        Answer::Rows { from, total: self.matrix.rows(), rows }
    }
}
