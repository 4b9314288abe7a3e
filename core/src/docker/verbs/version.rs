//! `docker version` (oracle: version).

use super::super::down::CANNOT_CONNECT;
use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure};
use crate::program::Flow;

const VERSION_TEXT: &str = "\
Client:
 Version:           20.10.24+dfsg1
 API version:       1.41
 Go version:        go1.19.8
 Git commit:        297e128
 Built:             Thu May  7 21:09:36 2026
 OS/Arch:           linux/amd64
 Context:           default
 Experimental:      true

Server:
 Engine:
  Version:          20.10.24+dfsg1
  API version:      1.41 (minimum version 1.12)
  Go version:       go1.19.8
  Git commit:       5d6db84
  Built:            Thu May  7 21:09:36 2026
  OS/Arch:          linux/amd64
  Experimental:     false
 containerd:
  Version:          1.6.20~ds1
  GitCommit:        1.6.20~ds1-1+deb12u3
 runc:
  Version:          1.1.5+ds1
  GitCommit:        1.1.5+ds1-1+deb12u1
 docker-init:
  Version:          0.19.0
  GitCommit:        
";

/// What `--format` and `json` show (recorded on 20.10.24).
const FIELDS: &str = include_str!("version.json");

pub(crate) fn version(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let up = call.system.world.daemon.is_up();
    let Some(format) = call.flags.text("format").filter(|format| !format.is_empty()) else {
        let client = VERSION_TEXT.split_once("\nServer:").map_or(VERSION_TEXT, |(client, _)| client);
        call.print(if up { VERSION_TEXT } else { client });
        return if up { Ok(Flow::OK) } else { Err(Failure::new(CANNOT_CONNECT)) };
    };
    if !up {
        return Err(Failure::new(CANNOT_CONNECT));
    }
    let data = serde_json::from_str(FIELDS).map_err(|error| Failure::new(error.to_string()))?;
    formatted(call, &format, &data, ("version", "system.versionInfo"))
}

/// Prints a template's text for a structure; a template and the structure's type in Go have names for errors.
pub(super) fn formatted(
    call: &mut Call<'_, '_>,
    format: &str,
    data: &Json,
    (name, go_type): (&str, &'static str),
) -> Result<Flow, Failure> {
    let named = |why: String| {
        let why = why.replacen("template: :", &format!("template: {name}:"), 1);
        why.replacen("executing \"\"", &format!("executing \"{name}\""), 1)
    };
    let bad = |why: String| Failure::with_status(format!("template parsing error: {}", named(why)), 64);
    let text = Template::parse(format).map_err(bad)?;
    // What was printed before an error stays (recorded).
    let (text, result) = text.run_to_error(data, Shape::Struct(go_type));
    call.line(&text);
    match result {
        Ok(()) => Ok(Flow::OK),
        Err(why) => Err(Failure::new(named(why))),
    }
}
