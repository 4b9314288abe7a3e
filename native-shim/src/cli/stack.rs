//! The stack as text: a line a layer, the merged view first, with what each layer has of the paths that tell most.

use layerlab_core::session::{Event, Request};
use layerlab_core::view::{Answer, Badge, CellState, Query, Row, RowKind, Screen, Subject};

use super::draw::{Pen, Style};
use super::text::visible;

/// How many paths are drawn.
const PATHS: u32 = 8;

/// Makes a request of a lab and passes on what is told.
pub(super) type Ask<'a> = &'a mut dyn FnMut(Request, &mut dyn FnMut(Event)) -> Result<(), String>;

/// Asks for the stack of a container, an image or a mount; of the newest where none is named.
///
/// # Errors
/// Nothing has that name, or the lab's.
pub(super) fn screen(name: Option<&str>, ask: Ask<'_>) -> Result<Screen, String> {
    let mut view = |subject: Option<String>| {
        let mut drawn = None;
        let query = Query::screen(subject, PATHS);
        ask(Request::View { query }, &mut |event| {
            if let Event::View { answer: Answer::Screen(screen) } = event {
                drawn = Some(*screen);
            }
        })?;
        drawn.ok_or_else(|| "the lab draws no stack".to_owned())
    };
    let screen = view(None)?;
    let Some(name) = name else { return Ok(screen) };
    let latest = format!("{name}:latest");
    let is_named = |subject: &&Subject| subject.name == name || subject.name == latest || subject.id == name;
    let Some(id) = screen.subjects.iter().find(is_named).map(|subject| subject.id.clone()) else {
        let names: Vec<&str> = screen.subjects.iter().map(|subject| subject.name.as_str()).collect();
        return Err(format!("nothing is named {name}; there is {}", names.join(", ")));
    };
    view(Some(id))
}

/// The screen's stack; one sentence where there is none.
pub(super) fn stack(screen: &Screen, pen: Pen) -> String {
    let Some(stack) = &screen.stack else {
        return "there is no container, image or mount yet\n".to_owned();
    };
    let mut out = format!("{}\n", pen.styled(Style::Strong, &stack.subject.name));
    let names: Vec<String> = stack.rows.iter().map(name).collect();
    let wide = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (row, name) in stack.rows.iter().zip(&names) {
        let size = if row.kind == RowKind::Merged { String::new() } else { bytes(row.size) };
        out.push_str(&format!("  {name:<wide$}  {size:>9}"));
        for cell in &row.cells {
            let (mark, style) = match (cell.state, cell.badge) {
                (CellState::Absent, _) => ('.', Style::Faint),
                (CellState::Whiteout, _) => ('x', Style::Bad),
                (CellState::Opaque, _) => ('O', Style::Bad),
                (CellState::Hidden, _) => ('-', Style::Faint),
                (CellState::Merged, _) => ('+', Style::Plain),
                (CellState::Provided, Some(Badge::A | Badge::C)) => ('#', Style::Good),
                (CellState::Provided, _) => ('#', Style::Plain),
            };
            out.push_str(&format!("  {}", pen.styled(style, &mark.to_string())));
        }
        out.push('\n');
    }
    for (n, column) in stack.columns.iter().enumerate() {
        // Under its column: two spaces, the name, two, the size, and three for each column before.
        let indent = wide + 15 + 3 * n;
        let slash = if column.dir && !column.path.ends_with(b"/") { "/" } else { "" };
        // A directory that is folded says how many of its paths share the column.
        let folded = column.fold.map_or(String::new(), |fold| format!(" ({})", fold.paths));
        out.push_str(&format!("{}└ {}{slash}{folded}\n", " ".repeat(indent - 1), visible(&column.path)));
    }
    out.push_str("# seen, + merged, - hidden, x whiteout, O opaque, . nothing\n");
    out
}

fn name(row: &Row) -> String {
    match row.kind {
        RowKind::Merged => "merged view".to_owned(),
        RowKind::Init => format!("{} (init)", visible(row.name.as_bytes())),
        RowKind::Image => format!("{} · {}", visible(row.name.as_bytes()), row.number),
        RowKind::Writable | RowKind::Lower => visible(row.name.as_bytes()),
    }
}

/// Bytes as Docker writes them: decimal units, up to four figures.
fn bytes(size: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (size as f64, 0);
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let text = format!("{value:.2}");
    format!("{} {}", text.trim_end_matches('0').trim_end_matches('.'), units[unit])
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_short() {
        assert_eq!([0, 999, 7720, 8_388_615].map(bytes), ["0 B", "999 B", "7.72 kB", "8.39 MB"]);
    }
}
