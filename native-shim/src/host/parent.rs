//! The parent's end: starts the child, has its ids mapped, and passes messages.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use layerlab_core::kernel::ByteString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{self, Mapped, Ready, Setup, Start};
use super::{HostError, ids};

/// The hidden subcommand by which the program starts itself as the child.
pub const CHILD_COMMAND: &str = "host-child";

/// What kind of child is wanted.
#[derive(Debug, Clone)]
pub enum Kind {
    /// On the running kernel.
    Host {
        /// A directory to use as the lab's disk and to keep; else a tmpfs that ends with the session.
        root: Option<PathBuf>,
    },
    /// On the simulated kernel, in a process that can be killed.
    Sim {
        /// What its clock says, in seconds since 1970.
        clock: i64,
    },
}

impl Default for Kind {
    fn default() -> Self {
        Self::Host { root: None }
    }
}

/// How to start a child.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// What it is.
    pub kind: Kind,
    /// The program to start; else this one again.
    pub program: Option<PathBuf>,
}

impl HostOptions {
    /// This program again, as a child of this kind.
    pub fn new(kind: Kind) -> Self {
        Self { kind, program: None }
    }
}

/// A running child.
#[derive(Debug)]
pub struct Host {
    child: Child,
    socket: UnixStream,
    ready: Ready,
}

impl Host {
    /// Starts the child and waits until its namespaces are there.
    ///
    /// # Errors
    /// [`HostError::Refused`] with one line where the machine does not allow it; nothing was changed then.
    pub fn start(options: &HostOptions) -> Result<Self, HostError> {
        let (socket, childs) = UnixStream::pair().map_err(HostError::Start)?;
        let child = Command::new(options.program.as_deref().unwrap_or(Path::new("/proc/self/exe")))
            .arg(CHILD_COMMAND)
            .stdin(OwnedFd::from(childs))
            .stdout(Stdio::null())
            // Ctrl-C at the terminal is for the parent, which decides what becomes of the child.
            .process_group(0)
            .spawn()
            .map_err(HostError::Start)?;
        let mut host = Self { child, socket, ready: Ready { ids: wire::Ids::One } };
        host.send(&match &options.kind {
            Kind::Sim { clock } => Start::Sim { clock: *clock },
            Kind::Host { root } => Start::Host {
                root: root.as_ref().map(|path| {
                    let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                    ByteString::from(path.as_os_str().as_encoded_bytes())
                }),
                subordinate_ids: ids::has_subordinate(),
            },
        })?;
        loop {
            match host.receive()? {
                Setup::MapIds(process) => {
                    let mapped = ids::map_subordinate(process);
                    host.send(&Mapped(mapped))?;
                }
                Setup::Ready(ready) => {
                    host.ready = ready;
                    return Ok(host);
                }
                Setup::Refused(message) => return Err(HostError::Refused(message)),
            }
        }
    }

    /// What kind of session it is.
    pub fn ready(&self) -> Ready {
        self.ready
    }

    /// The child's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The socket on which the child's messages come.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Ends the child at once.
    pub fn kill(&mut self) {
        // One that has ended by itself is as good.
        let _ = self.child.kill();
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`HostError::Ended`].
    pub fn send(&mut self, message: &impl Serialize) -> Result<(), HostError> {
        wire::send(&mut self.socket, message).map_err(HostError::Ended)
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// [`HostError::Ended`].
    pub fn receive<T: DeserializeOwned>(&mut self) -> Result<T, HostError> {
        wire::receive(&mut self.socket).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => HostError::Ended(self.how_it_ended()),
            _ => HostError::Ended(error),
        })
    }

    fn how_it_ended(&mut self) -> io::Error {
        match self.child.wait() {
            Ok(status) => io::Error::other(format!("its process ended with {status}")),
            Err(error) => error,
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Its mounts and its tmpfs end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
