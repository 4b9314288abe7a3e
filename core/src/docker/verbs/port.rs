//! `docker port`.

use super::super::{Call, Failure};
use crate::engine::Error;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let mut engine = call.engine()?;
    let container = match engine.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let host = engine.host_config(&container.id)?;
    let wanted = call.flags.args.get(1).map(crate::kernel::ByteString::to_text);
    let key =
        wanted.as_ref().map(|port| if port.contains('/') { port.clone() } else { format!("{port}/tcp") });
    let up = container.state.running;
    let mut found = false;
    for (port, bindings) in &host.port_bindings {
        if !up || key.as_ref().is_some_and(|key| key != port) {
            continue;
        }
        found = true;
        for binding in bindings {
            let addresses = if binding.host_ip.is_empty() {
                vec!["0.0.0.0", "::"]
            } else {
                vec![binding.host_ip.as_str()]
            };
            for address in addresses {
                let shown = format!("{address}:{}", binding.host_port);
                match &key {
                    Some(_) => call.line(&shown),
                    None => call.line(&format!("{port} -> {shown}")),
                }
            }
        }
    }
    match wanted {
        Some(port) if !found => {
            let port = if port.contains('/') { port } else { format!("{port}/tcp") };
            Err(Failure::new(format!("Error: No public port '{port}' published for {name}")))
        }
        _ => Ok(Flow::OK),
    }
}
