//! The form of what goes over the channel: a length of four bytes (little end first), a kind, and so many bytes.

/// What a frame is. An answer has the kind of its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sixteen KiB were taken; the other side may send more. Only from here.
    Taken = 0,
    /// Who answers: the release of the kernel. It is sent once unasked, when the channel is open.
    Hello = 1,
    /// An empty tree, and a judge that knows nothing.
    Reset = 2,
    /// Calls with their answers, a line of JSON each, made again and judged.
    Calls = 3,
    /// A recorded trace, replayed in a directory of its own.
    Replay = 4,
    /// A trace without answers; they are put in.
    Record = 5,
    /// The question could not be answered: a sentence. Only from here.
    Failed = 6,
}

impl Kind {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        let all = [Self::Hello, Self::Reset, Self::Calls, Self::Replay, Self::Record];
        all.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// The bytes before a payload.
pub(crate) const HEAD: usize = 5;

/// The longest payload that is taken: the memory is small.
pub(crate) const LONGEST: usize = 4 << 20;

/// After so many bytes the sender waits for [`Kind::Taken`].
pub(crate) const WINDOW: usize = 16 << 10;

pub(crate) fn head(kind: Kind, length: usize) -> [u8; HEAD] {
    let [a, b, c, d] = (length as u32).to_le_bytes();
    [a, b, c, d, kind as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_holds_length_and_kind() {
        assert_eq!(head(Kind::Calls, 0x0102_0304), [4, 3, 2, 1, 3]);
        assert_eq!(Kind::from_byte(3), Some(Kind::Calls));
        assert_eq!((Kind::from_byte(0), Kind::from_byte(6)), (None, None));
    }
}
