//! Output of the lab on this terminal: what images and programs print cannot steer it. Where no terminal is, bytes go
//! through as they are.

use std::io::{self, IsTerminal, Write};

use super::text::screen;

/// The longest beginning of a character in UTF-8.
const PART_MAX: usize = 3;

/// One stream of the lab, on the way to this process's own.
#[derive(Debug)]
pub(super) struct Screen<W: Write> {
    to: W,
    is_terminal: bool,
    /// The beginning of a character whose end is still to come.
    held: Vec<u8>,
}

impl<W: Write + IsTerminal> Screen<W> {
    pub(super) fn new(to: W) -> Self {
        let is_terminal = to.is_terminal();
        Self { to, is_terminal, held: Vec::new() }
    }
}

impl<W: Write> Screen<W> {
    /// Writes what came, at once.
    pub(super) fn write(&mut self, data: &[u8]) -> io::Result<()> {
        if !self.is_terminal {
            self.to.write_all(data)?;
            return self.to.flush();
        }
        self.held.extend_from_slice(data);
        let whole = self.held.len() - unfinished(&self.held);
        let rest = self.held.split_off(whole);
        let ready = std::mem::replace(&mut self.held, rest);
        self.to.write_all(screen(&ready).as_bytes())?;
        self.to.flush()
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        if !self.held.is_empty() {
            let _ = self.to.write_all(screen(&self.held).as_bytes());
            let _ = self.to.flush();
        }
    }
}

/// How many bytes at the end begin a character and do not end it.
fn unfinished(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(PART_MAX);
    let starts = bytes[from..].iter().rposition(|b| *b >= 0xc0);
    let Some(at) = starts.map(|at| from + at) else { return 0 };
    match std::str::from_utf8(&bytes[at..]) {
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => bytes.len() - at,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&[u8]], is_terminal: bool) -> String {
        let mut out = Vec::new();
        let mut screen = Screen { to: &mut out, is_terminal, held: Vec::new() };
        for piece in pieces {
            screen.write(piece).unwrap();
        }
        drop(screen);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_terminal_is_not_steered_and_a_file_is_as_it_was() {
        let hostile = "a\x1b[2J\u{9b}31m\u{202e}b\tc\r\n".as_bytes();
        assert_eq!(shown(&[b"\x1b[91mno\x1b[0m\x1b[1m"], true), "\x1b[91mno\x1b[0m\\u{1b}[1m");
        assert_eq!(shown(&[hostile], true), "a\\u{1b}[2J\\u{9b}31m\\u{202e}b\tc\r\n");
        assert_eq!(shown(&[hostile], false).as_bytes(), hostile);
    }

    #[test]
    fn a_character_may_come_in_two_pieces() {
        let text = "世界".as_bytes();
        for at in 0..text.len() {
            assert_eq!(shown(&[&text[..at], &text[at..]], true), "世界", "{at}");
        }
        assert_eq!(shown(&[b"x\xe4\xb8"], true), "x\\xe4\\xb8");
        assert_eq!(shown(&[b"\xff\xe4", b"A"], true), "\\xff\\xe4A");
    }
}
