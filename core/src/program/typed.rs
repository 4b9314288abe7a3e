//! What is typed at a terminal and not read yet: the rules of a line discipline (termios(3), canonical mode).

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// Ctrl-D: the line so far is given to who reads; at the beginning of a line that is the end.
const END: u8 = 0x04;
/// Backspace and Delete: the character before goes.
const ERASE: [u8; 2] = [0x08, 0x7f];
/// Ctrl-U: the line goes.
const KILL: u8 = 0x15;
/// How much may be typed ahead; more is dropped, as Linux drops it (`MAX_INPUT` in limits.h has 255, Linux 4096).
const AHEAD: usize = 1 << 20;

/// What was typed at one terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Typed {
    pub(super) data: ByteString,
    /// Nobody is there to type: who reads meets the end, once.
    pub(super) closed: bool,
}

impl Typed {
    /// Types these bytes. Return is a line feed, as terminals have it by default (ICRNL).
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = AHEAD.saturating_sub(self.data.len());
        let cooked = bytes.iter().take(room).map(|byte| if *byte == b'\r' { b'\n' } else { *byte });
        self.data.extend(cooked);
    }

    /// The first line: how many bytes it has, and how many go with it.
    fn line(&self) -> Option<(usize, usize)> {
        let at = self.data.iter().position(|byte| matches!(*byte, b'\n' | END));
        match at {
            Some(at) if self.data[at] == END => Some((at, at + 1)),
            Some(at) => Some((at + 1, at + 1)),
            None if self.closed || self.data.len() >= AHEAD => Some((self.data.len(), self.data.len())),
            None => None,
        }
    }

    /// Whether a read would give something, or the end.
    pub(super) fn is_ready(&self) -> bool {
        self.line().is_some()
    }

    /// Whether the end was typed.
    pub(super) fn has_end(&self) -> bool {
        self.closed || self.data.contains(&END)
    }

    /// Reads from the first line; empty at the end.
    pub(super) fn take(&mut self, len: usize) -> Bytes {
        let Some((end, gone)) = self.line() else { return Bytes::new() };
        self.closed &= gone < self.data.len();
        let mut line = Vec::with_capacity(end);
        for byte in &self.data[..end] {
            match *byte {
                byte if ERASE.contains(&byte) => drop(line.pop()),
                KILL => line.clear(),
                byte => line.push(byte),
            }
        }
        let rest = line.split_off(len.min(line.len()));
        // What is left of the line stays with the key that ended it.
        let gone = if rest.is_empty() { gone } else { end };
        self.data.splice(..gone, rest);
        Bytes::from(line)
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;

    fn typed(text: &[u8]) -> Typed {
        let mut typed = Typed::default();
        typed.push(text);
        typed
    }

    #[test]
    fn a_line_comes_whole_and_edited() {
        let mut one = typed(b"ab");
        assert!(!one.is_ready());
        one.push(b"c\x7fd\r second");
        assert_eq!(&one.take(100)[..], b"abd\n");
        assert!(!one.is_ready() && !one.has_end());
        assert_eq!(&typed(b"wrong\x15right\n").take(100)[..], b"right\n");
        let mut slow = typed(b"abc\n");
        assert_eq!((&slow.take(2)[..], &slow.take(9)[..]), (&b"ab"[..], &b"c\n"[..]));
    }

    #[test]
    fn ctrl_d_gives_the_line_and_at_its_beginning_the_end() {
        let mut one = typed(b"ab\x04\x04next\n");
        assert!(one.has_end());
        assert_eq!(&one.take(100)[..], b"ab");
        assert_eq!(&one.take(100)[..], b"");
        assert_eq!(&one.take(100)[..], b"next\n");
        assert!(!one.has_end());
    }
}
