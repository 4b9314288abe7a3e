//! bzip2: streams one after the other, as Go's `compress/bzip2` reads them, with its words for what is wrong: Docker reads
//! through it. A stream asks for 4 MB at most, and has what its blocks hold.
//!
//! It is read bit by bit, from state to state, so that it may come in any pieces.

mod block;
mod tree;

use super::{DecodeError, PIECE, corrupt};
use block::Block;
use tree::{Front, Tree};

pub(super) const NAME: &str = "bzip2";
const BLOCK: u64 = 0x3141_5926_5359;
const END: u64 = 0x1772_4538_5090;
/// Symbols before a block may change its tree.
const GROUP: usize = 50;
/// A run is never longer than this (`readBlock`: "it prevents repeat from overflowing").
const REPEAT_MAX: usize = 2 << 20;

#[derive(Debug)]
pub(super) struct Bzip2 {
    bits: Bits,
    state: State,
    /// Bytes in a block of this stream, at most.
    size: usize,
    /// The sum of the blocks' sums.
    sum: u32,
    streams: u64,
    head: Head,
    text: Text,
    block: Block,
    /// The last byte of the input was taken, and is still shown as left: there is output to fetch.
    owed: bool,
}

/// What is read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The magic of a stream.
    Start,
    /// The `h` behind it.
    Huffman,
    Level,
    /// The magic of a block, or of the stream's end.
    Magic,
    StreamSum,
    BlockSum,
    Randomized,
    Origin,
    /// Which of the sixteen parts of the table of bytes follow.
    Parts,
    /// Such a part.
    Part(u16),
    TreeCount,
    SelectorCount,
    /// A selector, of which so many ones were read.
    Selector(usize),
    /// The first length of a tree.
    Length,
    /// A length, or a change of it, of this symbol.
    Delta(u64),
    Symbols,
    Output,
}

/// The head of a block.
#[derive(Debug, Default)]
struct Head {
    sum: u32,
    origin: usize,
    parts: u64,
    bytes: Vec<u8>,
    trees: usize,
    selectors_left: usize,
    selectors: Vec<u8>,
    front: Front,
    lengths: Vec<u8>,
}

/// The symbols of a block on their way.
#[derive(Debug, Default)]
struct Text {
    trees: Vec<Tree>,
    /// Which selector is next, and how many symbols its forerunner still has.
    next: usize,
    left: usize,
    tree: usize,
    node: u16,
    front: Front,
    repeat: usize,
    power: usize,
}

/// Bits that were taken from the input and not yet used.
#[derive(Debug, Default)]
struct Bits {
    value: u64,
    count: u32,
}

impl Bits {
    /// The next so many bits (48 at most), if there are as many: bytes are taken as they are wanted.
    fn take(&mut self, count: u32, input: &mut &[u8]) -> Option<u64> {
        while self.count < count {
            let (byte, rest) = input.split_first()?;
            *input = rest;
            self.value = (self.value << 8) | u64::from(*byte);
            self.count += 8;
        }
        self.count -= count;
        Some((self.value >> self.count) & ((1 << count) - 1))
    }
}

impl Bzip2 {
    #[inline(never)]
    pub(super) fn new() -> Self {
        Self {
            bits: Bits::default(),
            state: State::Start,
            size: 0,
            sum: 0,
            streams: 0,
            head: Head::default(),
            text: Text::default(),
            block: Block::default(),
            owed: false,
        }
    }

    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        let start = out.len();
        let mut rest = &input[usize::from(std::mem::take(&mut self.owed)).min(input.len())..];
        loop {
            if self.state == State::Output {
                let room = PIECE.saturating_sub(out.len() - start);
                if room == 0 {
                    self.owed = rest.is_empty();
                    return Ok(input.len() - rest.len() - usize::from(self.owed));
                }
                if self.block.read(room, out) {
                    if self.block.sum() != self.head.sum {
                        return Err(corrupt(NAME, "block checksum mismatch"));
                    }
                    self.state = State::Magic;
                }
            } else if self.step(&mut rest)?.is_none() {
                return Ok(input.len() - rest.len());
            }
        }
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        let between = self.state == State::Start && self.bits.count == 0 && self.streams > 0;
        if between { Ok(()) } else { Err(DecodeError::Truncated(NAME)) }
    }

    /// One step; `None` where the input is too short for it.
    fn step(&mut self, input: &mut &[u8]) -> Result<Option<()>, DecodeError> {
        if self.state == State::Symbols {
            return self.symbols(input);
        }
        let wanted = match self.state {
            State::Start | State::Parts | State::Part(_) => 16,
            State::Huffman | State::Level => 8,
            State::Magic => 48,
            State::StreamSum | State::BlockSum => 32,
            State::Origin => 24,
            State::TreeCount => 3,
            State::SelectorCount => 15,
            State::Length => 5,
            State::Randomized | State::Selector(_) | State::Delta(_) => 1,
            State::Symbols | State::Output => 0,
        };
        let Some(bits) = self.bits.take(wanted, input) else { return Ok(None) };
        self.state = match self.state {
            State::Start if bits != 0x425a => {
                return Err(if self.streams > 0 {
                    DecodeError::Trailing(NAME)
                } else {
                    corrupt(NAME, "bad magic value")
                });
            }
            State::Start => State::Huffman,
            State::Huffman if bits != u64::from(b'h') => {
                return Err(corrupt(NAME, "non-Huffman entropy encoding"));
            }
            State::Huffman => State::Level,
            State::Level => {
                let level = (bits as u8).wrapping_sub(b'0');
                if !(1..=9).contains(&level) {
                    return Err(corrupt(NAME, "invalid compression level"));
                }
                self.size = 100_000 * usize::from(level);
                self.sum = 0;
                State::Magic
            }
            State::Magic if bits == BLOCK => State::BlockSum,
            State::Magic if bits == END => State::StreamSum,
            State::Magic => return Err(corrupt(NAME, "bad magic value found")),
            State::StreamSum if bits as u32 != self.sum => {
                return Err(corrupt(NAME, "file checksum mismatch"));
            }
            State::StreamSum => {
                // What is left of the last byte is nothing.
                self.bits.count = 0;
                self.streams += 1;
                State::Start
            }
            State::BlockSum => {
                self.head = Head { sum: bits as u32, ..Head::default() };
                self.sum = self.sum.rotate_left(1) ^ self.head.sum;
                State::Randomized
            }
            State::Randomized if bits != 0 => return Err(corrupt(NAME, "deprecated randomized files")),
            State::Randomized => State::Origin,
            State::Origin => {
                self.head.origin = bits as usize;
                State::Parts
            }
            State::Parts => {
                self.head.parts = bits;
                self.part(0)?
            }
            State::Part(number) => {
                let set = (0..16u16).filter(|bit| bits & (1 << (15 - bit)) != 0);
                self.head.bytes.extend(set.map(|bit| (16 * number + bit) as u8));
                self.part(number + 1)?
            }
            State::TreeCount => {
                if !(2..=6).contains(&bits) {
                    return Err(corrupt(NAME, "invalid number of Huffman trees"));
                }
                self.head.trees = bits as usize;
                self.head.front = Front((0..bits as u8).collect());
                State::SelectorCount
            }
            State::SelectorCount => {
                self.head.selectors_left = bits as usize;
                self.text = Text::default();
                if bits == 0 { State::Length } else { State::Selector(0) }
            }
            State::Selector(ones) => self.selector(bits, ones)?,
            State::Length => State::Delta(checked(bits)?),
            State::Delta(length) if bits == 1 => {
                let Some(is_less) = self.bits.take(1, input) else {
                    // A change is two bits: the first is read again, with what comes.
                    self.bits.count += 1;
                    return Ok(None);
                };
                State::Delta(checked(if is_less == 1 { length - 1 } else { length + 1 })?)
            }
            State::Delta(length) => self.length(length)?,
            State::Symbols | State::Output => self.state,
        };
        Ok(Some(()))
    }

    /// What follows the parts before this one.
    fn part(&self, from: u16) -> Result<State, DecodeError> {
        match (from..16).find(|number| self.head.parts & (1 << (15 - number)) != 0) {
            Some(number) => Ok(State::Part(number)),
            None if self.head.bytes.is_empty() => Err(corrupt(NAME, "no symbols in input")),
            None => Ok(State::TreeCount),
        }
    }

    fn selector(&mut self, bit: u64, ones: usize) -> Result<State, DecodeError> {
        if bit == 1 {
            return Ok(State::Selector(ones + 1));
        }
        if ones >= self.head.trees {
            return Err(corrupt(NAME, "tree index too large"));
        }
        let selector = self.head.front.take(ones);
        self.head.selectors.push(selector);
        self.head.selectors_left -= 1;
        Ok(if self.head.selectors_left == 0 { State::Length } else { State::Selector(0) })
    }

    /// The length of one symbol's code is known; with the last one of a tree, the tree is.
    fn length(&mut self, length: u64) -> Result<State, DecodeError> {
        self.head.lengths.push(length as u8);
        if self.head.lengths.len() < self.head.bytes.len() + 2 {
            return Ok(State::Delta(length));
        }
        let tree = Tree::new(&std::mem::take(&mut self.head.lengths));
        self.text.trees.push(tree.ok_or_else(|| corrupt(NAME, "equal symbols in Huffman tree"))?);
        if self.text.trees.len() < self.head.trees {
            return Ok(State::Length);
        }
        if self.head.selectors.is_empty() {
            return Err(corrupt(NAME, "no tree selectors given"));
        }
        self.text.front = Front(std::mem::take(&mut self.head.bytes));
        self.text.tree = usize::from(self.head.selectors[0]);
        (self.text.next, self.text.left) = (1, GROUP);
        self.block.clear();
        Ok(State::Symbols)
    }

    /// Symbols, until the block's end or the input's.
    fn symbols(&mut self, input: &mut &[u8]) -> Result<Option<()>, DecodeError> {
        let last = self.text.front.0.len() as u16 + 1;
        loop {
            let text = &mut self.text;
            if text.left == 0 {
                let Some(tree) = self.head.selectors.get(text.next) else {
                    return Err(corrupt(NAME, "insufficient selector indices for number of symbols"));
                };
                (text.tree, text.left) = (usize::from(*tree), GROUP);
                text.next += 1;
            }
            let symbol = loop {
                let Some(bit) = self.bits.take(1, input) else { return Ok(None) };
                match text.trees[text.tree].step(text.node, bit == 1) {
                    Ok(symbol) => break symbol,
                    Err(node) => text.node = node,
                }
            };
            text.node = 0;
            text.left -= 1;
            if symbol < 2 {
                if text.repeat == 0 {
                    text.power = 1;
                }
                text.repeat += text.power << symbol;
                text.power <<= 1;
                if text.repeat > REPEAT_MAX {
                    return Err(corrupt(NAME, "repeat count too large"));
                }
                continue;
            }
            let repeat = std::mem::take(&mut text.repeat);
            if repeat > self.size - self.block.len() {
                return Err(corrupt(NAME, "repeats past end of block"));
            }
            self.block.fill(text.front.first(), repeat);
            if symbol == last {
                if self.head.origin >= self.block.len() {
                    return Err(corrupt(NAME, "origPtr out of bounds"));
                }
                self.block.start(self.head.origin);
                self.state = State::Output;
                return Ok(Some(()));
            }
            if self.block.len() >= self.size {
                return Err(corrupt(NAME, "data exceeds block size"));
            }
            self.block.fill(text.front.take(usize::from(symbol) - 1), 1);
        }
    }
}

fn checked(length: u64) -> Result<u64, DecodeError> {
    let fits = (1..=20).contains(&length);
    if fits { Ok(length) } else { Err(corrupt(NAME, "Huffman length out of range")) }
}
