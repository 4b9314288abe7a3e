//! What `run` and `shell` share: which lab, and the real files that go in.

use std::path::PathBuf;

use clap::Args;
use layerlab_core::session::{DEFAULT_CLOCK, Reply, Request};

use super::{CliError, On, limits};
use crate::host::{HostOptions, Kind};
use crate::lab::{Lab, LabError};

/// Which lab
#[derive(Debug, Args)]
pub(super) struct LabArgs {
    /// The kernel to run on
    #[arg(long, value_enum, default_value = "sim")]
    on: On,
    /// With --on host: use this directory as the lab's disk, and keep it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// With --on sim: what the lab's clock says, in seconds since 1970 (default: always the same date)
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    clock: Option<i64>,
    /// Put a real file into the lab first (may be given again)
    #[arg(long, value_name = "FILE:PATH", value_parser = copy_in)]
    copy_in: Vec<(PathBuf, String)>,
    /// Change a limit of the lab (may be given again); layerlab limits lists them
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limits::parse)]
    limits: Vec<(String, u64)>,
}

impl LabArgs {
    /// What the arguments ask for.
    pub(super) fn kind(&self) -> Result<Kind, CliError> {
        match self.on {
            On::Sim if self.root.is_some() => {
                Err(CliError::Usage("--root names the disk of a host session: add --on host".into()))
            }
            On::Host if self.clock.is_some() => Err(CliError::Usage(
                "--clock sets the simulated kernel's clock; on the host it is the host's".into(),
            )),
            On::Sim => Ok(Kind::Sim { clock: self.clock.unwrap_or(DEFAULT_CLOCK) }),
            On::Host => Ok(Kind::Host { root: self.root.clone() }),
            On::Both => Err(On::not_both()),
        }
    }

    /// A lab with the files in it: a simulated one in this process.
    pub(super) fn lab(&self) -> Result<Lab, CliError> {
        let lab = match self.kind()? {
            Kind::Sim { clock } => Lab::here(clock)?,
            kind @ Kind::Host { .. } => Lab::child(&HostOptions::new(kind))?,
        };
        self.filled(lab)
    }

    /// Two labs with the files in them, where both kernels are wanted: the simulated one, and this machine's.
    pub(super) fn both(&self) -> Result<Option<(Lab, Lab)>, CliError> {
        if self.on != On::Both {
            return Ok(None);
        }
        if self.root.is_some() {
            return Err(CliError::Usage(
                "--root keeps a disk, and --on both compares with an empty one".into(),
            ));
        }
        let sim = Lab::here(self.clock.unwrap_or(DEFAULT_CLOCK))?;
        let host = Lab::child(&HostOptions::new(Kind::Host { root: None }))?;
        Ok(Some((self.filled(sim)?, self.filled(host)?)))
    }

    /// A lab with the files in it, in a process that can be killed.
    pub(super) fn child(&self) -> Result<Lab, CliError> {
        let lab = Lab::child(&HostOptions::new(self.kind()?))?;
        self.filled(lab)
    }

    fn filled(&self, mut lab: Lab) -> Result<Lab, CliError> {
        for (name, value) in &self.limits {
            let request = Request::Limit { name: name.clone(), value: *value };
            lab.ask(request, &mut |_| {}).map_err(|error| match error {
                LabError::Failed(why) => CliError::Usage(why),
                error => error.into(),
            })?;
        }
        for (file, path) in &self.copy_in {
            lab.copy_in(file, path.as_bytes()).map_err(|error| match error {
                LabError::File(error) => CliError::File { path: file.clone(), error },
                error => error.into(),
            })?;
        }
        Ok(lab)
    }

    /// Whether the disk outlives the session.
    pub(super) fn keeps_disk(&self) -> bool {
        self.root.is_some()
    }
}

/// Whether the session waits for the rest of a line: its prompt is the shell's second one.
pub(super) fn is_waiting(reply: &Reply) -> bool {
    reply.prompt == "> "
}

/// `FILE:PATH`: the path in the lab stands behind the last `:/`.
fn copy_in(text: &str) -> Result<(PathBuf, String), String> {
    let at = text.rfind(":/").filter(|at| *at > 0);
    let at = at.ok_or("FILE:PATH is wanted, with an absolute PATH in the lab")?;
    Ok((text[..at].into(), text[at + 1..].to_owned()))
}

/// `PATH:FILE`: the path in the lab ends at the first colon.
pub(super) fn copy_out(text: &str) -> Result<(String, PathBuf), String> {
    let (path, file) = text.split_once(':').unwrap_or_default();
    if !path.starts_with('/') || file.is_empty() {
        return Err("PATH:FILE is wanted, with an absolute PATH in the lab".into());
    }
    Ok((path.to_owned(), file.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_paths_are_told_apart() {
        assert_eq!(copy_in("a:b.tar:/tmp/x:y").unwrap(), ("a:b.tar".into(), "/tmp/x:y".into()));
        assert_eq!(copy_out("/tmp/x:out:put").unwrap(), ("/tmp/x".into(), "out:put".into()));
        for bad in ["", "a", "a:b", ":/x"] {
            assert!(copy_in(bad).is_err(), "{bad}");
            assert!(copy_out(bad).is_err(), "{bad}");
        }
    }
}
