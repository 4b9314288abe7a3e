//! Field splitting (2.6.5): a word's parts become fields of bytes that know whether they were quoted.

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// The fields of a word while its parts are added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::shell) struct Fields {
    ifs: ByteString,
    split: Split,
    done: Vec<Vec<(u8, bool)>>,
    current: Option<Vec<(u8, bool)>>,
}

impl Fields {
    pub(in crate::shell) fn new(ifs: ByteString, split: Split) -> Self {
        Self { ifs, split, done: Vec::new(), current: None }
    }

    /// Text of the script itself: never split, pathname characters mean something.
    pub(in crate::shell) fn plain(&mut self, text: &[u8]) {
        self.open().extend(text.iter().map(|b| (*b, false)));
    }

    /// Quoted text; makes a field even where it is empty.
    pub(in crate::shell) fn quoted(&mut self, text: &[u8]) {
        self.open().extend(text.iter().map(|b| (*b, true)));
    }

    /// What an expansion gave, quoted or not.
    pub(in crate::shell) fn expanded(&mut self, text: &[u8], quoted: bool) {
        if quoted { self.quoted(text) } else { self.result(text) }
    }

    /// What an unquoted expansion gave: split at the characters of `IFS`.
    pub(in crate::shell) fn result(&mut self, text: &[u8]) {
        if self.split == Split::No {
            if !text.is_empty() {
                self.plain(text);
            }
            return;
        }
        let mut at = 0;
        while at < text.len() {
            if !self.ifs.contains(&text[at]) {
                self.open().push((text[at], false));
                at += 1;
                continue;
            }
            // A separator: any blanks of IFS around at most one other character of it.
            let blanks = |from: usize| text[from..].iter().take_while(|b| self.is_blank(**b)).count();
            let mut end = at + blanks(at);
            let hard = text.get(end).is_some_and(|b| self.ifs.contains(b));
            if hard {
                end += 1;
                end += blanks(end);
            }
            if hard {
                self.open();
            }
            self.next_field();
            at = end;
        }
    }

    /// Ends the field at hand, if there is one.
    pub(in crate::shell) fn next_field(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Whether expansions are split at all.
    pub(in crate::shell) fn splits(&self) -> bool {
        self.split == Split::Yes
    }

    /// The first character of `IFS`, which joins `"$*"`.
    pub(in crate::shell) fn joiner(&self) -> Option<u8> {
        self.ifs.first().copied()
    }

    pub(in crate::shell) fn finish(mut self) -> Vec<Vec<(u8, bool)>> {
        self.next_field();
        self.done
    }

    fn open(&mut self) -> &mut Vec<(u8, bool)> {
        self.current.get_or_insert_default()
    }

    fn is_blank(&self, byte: u8) -> bool {
        byte.is_ascii_whitespace() && self.ifs.contains(&byte)
    }
}

/// What becomes of the blanks in an unquoted expansion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::shell) enum Split {
    /// Fields are split at them: a command's words.
    Yes,
    /// They stay: assignments, redirections, `case`.
    No,
}
