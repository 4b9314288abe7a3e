//! The person at the terminal while a line runs: what is typed, and Ctrl-C.

use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::{InputModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// Ctrl-Q, the second of Docker's keys to detach.
const CTRL_Q: u8 = 0x11;
/// What a program reads as the end when Ctrl-D is pressed (termios(3), VEOF).
const END: u8 = 0x04;
/// The longest piece of typed text that is passed on at once.
const PIECE: usize = 4096;

/// What happened first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The lab has something to say.
    Told,
    /// This was typed.
    Typed(Vec<u8>),
    /// Ctrl-C was pressed.
    Stopped,
}

/// The person.
#[derive(Debug)]
pub(crate) struct Person {
    /// A byte comes here for each Ctrl-C.
    stops: UnixStream,
    has_terminal: bool,
}

impl Person {
    /// Listens for Ctrl-C from now on.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) fn new() -> io::Result<Self> {
        let (stops, mut told) = UnixStream::pair()?;
        stops.set_nonblocking(true)?;
        told.set_nonblocking(true)?;
        // Without a handler Ctrl-C ends the program, and the child with it.
        let _ = ctrlc::set_handler(move || {
            // A full socket has been told often enough.
            let _ = told.write(&[0]);
        });
        Ok(Self { stops, has_terminal: io::stdin().is_terminal() })
    }

    /// Forgets what was pressed before a line began.
    pub(crate) fn forget(&mut self) {
        while self.stops.read(&mut [0; PIECE]).is_ok_and(|len| len > 0) {}
    }

    /// Shows that Ctrl-C was heard: a terminal has shown `^C` itself.
    ///
    /// # Errors
    /// Those of standard error.
    pub(crate) fn show_stop(&self) -> io::Result<()> {
        io::stderr().write_all(if self.has_terminal { b"\n" } else { b"^C\n" })
    }

    /// Waits for the lab, for Ctrl-C, and for what is typed where a program `reads` it.
    ///
    /// # Errors
    /// Those of poll(2) and read(2).
    pub(crate) fn wait(&mut self, lab: BorrowedFd<'_>, reads: bool) -> io::Result<Moment> {
        let stdin = io::stdin();
        loop {
            let mut watched = vec![
                PollFd::from_borrowed_fd(self.stops.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(lab, PollFlags::IN),
            ];
            if reads && self.has_terminal {
                watched.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
            }
            match poll(&mut watched, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let ready: Vec<bool> = watched.iter().map(|fd| !fd.revents().is_empty()).collect();
            drop(watched);
            if ready[0] && self.stops.read(&mut [0]).is_ok_and(|len| len > 0) {
                return Ok(Moment::Stopped);
            }
            if ready[1] {
                return Ok(Moment::Told);
            }
            if ready.get(2) == Some(&true) {
                let mut data = vec![0; PIECE];
                let len = rustix::io::read(stdin.as_fd(), &mut data)?;
                data.truncate(len);
                return Ok(Moment::Typed(if data.is_empty() { vec![END] } else { data }));
            }
        }
    }
}

/// The terminal's settings as they were, which are put back at the end. Until then Ctrl-Q is a key that ends a line, so that
/// Ctrl-P Ctrl-Q comes at once.
#[derive(Debug)]
pub(crate) struct Keys(Option<Termios>);

impl Keys {
    /// Sets the terminal, if there is one.
    pub(crate) fn begin() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut now) = before.clone() {
            now.input_modes.remove(InputModes::IXON);
            now.special_codes[SpecialCodeIndex::VEOL] = CTRL_Q;
            // What the terminal refuses stays as it was.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &now);
        }
        Self(before)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
