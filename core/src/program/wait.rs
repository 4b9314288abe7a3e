//! What a process waits for.

use serde::{Deserialize, Serialize};

use super::files::Desc;

/// The number of a process on the lab's host.
pub type Pid = u32;

/// Nanoseconds since 1970, by the lab's clock.
pub type Nanos = i64;

/// What a process waits for: it goes on when any one of these has come. One in which nothing is set never ends by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Wait {
    /// This time.
    pub until: Option<Nanos>,
    /// The end of any of these processes.
    pub ended: Vec<Pid>,
    /// Something to read here, or the end.
    pub readable: Option<Desc>,
    /// Nobody can write here any more.
    pub whole: Option<Desc>,
    /// Somebody reads the other end of this fifo, or writes it.
    pub met: Option<Desc>,
    /// A signal that it catches.
    pub signal: bool,
    /// The end of a container's run: its full id and its process.
    pub gone: Option<(String, Pid)>,
    /// A line typed at the terminal, for the shell that is innermost there.
    pub line: bool,
    /// More in a container's log than this many lines written so far.
    pub grown: Option<(String, u64)>,
    /// Something in this record.
    #[serde(default)]
    pub recorded: Option<Desc>,
    /// More engine events than this.
    pub events: Option<u64>,
    /// Any key typed at the session's terminal: a client takes them as they come, and passes them on.
    pub keys: bool,
    /// It may go on for ever: what is in the foreground follows something, and time passes as the person's does.
    pub follows: bool,
}

impl Wait {
    /// This time.
    pub fn until(at: Nanos) -> Self {
        Self { until: Some(at), ..Self::default() }
    }

    /// The end of this process.
    pub fn child(pid: Pid) -> Self {
        Self { ended: vec![pid], ..Self::default() }
    }

    /// Whether nothing but the time, the end of a process and a signal lets it go on: what the table of processes tells.
    pub(super) fn is_of_processes(&self) -> bool {
        let Self { readable, whole, met, recorded, gone, grown, events, .. } = self;
        let of_files =
            [readable, whole, met, recorded].iter().any(|desc| desc.is_some()) || self.line || self.keys;
        !of_files && gone.is_none() && grown.is_none() && events.is_none()
    }

    /// Something to read here.
    pub fn readable(desc: Desc) -> Self {
        Self { readable: Some(desc), ..Self::default() }
    }
}
