//! How the playground begins, and the first screen of it as data: it is computed when the page is built, so that the page can
//! draw it before anything of the lab runs there.
//!
//! The record is a text of lines, each a JSON value, of which a page reads those that it draws: where the session stands;
//! the screen without its columns; for each number of columns that fit, which columns they are; then the columns themselves.
//! Screens of different widths share most of their columns, so that all widths take little more than one.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;
use crate::session::{Event, Journal, Reply, Request, Session, SimBackend, programs};
use crate::view::{Answer, Cell, Column, Query, Screen};

/// The lines that the playground starts with: an image is there and a container runs.
pub const LINES: [&str; 2] = ["docker pull -q nginx", "docker run -d --name web1 nginx"];
/// What the first minute is about: these paths have a column before others.
pub const STORY: [&str; 2] = ["/etc/motd", "/usr/share/nginx/html/index.html"];
/// The numbers of columns that are recorded: those of a phone up to those of a window 4,000 pixels wide.
pub const COLUMNS: RangeInclusive<u32> = 3..=48;

/// The columns of one width.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sheet {
    /// Which they are, by the place of each among all.
    columns: Vec<usize>,
    paths: u32,
    shown: u32,
    whiteouts: u32,
}

/// A column with its cell in each row.
type Strip = (Column, Vec<Cell>);

/// The first screen as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    text: String,
}

/// Returns the journal of a playground in which nothing is done yet.
pub fn journal() -> Journal {
    Journal::of_lines(LINES.iter().map(|line| (*line).into()).collect(), Vec::new(), 0)
}

/// Returns what the stack's paths of the story are.
pub fn story() -> Vec<ByteString> {
    STORY.iter().map(|path| (*path).into()).collect()
}

impl Opening {
    /// Returns the record of this code: the start lines are run, and each screen is asked for.
    ///
    /// # Errors
    /// One sentence, where the session fails, or where a screen cannot be put together from its columns again.
    pub fn record() -> Result<Self, String> {
        let mut session = Session::new(Box::new(SimBackend::default()), programs())?;
        let reply = restored(&mut session)?;
        let screens: Vec<Screen> =
            COLUMNS.map(|columns| look(&mut session, columns)).collect::<Result<_, _>>()?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let (mut sheets, mut strips) = (Vec::new(), Vec::new());
        for screen in &screens {
            let stack = screen.stack.as_ref().ok_or("the first screen has no stack")?;
            let mut columns = Vec::new();
            for (at, column) in stack.columns.iter().enumerate() {
                let cells = stack.rows.iter().map(|row| row.cells[at]).collect();
                let strip = json::<Strip>(&(column.clone(), cells))?;
                let place = *places.entry(strip.clone()).or_insert(strips.len());
                if place == strips.len() {
                    strips.push(strip);
                }
                columns.push(place);
            }
            let (paths, shown, whiteouts) = (stack.paths, stack.shown, stack.whiteouts);
            sheets.push(json(&Sheet { columns, paths, shown, whiteouts })?);
        }
        let bare = screens.first().map(without_columns).ok_or("no screen is recorded")?;
        let lines = [json(&reply)?, json(&bare)?].into_iter().chain(sheets).chain(strips);
        let opening = Self { text: lines.collect::<Vec<_>>().join("\n") };
        for (columns, screen) in COLUMNS.zip(screens) {
            if opening.screen(&query(columns)) != Some(screen) {
                return Err(format!(
                    "the screen of {columns} columns cannot be put together from its columns"
                ));
            }
        }
        Ok(opening)
    }

    /// Returns a record that was written as [`Opening::text`].
    pub fn read(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Returns the record as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns where the session stands when its start lines are done.
    pub fn reply(&self) -> Option<Reply> {
        self.line(0)
    }

    /// Returns the answer to this question, where it is recorded: the first screen, with nothing chosen and nothing unfolded.
    /// Of more columns than are recorded it is the widest one.
    pub fn screen(&self, asked: &Query) -> Option<Screen> {
        let Query::Screen { subject, path: None, columns, show, unfolded, follow: None } = asked else {
            return None;
        };
        if *show != story() || !unfolded.is_empty() || columns < COLUMNS.start() {
            return None;
        }
        let width = (columns.min(COLUMNS.end()) - COLUMNS.start()) as usize;
        let mut screen: Screen = self.line(1)?;
        let sheet: Sheet = self.line(2 + width)?;
        let stack = screen.stack.as_mut()?;
        if subject.as_ref().is_some_and(|subject| *subject != stack.subject.id) {
            return None;
        }
        for place in sheet.columns {
            let (column, cells): Strip = self.line(2 + COLUMNS.count() + place)?;
            stack.columns.push(column);
            stack.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.cells.push(cell));
        }
        (stack.paths, stack.shown, stack.whiteouts) = (sheet.paths, sheet.shown, sheet.whiteouts);
        Some(screen)
    }

    fn line<T: DeserializeOwned>(&self, number: usize) -> Option<T> {
        serde_json::from_slice(self.text.lines().nth(number)?.as_bytes()).ok()
    }
}

/// Returns the question for the first screen.
pub fn query(columns: u32) -> Query {
    Query::Screen { subject: None, path: None, columns, show: story(), unfolded: Vec::new(), follow: None }
}

fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

fn without_columns(screen: &Screen) -> Screen {
    let mut bare = screen.clone();
    if let Some(stack) = &mut bare.stack {
        stack.columns.clear();
        stack.rows.iter_mut().for_each(|row| row.cells.clear());
    }
    bare
}

fn restored(session: &mut Session) -> Result<Reply, String> {
    let mut ended = Err("the session did not begin".to_owned());
    session.handle(Request::Restore { journal: journal() }, &mut |event| match event {
        Event::Done { reply } => ended = Ok(reply),
        Event::Failed { message } => ended = Err(message),
        _ => {}
    });
    ended
}

fn look(session: &mut Session, columns: u32) -> Result<Screen, String> {
    let mut seen = Err("the session answered with no screen".to_owned());
    session.handle(Request::View { query: query(columns) }, &mut |event| match event {
        Event::View { answer: Answer::Screen(screen) } => seen = Ok(*screen),
        Event::Failed { message } => seen = Err(message),
        _ => {}
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_has_each_width_and_nothing_else() {
        let opening = Opening::record().unwrap();
        assert_eq!(opening, Opening::record().unwrap(), "the same at each build");
        assert_eq!(opening.reply().unwrap().prompt, "[root@lab ~]# ");
        let stack = |columns| opening.screen(&query(columns)).unwrap().stack.unwrap();
        assert!(stack(3).columns.len() < stack(11).columns.len());
        assert_eq!(stack(48), stack(500), "the widest");
        assert_eq!(stack(11).rows.iter().filter(|row| row.cells.len() != stack(11).columns.len()).count(), 0);
        let mut elsewhere = query(11);
        if let Query::Screen { path, .. } = &mut elsewhere {
            *path = Some("/etc/group".into());
        }
        assert_eq!(opening.screen(&elsewhere), None);
        assert_eq!(opening.screen(&Query::screen(Some("image:sha256:0".into()), 11)), None);
        assert_eq!(opening.screen(&query(2)), None);
        let damaged = Opening::read(opening.text().replace("\"columns\"", "\"colum\""));
        assert_eq!(damaged.screen(&query(11)), None);
        // It is sent before the prompt takes input.
        assert!(opening.text().len() < 120_000, "{}", opening.text().len());
    }
}
