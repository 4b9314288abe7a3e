//! Chromium's driver, started at a port of its own.

use std::path::Path;
use std::time::Duration;

use crate::poll::within;
use crate::process::{Daemon, tool};

/// Starts a chromedriver at a free port. The port that it takes may be free for one kind of addresses and not for the other:
/// then it ends, or says nothing, and another is started.
pub(crate) fn chromedriver(log: &Path) -> (Daemon, u16) {
    let start = || {
        let mut driver = Daemon::start(tool("/usr/bin/chromedriver", "chromium-driver").arg("--port=0"), log);
        let said = within(Duration::from_secs(10), || {
            port(&driver.log()).map(Ok).or_else(|| driver.has_ended().then_some(Err(())))
        });
        said.and_then(Result::ok).map(|port| (driver, port))
    };
    (0..5).find_map(|_| start()).unwrap_or_else(|| {
        panic!("chromedriver does not start:\n{}", std::fs::read_to_string(log).unwrap_or_default())
    })
}

fn port(log: &str) -> Option<u16> {
    // The line "Starting … on port 0" comes first and tells nothing.
    let (port, _) = log.split("started successfully on port ").nth(1)?.split_once('.')?;
    port.parse().ok()
}

/// What speaks HTTP to the driver.
pub(crate) fn connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}

/// The address that the page's server prints.
pub(crate) fn url(log: &str) -> Option<String> {
    let at = log.find("http://")?;
    let line = log[at..].lines().next().filter(|_| log[at..].contains('\n'))?;
    Some(line.split([' ', '#']).next().unwrap_or(line).to_owned())
}
