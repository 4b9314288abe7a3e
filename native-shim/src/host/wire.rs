//! What parent and child say to each other: JSON after its length in four bytes, on a socket pair.

use std::io::{self, Read, Write};

use layerlab_core::conformance::trace::Report;
use layerlab_core::conformance::verify::{Plan, Verdict};
use layerlab_core::kernel::{ByteString, Call, MountInfo, Outcome, Task};
use layerlab_core::session::{Event, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The parent's first message: what to be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Start {
    /// A session on the running kernel: make the namespaces.
    Host {
        /// A directory of the machine's to use as the disk; else a fresh tmpfs.
        root: Option<ByteString>,
        /// Whether the parent can have subordinate ids mapped.
        subordinate_ids: bool,
    },
    /// A session on the simulated kernel, in a process that can be killed.
    Sim {
        /// What its clock says, in seconds since 1970.
        clock: i64,
    },
}

/// The parent's answer to [`Setup::MapIds`]: whether ids were mapped.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mapped(pub(super) bool);

/// The child's answers until it is ready.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Setup {
    /// Please have the ids of this process mapped.
    MapIds(u32),
    /// The namespaces are there.
    Ready(Ready),
    /// They are not, for this reason; nothing was changed.
    Refused(String),
}

/// What the parent asks of a child that is ready.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Make these system calls, one after another; ends in [`Answer::Outcomes`].
    Calls(Vec<(Task, Call)>),
    /// What is mounted; ends in [`Answer::Mounts`].
    Mounts,
    /// Start again with an empty disk; ends in [`Answer::Reset`].
    Reset,
    /// Replay a trace, given as its text; ends in [`Answer::Replayed`].
    Replay(ByteString),
    /// A request to the session, which starts with the first one; ends in an event that is `Done` or `Failed`.
    Request(Request),
    /// A request that a person watches: what the person does while a line runs comes as [`Order::Heard`]; ends as
    /// [`Order::Request`] does.
    Live(Request),
    /// What a person did while a line ran. It has no answer, and comes to nothing where no line runs any more.
    Heard(Request),
    /// Hold the simulated kernel against this one in a random sequence; ends in [`Answer::Verified`].
    Verify(Plan),
    /// The same in the operations of a trace, given as its text; ends in [`Answer::Verified`].
    Compare(ByteString),
}

/// What a child that is ready answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What the calls answered.
    Outcomes(Vec<Outcome>),
    /// The mounts.
    Mounts(Vec<MountInfo>),
    /// The disk is empty, or is not and why.
    Reset(Result<(), String>),
    /// What the replay found, or why the text is no trace.
    Replayed(Result<Report, String>),
    /// What the session tells.
    Event(Event),
    /// Whether a program waits for what is typed, where that has changed.
    Reads(bool),
    /// That this is not for a machine on which a session stands, or not for a simulated one.
    NotNow,
    /// Whether they agree.
    Verified(Verdict),
}

/// What kind of session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Whose ids there are.
    pub ids: Ids,
}

/// Which ids a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// All of the machine's: it runs as root (or is simulated).
    Machine,
    /// Its own as 0, and subordinate ones from 1 on.
    Subordinate,
    /// Its own as 0, and no other.
    One,
}

/// The longest message taken: a piece of a file is far shorter.
const LONGEST: u32 = 256 << 20;

/// Sends a message.
///
/// # Errors
/// The socket's.
pub(super) fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let len = u32::try_from(frame.len() - 4).ok().filter(|len| *len <= LONGEST);
    let len = len.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the message is too long"))?;
    frame[..4].copy_from_slice(&len.to_be_bytes());
    to.write_all(&frame)
}

/// Takes the next message; `UnexpectedEof` when the other side is gone.
///
/// # Errors
/// The socket's, and `InvalidData` for what is no message.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut len = [0; 4];
    from.read_exact(&mut len)?;
    let len = u32::from_be_bytes(len);
    if len > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    let mut body = vec![0; len as usize];
    from.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
