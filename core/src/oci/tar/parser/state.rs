//! What the parser holds between two steps.

use crate::kernel::ByteString;
use crate::oci::Limits;
use crate::oci::tar::pax::Pax;
use crate::oci::tar::sparse::{Run, Sparse, Text};
use crate::oci::tar::{BLOCK, Fault, TarEntry};

/// What the parser found.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The next entry; its content follows in pieces.
    Entry(Box<TarEntry>),
    /// A piece of the current entry's content.
    Content(&'a [u8]),
    /// This many zeros of the current entry's content, which are not in the stream.
    Hole(u64),
    /// The current entry is whole.
    EntryEnd,
}

/// Reads one tar stream.
#[derive(Debug)]
pub struct Parser {
    pub(super) limits: Limits,
    pub(super) state: State,
    /// Bytes consumed.
    pub(super) at: u64,
    /// Where the header at hand started, for errors.
    pub(super) header_at: u64,
    pub(super) header: Box<[u8; BLOCK]>,
    pub(super) filled: usize,
    pub(super) entries: u64,
    pub(super) pax: Option<Pax>,
    pub(super) long_name: Option<ByteString>,
    pub(super) long_link: Option<ByteString>,
    /// The name of a global header that nobody has asked for.
    pub(super) global: Option<ByteString>,
    pub(super) metadata: usize,
    /// The body of the extended header at hand.
    pub(super) body: Vec<u8>,
    /// The name of the entry at hand, for errors.
    pub(super) current: ByteString,
    /// A sparse entry whose map is not whole yet, with the bytes that are stored of it.
    pub(super) pending: Option<Pending>,
    /// A map before the content.
    pub(super) map: Text,
    /// The sparse entry at hand.
    pub(super) run: Option<Run>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Header,
    /// One zero block was seen.
    ZeroBlock,
    /// The body of an extended header of this type; bytes of body and of padding left.
    Extension {
        flag: u8,
        left: u64,
        pad: u64,
    },
    /// A block of an old sparse map.
    OldMap,
    /// A block of a sparse map before the content.
    Map,
    /// Content left, and the padding after it.
    Content {
        left: u64,
        pad: u64,
    },
    /// The entry is whole and was not reported.
    EntryEnd {
        pad: u64,
    },
    Padding(u64),
    /// After the end marker: everything is passed over.
    End,
}

/// A sparse entry whose map is not whole yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) entry: TarEntry,
    pub(super) sparse: Sparse,
    /// Bytes that are stored of it.
    pub(super) stored: u64,
}

impl Parser {
    /// A parser at the start of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Header,
            at: 0,
            header_at: 0,
            header: Box::new([0; BLOCK]),
            filled: 0,
            entries: 0,
            pax: None,
            long_name: None,
            long_link: None,
            global: None,
            metadata: 0,
            body: Vec::new(),
            current: ByteString::new(),
            pending: None,
            map: Text::default(),
            run: None,
        }
    }
}

pub(super) fn unsigned(value: i64, what: &'static str) -> Result<u64, Fault> {
    u64::try_from(value).map_err(|_| Fault::Negative(what))
}

pub(super) fn min(left: u64, len: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(len)
}

pub(super) fn pad(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

pub(super) fn after_content(left: u64, pad: u64) -> State {
    if left == 0 { State::EntryEnd { pad } } else { State::Content { left, pad } }
}
