//! `docker import` (oracle: import-*).

use super::super::{Call, Failure};
use super::commit::changed_config;
use crate::engine::{CommitOptions, Error, go_text};
use crate::kernel::OpenFlags;
use crate::oci::Reference;
use crate::oci::blob::FdBlob;
use crate::oci::config::ContainerConfig;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let source = call.flags.args[0].clone();
    let config = changed_config(call, ContainerConfig::default())?;
    let message = call.flags.text("message").unwrap_or_else(|| "Imported from -".to_owned());
    let (fd, spooled) = if source == "-" {
        match call.process.stdin {
            input if input.is_terminal(call.system) => {
                return Err(Failure::new("Error response from daemon: unexpected EOF"));
            }
            input => {
                let (fd, path) = super::load::spool(call, input)?;
                (fd, Some(path))
            }
        }
    } else if source.starts_with(b"http://") || source.starts_with(b"https://") {
        return Err(Failure::new("Layerlab: nothing is fetched from the network; import a file"));
    } else {
        let task = call.process.task.clone();
        let opened = call.system.kernel.open(&task, &source, OpenFlags::RDONLY, 0);
        (opened.map_err(|errno| Failure::new(format!("open {source}: {}", go_text(errno))))?, None)
    };
    let named = image_name(call);
    let name = match named {
        Ok(name) => name,
        Err(failure) => {
            call.system.kernel.close(fd).map_err(super::load::plain)?;
            return Err(failure);
        }
    };
    let options = CommitOptions { name, message, author: String::new(), config };
    let mut engine = call.engine()?;
    let result = match FdBlob::new(engine.kernel, fd) {
        Ok(mut blob) => engine.import(&mut blob, options),
        Err(errno) => Err(Error::Failed(go_text(errno))),
    };
    call.system.kernel.close(fd).map_err(super::load::plain)?;
    if let Some(path) = spooled {
        let task = crate::kernel::Task::root();
        call.system.kernel.unlink(&task, path.as_bytes()).map_err(super::load::plain)?;
    }
    let id = result?;
    call.line(&id.to_string());
    Ok(Flow::OK)
}

/// The name that the image gets, if one is on the line.
fn image_name(call: &Call<'_, '_>) -> Result<Option<Reference>, Failure> {
    let Some(text) = call.flags.args.get(1) else { return Ok(None) };
    let reference = Reference::parse(&text.to_text()).map_err(|error| Failure::new(error.to_string()))?;
    if reference.digest.is_some() {
        return Err(Failure::new("Error response from daemon: cannot import digest reference"));
    }
    Ok(Some(reference.or_latest()))
}
