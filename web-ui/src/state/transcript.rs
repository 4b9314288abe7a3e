//! What the terminal has printed, line by line: undone lines are kept, so that redo brings them back.

use std::rc::Rc;

use layerlab_core::help::Help;
use layerlab_core::kernel::ByteString;
use layerlab_core::program::Stream;

use crate::visible;

/// The terminal's contents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Transcript {
    blocks: Vec<Rc<Block>>,
    /// Blocks before this one were cleared away.
    cleared: usize,
    /// Only blocks of ticks up to this one are seen.
    tick: usize,
    /// The block of the line that runs.
    current: Option<usize>,
}

/// A line and what it printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Block {
    /// A number of its own, for the page's list.
    pub(crate) key: usize,
    /// The prompt that it was typed at; none for a note.
    pub(crate) prompt: String,
    /// The line as typed, made visible.
    pub(crate) line: String,
    /// What it printed, in order, made visible.
    pub(crate) pieces: Vec<(Stream, String)>,
    /// Advice after a mistake in it, below what it printed.
    pub(crate) help: Vec<Help>,
    /// Something that the page itself says below it.
    pub(crate) note: Option<Note>,
    /// The tick that it belongs to: it is seen from that tick on.
    pub(crate) tick: usize,
}

impl Block {
    /// How many lines of output it has, its own line counted.
    pub(crate) fn lines(&self) -> usize {
        1 + self.pieces.iter().map(|(_, piece)| piece.matches('\n').count()).sum::<usize>()
    }
}

/// What the page says in the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// The line was given up (Ctrl-C).
    GaveUp,
    /// These words could stand there.
    Words(Vec<String>),
    /// The worker died; the session was put together again.
    Died(String),
    /// The session refused the line.
    Refused(String),
    /// Lines that ran before the learner came.
    Start(Vec<String>),
}

impl Transcript {
    /// The blocks that are seen, oldest first.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Rc<Block>> {
        self.blocks.iter().skip(self.cleared).filter(|block| block.tick <= self.tick)
    }

    /// Begins a block for a line typed at `prompt`. What was undone cannot come back then.
    pub(crate) fn begin(&mut self, prompt: &str, line: &ByteString) {
        if !line.trim_ascii().is_empty() {
            self.blocks.retain(|block| block.tick <= self.tick);
            self.cleared = self.cleared.min(self.blocks.len());
        }
        let tick = self.tick;
        self.push(Block { prompt: prompt.into(), line: visible::output(line), tick, ..Block::default() });
        self.current = Some(self.blocks.len() - 1);
    }

    /// Adds output to the line that runs.
    pub(crate) fn print(&mut self, stream: Stream, data: &ByteString) {
        let Some(block) = self.running_mut() else { return };
        let text = visible::output(data);
        match block.pieces.last_mut() {
            Some((last, piece)) if *last == stream => piece.push_str(&text),
            _ => block.pieces.push((stream, text)),
        }
        if let Some((_, piece)) = block.pieces.last_mut()
            && piece.contains('\r')
        {
            *piece = returned(piece);
        }
    }

    /// Adds advice to the line that runs.
    pub(crate) fn advise(&mut self, help: Help) {
        if let Some(block) = self.running_mut() {
            block.help.push(help);
        }
    }

    /// The line that runs is done, and is the one of this tick.
    pub(crate) fn settle(&mut self, tick: usize) {
        if let Some(block) = self.running_mut() {
            block.tick = tick;
        }
        self.tick = tick;
        self.current = None;
    }

    /// Adds a note to the line that runs, or below everything where none does.
    pub(crate) fn annotate(&mut self, note: Note) {
        match self.running_mut() {
            Some(block) => block.note = Some(note),
            None => self.note("", "", note),
        }
    }

    /// The block of the line that runs.
    pub(crate) fn running(&self) -> Option<&Block> {
        self.current.and_then(|at| self.blocks.get(at)).map(Rc::as_ref)
    }

    fn running_mut(&mut self) -> Option<&mut Block> {
        self.current.and_then(|at| self.blocks.get_mut(at)).map(Rc::make_mut)
    }

    /// Adds a note of the page's own.
    pub(crate) fn note(&mut self, prompt: &str, line: &str, note: Note) {
        let tick = self.tick;
        self.push(Block {
            prompt: prompt.into(),
            line: line.into(),
            note: Some(note),
            tick,
            ..Block::default()
        });
    }

    /// Shows the blocks up to this tick.
    pub(crate) fn show(&mut self, tick: usize) {
        self.tick = tick;
    }

    /// Clears the screen (Ctrl-L); nothing is lost but the sight of it.
    pub(crate) fn clear(&mut self) {
        self.cleared = self.blocks.len();
    }

    /// The lines typed, oldest first, without repeats in a row.
    pub(crate) fn lines(&self) -> Vec<String> {
        let typed = self.blocks.iter().filter(|b| !b.prompt.is_empty() && !b.line.trim().is_empty());
        let mut lines: Vec<String> = typed.map(|block| block.line.clone()).collect();
        lines.dedup();
        lines
    }

    fn push(&mut self, block: Block) {
        let key = self.blocks.last().map_or(0, |last| last.key + 1);
        self.blocks.push(Rc::new(Block { key, ..block }));
    }
}

/// A terminal's carriage returns: one before a line feed does nothing, another lets the line be written anew. One at the
/// end waits for what comes.
fn returned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let bare = line.trim_end_matches('\r');
        let kept = bare.rsplit('\r').next().unwrap_or_default();
        // What is shorter than the line before leaves its end in sight.
        let before = bare.strip_suffix(kept).unwrap_or_default().trim_end_matches('\r').rsplit('\r').next();
        let tail = before.and_then(|before| before.get(kept.len()..)).unwrap_or_default();
        out.push_str(kept);
        out.push_str(tail);
        out.push_str(if end.is_empty() && bare.len() < line.len() { "\r" } else { end });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriage_return_writes_the_line_anew() {
        for (text, want) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("10%\r20%\r", "20%\r"),
            ("10%\r20%\rdone\n", "done\n"),
            ("longer\rab\n", "abnger\n"),
            ("plain\n", "plain\n"),
        ] {
            assert_eq!(returned(text), want, "{text:?}");
        }
    }
}
