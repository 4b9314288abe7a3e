//! What the terminal has printed, line by line: lines that were undone and those of other branches are kept, so that going
//! there brings them back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use layerlab_core::help::Help;
use layerlab_core::kernel::ByteString;
use layerlab_core::program::{StepEvent, StepState, Stream};
use layerlab_core::session::DETACH;

use crate::visible;

/// Ctrl-D.
pub(crate) const END_OF_INPUT: u8 = 0x04;
/// The prompt of a line that is not complete yet.
const MORE: &str = "> ";

/// The terminal's contents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Transcript {
    blocks: Vec<Rc<Block>>,
    /// Blocks before this one were cleared away.
    cleared: usize,
    /// The entries of the journal up to where the session stands: only their blocks are seen.
    path: BTreeSet<usize>,
    /// The last of them.
    node: usize,
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
    /// The steps of the build that it ran: what became of each.
    pub(crate) steps: Vec<StepEvent>,
    /// Something that the page itself says below it.
    pub(crate) note: Option<Note>,
    /// The entry of the journal that it belongs to: it is seen from there on.
    pub(crate) node: usize,
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
    /// A file was looked at in the editor, and stays as it is.
    Unchanged,
    /// The line printed something else when it was recorded: what, where that was kept.
    Differs(String),
    /// A file came in: where it is, and its size.
    Came(String, u64),
    /// Lines that ran before the learner came.
    Start(Vec<String>),
}

impl Transcript {
    /// The blocks that are seen, oldest first.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Rc<Block>> {
        self.blocks
            .iter()
            .skip(self.cleared)
            .filter(|block| block.node == 0 || self.path.contains(&block.node))
    }

    /// Begins a block for a line typed at `prompt`. The keys that detach are no line: a terminal does not show them.
    pub(crate) fn begin(&mut self, prompt: &str, line: &ByteString) {
        let node = self.node;
        let line = if line[..] == *DETACH { String::new() } else { visible::output(line) };
        self.push(Block { prompt: prompt.into(), line, node, ..Block::default() });
        self.current = Some(self.blocks.len() - 1);
    }

    /// Adds output to the line that runs.
    pub(crate) fn print(&mut self, stream: Stream, data: &ByteString) {
        let Some(at) = self.current else { return };
        let shown = after_clearing(data);
        if let Some(rest) = shown {
            // The line itself goes too, unless it prints more.
            self.cleared = at + usize::from(rest.is_empty());
            if let Some(block) = self.running_mut() {
                block.pieces.clear();
            }
        } else if !data.is_empty() {
            self.cleared = self.cleared.min(at);
        }
        let Some(block) = self.running_mut() else { return };
        let text = visible::output(shown.unwrap_or(data));
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

    /// A step of the build that runs began, or ended as what it was begun.
    pub(crate) fn build(&mut self, step: StepEvent) {
        let Some(block) = self.running_mut() else { return };
        let is_begun = |last: &StepEvent| last.number == step.number && last.state == StepState::Started;
        if block.steps.last().is_some_and(is_begun) {
            block.steps.pop();
        }
        block.steps.push(step);
    }

    /// The line that was typed last of those that are seen.
    pub(crate) fn last(&self) -> Option<&Rc<Block>> {
        self.seen().filter(|block| !block.prompt.is_empty()).last()
    }

    /// Shows what was typed to the program that runs, as a terminal does (termios(3), `ECHO`); the key that ends the input has
    /// no sign.
    pub(crate) fn echo(&mut self, data: &[u8]) {
        let shown: Vec<u8> = data.iter().copied().filter(|byte| *byte != END_OF_INPUT).collect();
        if !shown.is_empty() {
            self.print(Stream::Stdout, &shown.into());
        }
    }

    /// The prompt that each line stood at, by its entry of the journal.
    pub(crate) fn prompts(&self) -> BTreeMap<usize, String> {
        let mut prompts = BTreeMap::new();
        let mut first = "";
        for block in self.blocks.iter().filter(|block| !block.prompt.is_empty()) {
            // A line of several lines is one entry, and began at the prompt of its first.
            if block.prompt != MORE {
                first = &block.prompt;
            }
            prompts.insert(block.node, first.to_owned());
        }
        prompts
    }

    /// Adds advice to the line that runs.
    pub(crate) fn advise(&mut self, help: Help) {
        if let Some(block) = self.running_mut() {
            block.help.push(help);
        }
    }

    /// The line that runs is done, and is this entry of the journal. One that ran before is seen as it ran now.
    pub(crate) fn settle(&mut self, node: usize) {
        let is_new = self.node != node;
        if let Some(at) = self.current.take() {
            let at = self.first_of(at);
            for block in self.blocks[at..].iter_mut().filter(|block| !block.prompt.is_empty()) {
                Rc::make_mut(block).node = node;
            }
            if is_new {
                let mut place = 0;
                let before = self.cleared;
                self.blocks.retain(|block| {
                    let is_kept = place >= at || block.node != node || block.prompt.is_empty();
                    self.cleared -= usize::from(!is_kept && place < before);
                    place += 1;
                    is_kept
                });
            }
        }
        self.path.insert(node);
        self.node = node;
    }

    /// The block in which a line begins that is complete with this one.
    fn first_of(&self, mut at: usize) -> usize {
        while self.blocks[at].prompt == MORE
            && let Some(before) = self.blocks[..at].iter().rposition(|block| !block.prompt.is_empty())
        {
            at = before;
        }
        at
    }

    /// The line that ran has no end, and belongs to where it was typed.
    pub(crate) fn give_up(&mut self) {
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
        let node = self.node;
        self.push(Block {
            prompt: prompt.into(),
            line: line.into(),
            note: Some(note),
            node,
            ..Block::default()
        });
    }

    /// Shows the blocks of these entries, which lead to where the session stands.
    pub(crate) fn show(&mut self, path: &[usize]) {
        self.path = path.iter().copied().collect();
        self.node = path.last().copied().unwrap_or(0);
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

/// What comes after the last sequence that empties the screen (ECMA-48, `ED`; what `clear` prints); none where there is none.
fn after_clearing(data: &[u8]) -> Option<&[u8]> {
    let ends = [&b"\x1b[2J"[..], b"\x1b[3J"].into_iter();
    let last = ends.filter_map(|end| data.windows(end.len()).rposition(|part| part == end)).max()?;
    let rest = &data[last + 4..];
    Some(rest.strip_prefix(b"\x1b[H").unwrap_or(rest))
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

    /// Undone, nothing of a line of several lines is left.
    #[test]
    fn a_line_of_several_lines_goes_whole() {
        let mut transcript = Transcript::default();
        for (prompt, line, node) in [("# ", "ls", 1), ("# ", "cat <<E", 1), (MORE, "a", 1), (MORE, "E", 2)] {
            transcript.begin(prompt, &line.into());
            transcript.settle(node);
        }
        assert_eq!(transcript.seen().count(), 4);
        transcript.show(&[1]);
        assert_eq!(transcript.seen().map(|block| block.line.as_str()).collect::<Vec<_>>(), ["ls"]);
        transcript.show(&[1, 2]);
        assert_eq!(transcript.seen().count(), 4);
    }

    #[test]
    fn clear_empties_the_screen() {
        let mut transcript = Transcript::default();
        let mut run = |line: &str, out: &[&str]| {
            transcript.begin("# ", &line.into());
            for piece in out {
                transcript.print(Stream::Stdout, &(*piece).into());
            }
            transcript.settle(transcript.node + 1);
            transcript.seen().map(|block| block.line.clone()).collect::<Vec<_>>()
        };
        assert_eq!(run("ls", &["a\n"]), ["ls"]);
        assert_eq!(run("clear", &["\x1b[H\x1b[2J\x1b[3J"]), [""; 0]);
        assert_eq!(run("ls", &["a\n"]), ["ls"]);
        assert_eq!(run("clear; ls", &["\x1b[H\x1b[2J\x1b[3J", "a\n"]), ["clear; ls"]);
        assert_eq!(transcript.last().map(|block| block.pieces.len()), Some(1));
        assert_eq!(after_clearing(b"x\x1b[2J\x1b[Hy"), Some(&b"y"[..]));
        assert_eq!(after_clearing(b"x\x1b[31m"), None);
    }

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
