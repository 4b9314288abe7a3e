//! A lab to talk to: a session in this process, or in a child.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Reply, Request, Session, SimBackend, programs};

use crate::host::{Answer, Host, HostError, HostOptions, Order};
use crate::person::{Keys, Moment, Person};

/// The largest piece of a file that goes in or out at once.
const PIECE: usize = 1 << 20;

/// A session.
#[derive(Debug)]
pub enum Lab {
    /// On the simulated kernel, in this process.
    Here(Box<Session>),
    /// In a child, on either kernel.
    Child(Host),
}

/// Why a lab did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// There is no session, or there is none any more.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The session said why not; nothing has changed.
    #[error("{0}")]
    Failed(String),
    /// A person ended the child.
    #[error("it was stopped; the last line is lost")]
    Stopped,
    /// A real file.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Lab {
    /// A simulated lab in this process, whose clock says `clock` (seconds since 1970).
    ///
    /// # Errors
    /// [`LabError::Failed`] if its disk cannot be made.
    pub fn here(clock: i64) -> Result<Self, LabError> {
        let session = Session::new(Box::new(SimBackend::new(clock)), programs()).map_err(LabError::Failed)?;
        Ok(Self::Here(Box::new(session)))
    }

    /// A lab in a child.
    ///
    /// # Errors
    /// [`LabError::Host`].
    pub fn child(options: &HostOptions) -> Result<Self, LabError> {
        Ok(Self::Child(Host::start(options)?))
    }

    /// Makes a request, passes on what is told meanwhile, and says where the session stands then.
    ///
    /// # Errors
    /// [`LabError::Failed`] with the session's words, [`LabError::Host`] when the child is gone.
    pub fn ask(&mut self, request: Request, told: &mut dyn FnMut(Event)) -> Result<Reply, LabError> {
        match self {
            Self::Here(session) => {
                let mut last = None;
                session.handle(request, &mut |event| match event {
                    Event::Done { reply } => last = Some(Ok(reply)),
                    Event::Failed { message } => last = Some(Err(LabError::Failed(message))),
                    event => told(event),
                });
                last.unwrap_or_else(|| Err(LabError::Failed("the session gave no answer".into())))
            }
            Self::Child(host) => {
                host.send(&Order::Request(request))?;
                loop {
                    match host.receive()? {
                        Answer::Event(Event::Done { reply }) => return Ok(reply),
                        Answer::Event(Event::Failed { message }) => return Err(LabError::Failed(message)),
                        Answer::Event(event) => told(event),
                        _ => return Err(LabError::Failed("the child is busy with something else".into())),
                    }
                }
            }
        }
    }

    /// Makes a request while a person watches: a line of the child's gets what is typed and Ctrl-C. A second Ctrl-C, and any
    /// during what is no line, ends the child.
    ///
    /// # Errors
    /// Those of [`Lab::ask`], and [`LabError::Stopped`].
    pub(crate) fn watched(
        &mut self,
        request: Request,
        person: &mut Person,
        told: &mut dyn FnMut(Event),
    ) -> Result<Reply, LabError> {
        let Self::Child(host) = self else { return self.ask(request, told) };
        person.forget();
        let mut hears = matches!(request, Request::Run { .. });
        let mut keys = None;
        host.send(&Order::Live(request))?;
        loop {
            match person.wait(host.as_fd(), keys.is_some())? {
                Moment::Stopped if std::mem::take(&mut hears) => {
                    person.show_stop()?;
                    host.send(&Order::Heard(Request::Interrupt))?;
                }
                Moment::Stopped => {
                    person.show_stop()?;
                    host.kill();
                    return Err(LabError::Stopped);
                }
                Moment::Typed(data) => host.send(&Order::Heard(Request::Input { data: data.into() }))?,
                Moment::Told => match host.receive()? {
                    Answer::Event(Event::Done { reply }) => return Ok(reply),
                    Answer::Event(Event::Failed { message }) => return Err(LabError::Failed(message)),
                    Answer::Event(event) => told(event),
                    Answer::Reads(reads) => keys = reads.then(Keys::begin),
                    _ => return Err(LabError::Failed("the child is busy with something else".into())),
                },
            }
        }
    }

    /// Puts a real file into the lab, piece by piece.
    ///
    /// # Errors
    /// The file's, and those of [`Lab::ask`].
    pub fn copy_in(&mut self, file: &Path, path: &[u8]) -> Result<(), LabError> {
        let mut file = File::open(file)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file").into());
        }
        let mut offset = 0;
        loop {
            let mut data = Vec::new();
            Read::by_ref(&mut file).take(PIECE as u64).read_to_end(&mut data)?;
            let (len, ended) = (data.len() as u64, data.len() < PIECE);
            // The first piece makes the file, be it empty.
            if len > 0 || offset == 0 {
                self.ask(Request::PutFile { path: path.into(), offset, data: data.into() }, &mut |_| {})?;
            }
            if ended {
                return Ok(());
            }
            offset += len;
        }
    }

    /// Brings a file of the lab out, piece by piece. The real file is made, or replaced, once it is whole.
    ///
    /// # Errors
    /// The file's, and those of [`Lab::ask`].
    pub fn copy_out(&mut self, path: &[u8], file: &Path) -> Result<(), LabError> {
        let path = ByteString::from(path);
        // Asked first: a path that is not there leaves no file.
        let mut piece = self.piece(&path, 0)?;
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A name that nobody can foresee, made anew: no link that lies in wait is followed.
        let mode = PermissionsExt::from_mode(0o666);
        let mut staged =
            tempfile::Builder::new().prefix(".layerlab-").permissions(mode).tempfile_in(parent)?;
        let mut offset = 0;
        while !piece.is_empty() {
            staged.write_all(&piece)?;
            offset += piece.len() as u64;
            piece = self.piece(&path, offset)?;
        }
        staged.as_file().sync_all()?;
        staged.persist(file).map_err(|error| error.error)?;
        Ok(())
    }

    fn piece(&mut self, path: &ByteString, offset: u64) -> Result<ByteString, LabError> {
        let mut piece = ByteString::new();
        let request = Request::GetFile { path: path.clone(), offset, len: PIECE as u32 };
        self.ask(request, &mut |event| {
            if let Event::Data { data } = event {
                piece = data;
            }
        })?;
        Ok(piece)
    }
}
