//! Aliases: words that are replaced by text before a command is read (POSIX.1-2017, Shell Command Language, 2.3.1).
//!
//! Bash replaces them at a prompt and with `shopt -s expand_aliases`, ash and dash always. Words inside `$( … )` are left as they are.

use std::collections::BTreeMap;

use crate::kernel::ByteString;

/// Texts by name.
pub(super) type Aliases = BTreeMap<ByteString, ByteString>;

/// A text that stands where an alias stood.
#[derive(Debug, Clone)]
pub(super) struct Replaced {
    pub(super) name: ByteString,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Aliases with what they were replaced by so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looking<'a> {
    pub(super) aliases: &'a Aliases,
    pub(super) replaced: &'a [Replaced],
}

impl Looking<'_> {
    /// Whether the word from `start` to `end` is to be replaced: an alias is not found again in its own text.
    pub(super) fn finds(&self, text: &[u8], start: usize, end: usize) -> bool {
        let name = &text[start..end];
        self.aliases.contains_key(name)
            && !self.replaced.iter().any(|one| *one.name == *name && one.start <= start && end <= one.end)
    }

    /// Whether the word at `start` stands right behind an alias whose text ends in a blank: it may be one itself.
    pub(super) fn goes_on(&self, text: &[u8], start: usize) -> bool {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        self.replaced.iter().any(|one| {
            one.end <= start && one.end > one.start && text[one.end - 1..start].iter().all(is_blank)
        })
    }
}
