//! What web servers answer: files of their container's own view, as nginx and Apache serve them, with a line in their log.

use crate::engine::{Container, Engine};
use crate::kernel::{Errno, Kernel, Task, Timespec, fs, path};
use crate::oci::time;
use crate::program::Stream;
use crate::{distribution, engine};

/// A server of the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    /// As it names itself in its answers.
    name: &'static str,
    /// The directory that it serves.
    root: String,
    /// What stands for a directory there.
    index: &'static str,
    /// Whether it writes a line for each request to its output.
    logs: bool,
    ports: Vec<u16>,
}

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
    server(engine, container).map(|(server, _)| server.ports).unwrap_or_default()
}

fn server(engine: &mut Engine<'_>, container: &Container) -> Option<(Server, Task)> {
    let words = std::iter::once(&container.path).chain(&container.args);
    let name = words
        .filter_map(|word| path::file_name(word.as_bytes()))
        .find(|name| {
            matches!(*name, b"nginx" | b"httpd" | b"httpd-foreground" | b"catalina.sh" | b"portainer")
        })?
        .to_vec();
    let root = engine.merged_of(&container.id).ok()?;
    let inside = Task::root().chrooted(root.as_str());
    if name == b"nginx" {
        let conf = fs::read(engine.kernel, &inside, b"/etc/nginx/conf.d/default.conf").unwrap_or_default();
        let conf = String::from_utf8_lossy(&conf).into_owned();
        let value = |key: &str| {
            conf.lines()
                .filter_map(|line| line.trim().strip_prefix(key))
                .filter(|rest| rest.starts_with(char::is_whitespace))
                .filter_map(|rest| rest.split(';').next())
                .map(|text| text.trim().to_owned())
                .collect::<Vec<_>>()
        };
        let port = |text: &String| {
            let first = text.split_whitespace().next()?;
            first.rsplit(':').next()?.parse().ok()
        };
        let ports = value("listen").iter().filter_map(port).collect();
        let root = value("root").into_iter().next().unwrap_or_else(|| "/usr/share/nginx/html".to_owned());
        let server = Server { name: "nginx/1.25.3", root, index: "index.html", logs: true, ports };
        return Some((server, inside));
    }
    let (name, root, port) = match &name[..] {
        // Its page is its image's own file; it compiles no pages.
        b"catalina.sh" => ("Apache Tomcat", "/usr/local/tomcat/webapps/ROOT", 8080),
        b"portainer" => ("Portainer", "/public", 9000),
        _ => ("Apache/2.4.58 (Unix)", "/usr/local/apache2/htdocs", 80),
    };
    let index = if port == 8080 { "index.jsp" } else { "index.html" };
    let server = Server { name, root: root.to_owned(), index, logs: port == 80, ports: vec![port] };
    Some((server, inside))
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
    if !server.logs {
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
    let _ = engine.log_append(container, &[(Stream::Stdout, line.into_bytes())]);
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
            file = path::join(&file, server.index.as_bytes());
            if kernel.stat(inside, &file).is_err() {
                return error(server, 403, "Forbidden");
            }
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
