//! The stack as a matrix: the rows that are here, which paths are shown, and the row that the keyboard is at.

use layerlab_core::explore::screen::{Answer, Line, Only};
use layerlab_core::view::{Branch, BranchLayer};

/// The matrix as the page knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Branching {
    /// The layers, lowest first.
    pub(crate) layers: Vec<BranchLayer>,
    /// How many paths there are.
    pub(crate) paths: u32,
    /// How many rows there are as it is unfolded.
    pub(crate) total: u32,
    /// The first row that is here.
    pub(crate) from: u32,
    /// The rows that are here.
    pub(crate) lines: Vec<Line>,
    /// What paths must contain.
    pub(crate) filter: String,
    /// Which paths are shown.
    pub(crate) only: Only,
    /// The row that the keyboard is at.
    pub(crate) active: u32,
    /// Counts what makes the rows out of date.
    pub(crate) turn: u32,
}

impl Branching {
    /// A row, if it is here.
    pub(crate) fn line(&self, row: u32) -> Option<&Line> {
        self.lines.get(row.checked_sub(self.from)? as usize)
    }

    /// Whether these rows are here, as far as there are any.
    pub(crate) fn holds(&self, from: u32, count: u32) -> bool {
        let end = (from + count).min(self.total);
        from >= end || (from >= self.from && end <= self.from + self.lines.len() as u32)
    }

    /// Takes an answer.
    pub(super) fn take(&mut self, branch: Branch) {
        self.layers = branch.layers;
        self.paths = branch.paths;
        match branch.told {
            Answer::Rows { from, total, rows } => {
                (self.from, self.total, self.lines) = (from, total, rows);
                self.active = self.active.min(total.saturating_sub(1));
            }
            Answer::Turned { rows, at } => {
                self.total = rows;
                self.active = at.unwrap_or(self.active).min(rows.saturating_sub(1));
                self.turn += 1;
            }
            Answer::Path(_) | Answer::Document(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u32) -> Line {
        Line {
            id,
            linked: false,
            path: format!("/{id}").as_str().into(),
            level: 1,
            parent: None,
            open: None,
            dir: false,
            size: None,
            provider: None,
            cells: Vec::new(),
        }
    }

    #[test]
    fn rows_are_here_or_not() {
        let mut rows = Branching::default();
        let told = Answer::Rows { from: 10, total: 100, rows: (10..30).map(line).collect() };
        rows.take(Branch { subject: None, layers: Vec::new(), paths: 100, told });
        assert!(rows.holds(10, 20) && !rows.holds(9, 5) && !rows.holds(25, 10) && rows.holds(100, 7));
        assert_eq!(rows.line(12).map(|line| line.id), Some(12));
        assert_eq!((rows.line(9), rows.line(30)), (None, None));
        rows.take(Branch {
            subject: None,
            layers: Vec::new(),
            paths: 100,
            told: Answer::Turned { rows: 5, at: Some(3) },
        });
        assert_eq!((rows.total, rows.active, rows.turn), (5, 3, 1));
    }
}
