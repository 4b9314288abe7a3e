//! `docker logs`.

use super::super::{Call, Failure};
use crate::engine::Error;
use crate::program::{Flow, Stream};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let timestamps = call.flags.is_set("timestamps");
    let tail = call.flags.text("tail").and_then(|text| text.parse::<usize>().ok());
    let mut engine = call.engine()?;
    let container = match engine.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let lines = engine.log(&container)?;
    let skip = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    for line in &lines[skip..] {
        let text = if timestamps { format!("{} {}", line.time, line.log) } else { line.log.clone() };
        let to = if line.stream == Stream::Stdout { call.process.stdout } else { call.process.stderr };
        to.write(call.system, text);
    }
    Ok(Flow::OK)
}
