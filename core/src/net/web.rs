//! What web servers answer: files of their container's own view, as nginx and Apache serve them, with a line in their log.

use super::sites::{Log, Server, database_ports, server};
use crate::engine::{Container, Engine};
use crate::kernel::{Errno, Kernel, Task, Timespec, fs, path};
use crate::oci::time;
use crate::program::Stream;
use crate::{distribution, engine};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub reason: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Request<'r> {
    pub method: &'r str,
    pub path: &'r str,
    pub agent: &'r str,
    pub client: &'r str,
    /// `localhost:5000`.
    pub host: &'r str,
    /// What else the client sends: names with values.
    pub headers: &'r [(String, String)],
    pub body: &'r [u8],
}

/// The ports on which a container listens: those of the server that is its own program. Who asks reads the server's
/// configuration through the container's merged view.
pub(super) fn ports(engine: &mut Engine<'_>, container: &Container) -> Vec<u16> {
    if let Some(registry) = engine.served(container) {
        return vec![registry.port];
    }
    match server(engine, container) {
        Some((server, _)) => server.ports,
        None => database_ports(engine, container),
    }
}

/// Asks the server in a container, and lets it write its access log, which is the container's output.
pub(super) fn ask(engine: &mut Engine<'_>, container: &Container, request: &Request<'_>) -> Option<Answer> {
    if let Some(registry) = engine.served(container) {
        return Some(ask_registry(engine, container, &registry, request));
    }
    let (server, inside) = server(engine, container)?;
    let now = engine.now();
    let answer = respond(engine.kernel, &inside, &server, request);
    let length = if request.method == "HEAD" { 0 } else { answer.body.len() };
    if server.log == Log::Nowhere {
        return Some(answer);
    }
    let line = format!(
        "{} - - [{}] \"{} {} HTTP/1.1\" {} {length} \"-\" \"{}\" \"-\"\n",
        request.client,
        log_time(now),
        request.method,
        request.path,
        answer.status,
        request.agent
    );
    // A log that cannot be written is no reason to answer nothing.
    let _ = match server.log {
        Log::File(file) => {
            let file = file.as_bytes();
            fs::append(engine.kernel, &inside, file, line.as_bytes(), 0o644).map_err(|_| ())
        }
        _ => engine.log_append(container, &[(Stream::Stdout, line.into_bytes())]).map_err(|_| ()),
    };
    Some(answer)
}

/// Asks the registry in a container, which writes its access log too.
fn ask_registry(
    engine: &mut Engine<'_>,
    container: &Container,
    registry: &distribution::Server,
    request: &Request<'_>,
) -> Answer {
    let time = time::format(engine.now());
    // An upload needs a name; nothing else takes one.
    let id = if request.method == "POST" { engine.world.new_id() } else { String::new() };
    let Request { method, path, agent, client, host, headers, body } = *request;
    let asked = distribution::Request { method, path, host, headers, body };
    let answer = registry.answer(engine.kernel, &asked, &distribution::Moment { id, time: time.clone() });
    let (length, what) = (answer.body.len() as u64, format!("{method} {path}"));
    let line = engine::access_line(client, &time, &what, answer.status, length, agent);
    // A log that cannot be written is no reason to answer nothing.
    let _ = engine.log_append(container, &[(Stream::Stdout, line.into_bytes())]);
    let reason = answer.reason();
    Answer { status: answer.status, reason, headers: answer.headers, body: answer.body }
}

fn respond(kernel: &mut dyn Kernel, inside: &Task, server: &Server, request: &Request<'_>) -> Answer {
    if !matches!(request.method, "GET" | "HEAD") {
        return error(server, 405, "Not Allowed");
    }
    if server.root.is_empty() {
        return error(server, 404, "Not Found");
    }
    let asked = request.path.split(['?', '#']).next().unwrap_or_default();
    let clean = path::normalize(asked.as_bytes());
    let mut file = path::join(server.root.as_bytes(), clean.strip_prefix(b"/").unwrap_or(&clean));
    match kernel.stat(inside, &file) {
        Ok(stat) if stat.is_dir() => {
            if !asked.ends_with('/') {
                let mut answer = error(server, 301, "Moved Permanently");
                answer.headers.push(("Location", format!("{asked}/")));
                return answer;
            }
            let mut pages = server.index.iter().map(|name| path::join(&file, name.as_bytes()));
            let Some(page) = pages.find(|page| kernel.stat(inside, page).is_ok()) else {
                return error(server, 403, "Forbidden");
            };
            file = page;
        }
        Ok(_) if asked.ends_with('/') => return error(server, 404, "Not Found"),
        _ => {}
    }
    let reader = Task { uid: 101, gid: 101, ..inside.clone() };
    match fs::read(kernel, &reader, &file) {
        Ok(body) => Answer {
            status: 200,
            reason: "OK",
            headers: headers(server, kind(&file), body.len()),
            body: body.to_vec(),
        },
        Err(Errno::EACCES) => error(server, 403, "Forbidden"),
        Err(_) => error(server, 404, "Not Found"),
    }
}

fn headers(server: &Server, kind: &str, length: usize) -> Vec<(&'static str, String)> {
    vec![
        ("Server", server.name.to_owned()),
        ("Content-Type", kind.to_owned()),
        ("Content-Length", length.to_string()),
        ("Connection", "keep-alive".to_owned()),
    ]
}

fn error(server: &Server, status: u16, reason: &'static str) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} \
         {reason}</h1></center>\r\n<hr><center>{}</center>\r\n</body>\r\n</html>\r\n",
        server.name
    );
    Answer { status, reason, headers: headers(server, "text/html", body.len()), body: body.into_bytes() }
}

/// `29/Nov/2026:15:04:28 +0000`, as logs have it.
fn log_time(now: Timespec) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = time::format(Timespec::seconds(now.sec));
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|m| MONTHS.get(m - 1)).unwrap_or(&"Jan");
    format!("{}/{month}/{}:{} +0000", part(8, 10), part(0, 4), part(11, 19))
}

/// The kind of a file by the end of its name.
fn kind(file: &[u8]) -> &'static str {
    let end = file.rsplit(|b| *b == b'.').next().unwrap_or_default();
    match end {
        b"html" | b"htm" | b"jsp" | b"shtml" => "text/html",
        b"css" => "text/css",
        b"js" => "application/javascript",
        b"json" => "application/json",
        b"png" => "image/png",
        b"txt" => "text/plain",
        _ => "application/octet-stream",
    }
}
