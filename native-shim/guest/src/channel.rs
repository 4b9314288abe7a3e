//! The channel to the page: a virtio console, on which frames go both ways.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::frame::{HEAD, Kind, LONGEST, WINDOW, head};

/// The second console: the first is Linux's own.
const DEVICE: &str = "/dev/hvc1";

/// At most so much is written in one call, which is what the emulator's queue takes.
const PIECE: usize = 4096;

pub(crate) struct Channel {
    file: File,
    /// Bytes of the frame at hand that were read since the last acknowledgement.
    since: usize,
}

impl Channel {
    /// Opens it. The device comes some time after this program has started.
    pub(crate) fn open() -> Result<Self, String> {
        let mut tries = 0;
        let fd = loop {
            match rustix::fs::open(DEVICE, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()) {
                Ok(fd) => break fd,
                Err(error) if tries == 1000 => return Err(format!("{DEVICE}: {error}")),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
            tries += 1;
        };
        let failed = |error: rustix::io::Errno| format!("{DEVICE}: {error}");
        let mut settings = tcgetattr(&fd).map_err(failed)?;
        settings.make_raw();
        tcsetattr(&fd, OptionalActions::Now, &settings).map_err(failed)?;
        Ok(Self { file: fd.into(), since: 0 })
    }

    /// Waits for the next frame.
    pub(crate) fn receive(&mut self) -> Result<(Kind, Vec<u8>), String> {
        self.since = 0;
        let mut start = [0; HEAD];
        self.read(&mut start)?;
        let [a, b, c, d, kind] = start;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let kind = Kind::from_byte(kind).ok_or_else(|| format!("a frame of the unknown kind {kind}"))?;
        if length > LONGEST {
            return Err(format!("a frame of {length} bytes"));
        }
        let mut payload = vec![0; length];
        self.read(&mut payload)?;
        Ok((kind, payload))
    }

    fn read(&mut self, mut into: &mut [u8]) -> Result<(), String> {
        while !into.is_empty() {
            let most = into.len().min(WINDOW - self.since);
            let n = self.file.read(&mut into[..most]).map_err(|error| error.to_string())?;
            if n == 0 {
                return Err("the channel has ended".into());
            }
            into = &mut into[n..];
            self.since += n;
            if self.since == WINDOW {
                self.since = 0;
                self.send(Kind::Taken, &[])?;
            }
        }
        Ok(())
    }

    pub(crate) fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<(), String> {
        let mut frame = Vec::with_capacity(HEAD + payload.len());
        frame.extend_from_slice(&head(kind, payload.len()));
        frame.extend_from_slice(payload);
        for piece in frame.chunks(PIECE) {
            self.file.write_all(piece).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
