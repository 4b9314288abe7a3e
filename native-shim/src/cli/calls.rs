//! `layerlab run --calls FILE`: the system calls of each line, for whoever makes them again on another kernel.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Request};
use serde_json::json;

use super::CliError;
use crate::lab::Lab;

/// The file that they are written to.
pub(super) struct Calls {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Calls {
    pub(super) fn begin(path: &Path) -> Result<Self, CliError> {
        let failed = |error| CliError::File { path: path.to_owned(), error };
        Ok(Self { path: path.to_owned(), file: BufWriter::new(File::create(path).map_err(failed)?) })
    }

    /// Writes an object with the line, then one for each of its calls. Before all lines come the calls that make the machine.
    pub(super) fn write(
        &mut self,
        lab: &mut Lab,
        node: usize,
        line: Option<&ByteString>,
    ) -> Result<(), CliError> {
        let mut made = Vec::new();
        lab.ask(Request::Calls { node }, &mut |event| {
            if let Event::Calls { calls } = event {
                made = calls;
            }
        })?;
        let failed = |error| CliError::File { path: self.path.clone(), error };
        let file = &mut self.file;
        writeln!(file, "{}", json!({ "line": line })).map_err(failed)?;
        for call in made {
            let text = serde_json::to_string(&call).map_err(|error| failed(error.into()))?;
            writeln!(file, "{text}").map_err(failed)?;
        }
        Ok(())
    }

    /// Brings what was written to the disk.
    pub(super) fn end(mut self) -> Result<(), CliError> {
        self.file.flush().map_err(|error| CliError::File { path: self.path, error })
    }
}
