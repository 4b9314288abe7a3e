//! Deflate (RFC 1951) as zlib reads it, to the symbol: what comes out before a fault, and zlib's words for that
//! (`infback.c`, `inftrees.c`, which unpigz runs). It is slow and exact: a blob that another decoder found broken is read
//! again with it, for the words.

use super::PIECE;

/// As far as a copy goes back.
const WINDOW: usize = 32 << 10;
/// Where the lengths of the code's own code stand.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

#[derive(Debug)]
pub(super) struct Inflate {
    /// Bits that were taken from the input, the next one lowest.
    bits: Peek,
    state: State,
    is_last: bool,
    /// How many codes there are for literals, for distances, and for the lengths of both.
    sizes: [usize; 3],
    /// The lengths of the codes at hand.
    lengths: Vec<u8>,
    own: Code,
    literals: Code,
    distances: Code,
    /// The last bytes that came out.
    window: Vec<u8>,
}

/// What is read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Block,
    StoredLength,
    /// So many bytes as they are.
    Stored(usize),
    Sizes,
    /// The lengths of the codes of the lengths.
    Own,
    Lengths,
    Symbols,
    End,
}

/// A code by its lengths: how many codes of each length, and the symbols in their order.
#[derive(Debug, Clone, Default)]
struct Code {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

/// No symbol.
const NONE: u16 = u16::MAX;

/// What does not fit, in zlib's words.
pub(super) type Fault = &'static str;

impl Code {
    /// `inflate_table`: too many codes are never right, too few only where there is one of one bit, or none at all.
    fn new(lengths: &[u8], is_own: bool, fault: Fault) -> Result<Self, Fault> {
        let mut code = Self::default();
        for length in lengths {
            code.counts[usize::from(*length)] += 1;
        }
        code.counts[0] = 0;
        let longest = code.longest();
        let mut left = 1i32;
        for count in &code.counts[1..] {
            left = (left << 1) - i32::from(*count);
            if left < 0 {
                return Err(fault);
            }
        }
        if left > 0 && longest > 0 && (is_own || longest != 1) {
            return Err(fault);
        }
        for length in 1..=15 {
            let of_length = lengths.iter().zip(0..).filter(|(other, _)| usize::from(**other) == length);
            code.symbols.extend(of_length.map(|(_, symbol)| symbol));
        }
        Ok(code)
    }

    fn longest(&self) -> usize {
        self.counts.iter().rposition(|count| *count > 0).unwrap_or_default()
    }
}

/// Bits of a stream. A copy of them is used, and becomes the bits where all was there that was wanted.
#[derive(Debug, Clone, Copy, Default)]
struct Peek {
    bits: u64,
    count: u32,
}

impl Peek {
    fn take(&mut self, count: u32) -> Option<usize> {
        if self.count < count {
            return None;
        }
        let value = self.bits & ((1 << count) - 1);
        self.bits >>= count;
        self.count -= count;
        Some(value as usize)
    }

    /// A symbol; [`NONE`] for bits that are none's code.
    fn symbol(&mut self, code: &Code) -> Option<u16> {
        let (mut word, mut first, mut index) = (0usize, 0usize, 0usize);
        for length in 1..=code.longest().max(1) {
            word |= self.take(1)?;
            let count = usize::from(code.counts[length]);
            if word < first + count {
                return code.symbols.get(index + word - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        Some(NONE)
    }
}

impl Inflate {
    #[inline(never)]
    pub(super) fn new() -> Self {
        Self {
            bits: Peek::default(),
            state: State::Block,
            is_last: false,
            sizes: [0; 3],
            lengths: Vec::new(),
            own: Code::default(),
            literals: Code::default(),
            distances: Code::default(),
            window: Vec::new(),
        }
    }

    /// Takes from the front of the input, and appends some 256 KiB at most: how many bytes were taken, and whether the
    /// stream ends behind them.
    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), Fault> {
        let (mut used, start) = (0, out.len());
        while self.state != State::End {
            if out.len() - start >= PIECE && used < input.len() {
                return Ok((used, false));
            }
            let mut bits = self.bits;
            match self.step(&mut bits, out)? {
                Some(next) => (self.bits, self.state) = (bits, next),
                None => {
                    let Some(byte) = input.get(used) else { return Ok((used, false)) };
                    used += 1;
                    self.bits.bits |= u64::from(*byte) << self.bits.count;
                    self.bits.count += 8;
                }
            }
        }
        // Bytes are taken one by one: what is left of the last one is nothing.
        self.bits = Peek::default();
        Ok((used, true))
    }

    /// One step, and what is next; nothing where bits are missing for it.
    fn step(&mut self, bits: &mut Peek, out: &mut Vec<u8>) -> Result<Option<State>, Fault> {
        Ok(match self.state {
            State::Block => return self.block(bits),
            State::StoredLength => {
                let (Some(len), Some(inverse)) = (bits.take(16), bits.take(16)) else { return Ok(None) };
                if len != inverse ^ 0xffff {
                    return Err("invalid stored block lengths");
                }
                Some(self.stored(len))
            }
            State::Stored(left) => bits.take(8).map(|byte| {
                self.put(byte as u8, out);
                self.stored(left - 1)
            }),
            State::Sizes => {
                let Some(sizes) = bits.take(14) else { return Ok(None) };
                self.sizes = [(sizes & 31) + 257, (sizes >> 5 & 31) + 1, (sizes >> 10) + 4];
                if self.sizes[0] > 286 || self.sizes[1] > 30 {
                    return Err("too many length or distance symbols");
                }
                self.lengths.clear();
                Some(State::Own)
            }
            State::Own => {
                let Some(length) = bits.take(3) else { return Ok(None) };
                self.lengths.push(length as u8);
                if self.lengths.len() < self.sizes[2] {
                    return Ok(Some(State::Own));
                }
                let mut lengths = [0; 19];
                for (place, length) in ORDER.iter().zip(&self.lengths) {
                    lengths[*place] = *length;
                }
                self.own = Code::new(&lengths, true, "invalid code lengths set")?;
                self.lengths.clear();
                Some(State::Lengths)
            }
            State::Lengths => return self.more_lengths(bits),
            State::Symbols => return self.symbol(bits, out),
            State::End => Some(State::End),
        })
    }

    fn block(&mut self, bits: &mut Peek) -> Result<Option<State>, Fault> {
        let Some(head) = bits.take(3) else { return Ok(None) };
        self.is_last = head & 1 == 1;
        match head >> 1 {
            0 => {
                bits.take(bits.count % 8);
                Ok(Some(State::StoredLength))
            }
            1 => {
                let lengths: Vec<u8> = (0..288u16)
                    .map(|symbol| match symbol {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    })
                    .collect();
                self.literals = Code::new(&lengths, false, "")?;
                self.distances = Code::new(&[5; 32], false, "")?;
                Ok(Some(State::Symbols))
            }
            2 => Ok(Some(State::Sizes)),
            _ => Err("invalid block type"),
        }
    }

    fn stored(&self, left: usize) -> State {
        if left > 0 { State::Stored(left) } else { self.after() }
    }

    /// What follows a block.
    fn after(&self) -> State {
        if self.is_last { State::End } else { State::Block }
    }

    /// One length, or some.
    fn more_lengths(&mut self, bits: &mut Peek) -> Result<Option<State>, Fault> {
        const REPEAT: Fault = "invalid bit length repeat";
        let Some(symbol) = bits.symbol(&self.own) else { return Ok(None) };
        // Where the lengths have no codes, zlib takes each bit for a zero.
        let symbol = if symbol == NONE { 0 } else { symbol };
        let (more, from) = match symbol {
            16 => (2, 3),
            17 => (3, 3),
            18 => (7, 11),
            _ => (0, 1),
        };
        let Some(more) = bits.take(more) else { return Ok(None) };
        let length = match symbol {
            16 => *self.lengths.last().ok_or(REPEAT)?,
            17 | 18 => 0,
            length => length as u8,
        };
        let all = self.sizes[0] + self.sizes[1];
        if self.lengths.len() + more + from > all {
            return Err(REPEAT);
        }
        self.lengths.resize(self.lengths.len() + more + from, length);
        if self.lengths.len() < all {
            return Ok(Some(State::Lengths));
        }
        let (literals, distances) = self.lengths.split_at(self.sizes[0]);
        if literals[256] == 0 {
            return Err("invalid code -- missing end-of-block");
        }
        self.literals = Code::new(literals, false, "invalid literal/lengths set")?;
        self.distances = Code::new(distances, false, "invalid distances set")?;
        Ok(Some(State::Symbols))
    }

    /// A literal, a copy, or the block's end.
    fn symbol(&mut self, bits: &mut Peek, out: &mut Vec<u8>) -> Result<Option<State>, Fault> {
        let Some(symbol) = bits.symbol(&self.literals) else { return Ok(None) };
        let length = match symbol {
            literal @ 0..=255 => {
                self.put(literal as u8, out);
                return Ok(Some(State::Symbols));
            }
            256 => return Ok(Some(self.after())),
            length @ 257..=285 => usize::from(length) - 257,
            _ => return Err("invalid literal/length code"),
        };
        let (more, base) = match length {
            28 => (0, 258),
            0..8 => (0, length + 3),
            _ => (length as u32 / 4 - 1, ((4 + length % 4) << (length / 4 - 1)) + 3),
        };
        let Some(more) = bits.take(more) else { return Ok(None) };
        let length = base + more;
        let Some(symbol) = bits.symbol(&self.distances) else { return Ok(None) };
        let distance = match symbol {
            distance @ 0..=29 => usize::from(distance),
            _ => return Err("invalid distance code"),
        };
        let (more, base) = match distance {
            0..4 => (0, distance + 1),
            _ => (distance as u32 / 2 - 1, ((2 + distance % 2) << (distance / 2 - 1)) + 1),
        };
        let Some(more) = bits.take(more) else { return Ok(None) };
        let Some(from) = self.window.len().checked_sub(base + more) else {
            return Err("invalid distance too far back");
        };
        for at in from..from + length {
            let byte = self.window[at];
            self.window.push(byte);
            out.push(byte);
        }
        self.trim();
        Ok(Some(State::Symbols))
    }

    fn put(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.window.push(byte);
        out.push(byte);
        self.trim();
    }

    /// Forgets what no copy goes back to, now and then.
    fn trim(&mut self) {
        if self.window.len() >= 4 * WINDOW {
            self.window.drain(..self.window.len() - WINDOW);
        }
    }
}
