//! Tables as Docker prints them: Go's `tabwriter` with a least width of 10 and a padding of 3.

use std::fmt::Write as _;

const LEAST: usize = 10;
const PADDING: usize = 3;

/// The table of `docker top`: a least width of 20 (`tabwriter.NewWriter(…, 20, 1, 3, ' ', 0)`).
pub(super) fn layout_wide(rows: &[String]) -> String {
    layout_with(rows, 20)
}

/// Lays out rows of cells separated by tabs. Each column is as wide as its widest cell (counted in characters) and
/// three more, ten at the least; what stands behind the last tab of a row is not padded.
pub(super) fn layout(rows: &[String]) -> String {
    layout_with(rows, LEAST)
}

fn layout_with(rows: &[String], least: usize) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('\t').collect();
        for (column, cell) in cells[..cells.len() - 1].iter().enumerate() {
            let width = (cell.chars().count() + PADDING).max(least);
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut cells = row.split('\t').enumerate().peekable();
        while let Some((column, cell)) = cells.next() {
            text.push_str(cell);
            if cells.peek().is_some() {
                let pad = widths[column].saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', pad));
            }
        }
        text.push('\n');
    }
    text
}

/// Cuts a text to `width` characters, the last of them `…` where something was cut (`formatter.Ellipsis`).
pub(super) fn ellipsis(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width - 1).collect();
    cut.push('…');
    cut
}

/// Go's `strconv.Quote`, for what is shown in quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                write!(quoted, "\\x{:02x}", c as u32).expect("a String takes all text");
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_as_docker_s() {
        let rows: Vec<String> = ["REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE", "lab\tsecond-tag\tx\ty\t1B"]
            .map(String::from)
            .into();
        assert_eq!(
            layout(&rows),
            "REPOSITORY   TAG          IMAGE ID   CREATED   SIZE\nlab          second-tag   x          y         1B\n"
        );
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(ellipsis("sh -c 'echo two > /two.txt'", 20), "sh -c 'echo two > /…");
        assert_eq!(ellipsis("short", 20), "short");
        assert_eq!(quote("a \"b\"\n"), "\"a \\\"b\\\"\\n\"");
    }
}
