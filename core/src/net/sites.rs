//! Which web server a container runs, and what its configuration says: where its pages are, its ports, its log.

use crate::engine::{Container, Engine};
use crate::kernel::{Kernel, Task, fs, path};
use crate::program::Place;

/// A server of the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// As it names itself in its answers.
    pub(super) name: &'static str,
    /// The directory that it serves; empty: it has none, and answers 404.
    pub(super) root: String,
    /// The names of index files; the first one that exists is served for a directory.
    pub(super) index: Vec<String>,
    pub(super) log: Log,
    pub(super) ports: Vec<u16>,
}

/// Where a server writes a line for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Log {
    Nowhere,
    /// To its output, as the images of Docker Hub do.
    Output,
    /// To a file of its container.
    File(String),
}

/// Apache, where it is installed from: its configuration, which names the rest.
const APACHE: &[&str] = &[
    "/usr/local/apache2/conf/httpd.conf",
    "/etc/apache2/apache2.conf",
    "/etc/apache2/httpd.conf",
    "/etc/httpd/conf/httpd.conf",
];

/// Returns the ports of the databases that run in a container.
pub(super) fn database_ports(engine: &Engine<'_>, container: &Container) -> Vec<u16> {
    let inside = Place::Container(container.id.clone());
    let rows = engine.world.tasks.iter().filter(|row| row.place == inside && row.ended.is_none());
    let ports = rows.flat_map(|row| match row.args.first().and_then(|program| path::file_name(program)) {
        Some(b"mysqld") => &[3306, 33060][..],
        Some(b"mariadbd") => &[3306],
        Some(b"postgres") => &[5432],
        Some(b"redis-server") => &[6379],
        _ => &[],
    });
    ports.copied().collect()
}

/// Returns the web server that a container runs, and a task that sees the container's files. The server's configuration is
/// read in the container's merged view.
pub(super) fn server(engine: &mut Engine<'_>, container: &Container) -> Option<(Server, Task)> {
    let words = std::iter::once(&container.path).chain(&container.args);
    let name = words
        .flat_map(|word| word.split_whitespace())
        .filter_map(|word| path::file_name(word.as_bytes()))
        .find_map(|name| {
            Some(match name {
                b"nginx" => Kind::Nginx,
                b"httpd" | b"httpd-foreground" | b"apache2" | b"apachectl" | b"apache2ctl" => Kind::Apache,
                b"catalina.sh" => Kind::Tomcat,
                b"portainer" => Kind::Portainer,
                _ => return None,
            })
        })?;
    let root = engine.merged_of(&container.id).ok()?;
    let inside = Task::root().chrooted(root.as_str());
    let fixed = |name, root: &str, index: &str, port| Server {
        name,
        root: root.to_owned(),
        index: vec![index.to_owned()],
        log: Log::Nowhere,
        ports: vec![port],
    };
    let server = match name {
        Kind::Nginx => nginx(engine.kernel, &inside),
        Kind::Apache => apache(engine.kernel, &inside),
        // Its page is its image's own file; it compiles no pages.
        Kind::Tomcat => fixed("Apache Tomcat", "/usr/local/tomcat/webapps/ROOT", "index.jsp", 8080),
        Kind::Portainer => fixed("Portainer", "/public", "index.html", 9000),
    };
    Some((server, inside))
}

/// The servers that serve files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nginx,
    Apache,
    Tomcat,
    Portainer,
}

/// Reads nginx's configuration: `nginx.conf` with what it includes (nginx.org, "Configuration file's structure"). The lab
/// serves one site: of several `root` lines the first is used.
fn nginx(kernel: &mut dyn Kernel, inside: &Task) -> Server {
    let mut statements = Vec::new();
    let main = b"/etc/nginx/nginx.conf";
    for words in read(kernel, inside, main) {
        match &words[..] {
            [word, pattern] if word == "include" => {
                for file in included(kernel, inside, pattern) {
                    statements.extend(read(kernel, inside, &file));
                }
            }
            _ => statements.push(words),
        }
    }
    let all = |key: &str| {
        let of_key = statements.iter().filter(|words| words[0] == key);
        of_key.map(|words| words[1..].to_vec()).collect::<Vec<_>>()
    };
    let ports = all("listen").into_iter().filter_map(|words| words.first()?.rsplit(':').next()?.parse().ok());
    let mut ports: Vec<u16> = ports.collect();
    ports.dedup();
    let root = all("root").into_iter().flatten().next();
    let refuses = all("return").into_iter().flatten().next().is_some_and(|code| code == "404");
    // What nginx was built with, for a site that names no root.
    let root = root.unwrap_or_else(|| if refuses { "" } else { "/usr/share/nginx/html" }.to_owned());
    let index = all("index").into_iter().next().unwrap_or_else(|| vec!["index.html".to_owned()]);
    let file = all("access_log").into_iter().flatten().next();
    let log = match file.as_deref() {
        Some("off") => Log::Nowhere,
        file => log_of(kernel, inside, file.unwrap_or("/var/log/nginx/access.log")),
    };
    Server { name: "nginx/1.25.3", root, index, log, ports }
}

/// Reads Apache's configuration: `Listen`, `DocumentRoot` and `CustomLog` (httpd.apache.org, "Core features").
fn apache(kernel: &mut dyn Kernel, inside: &Task) -> Server {
    let there = APACHE.iter().find(|file| fs::exists(kernel, inside, file.as_bytes()));
    let text = there.and_then(|file| fs::read(kernel, inside, file.as_bytes()).ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let value = |key: &str| {
        let mut lines = text.lines().map(str::split_whitespace);
        let mut words =
            lines.find_map(|mut words| words.next().filter(|word| *word == key).and(Some(words)))?;
        Some(words.next()?.trim_matches('"').to_owned())
    };
    let port = value("Listen").and_then(|port| port.rsplit(':').next()?.parse().ok());
    let log = value("CustomLog").map_or(Log::Nowhere, |file| log_of(kernel, inside, &file));
    Server {
        name: "Apache/2.4.58 (Unix)",
        root: value("DocumentRoot").unwrap_or_else(|| "/usr/local/apache2/htdocs".to_owned()),
        index: vec!["index.html".to_owned()],
        log,
        ports: vec![port.unwrap_or(80)],
    }
}

/// Returns where a log is written. In Docker Hub's images the log file is a symbolic link to `/dev/stdout`.
fn log_of(kernel: &mut dyn Kernel, inside: &Task, file: &str) -> Log {
    let is_output =
        |file: &str| ["/dev/stdout", "/dev/stderr", "/proc/self/fd/1", "/proc/self/fd/2"].contains(&file);
    let target = kernel.readlink(inside, file.as_bytes()).map(|target| target.to_text());
    if is_output(file) || target.is_ok_and(|target| is_output(&target)) {
        return Log::Output;
    }
    Log::File(file.to_owned())
}

/// The statements of a file, as words; a block is the statements in it.
fn read(kernel: &mut dyn Kernel, inside: &Task, file: &[u8]) -> Vec<Vec<String>> {
    let text = fs::read(kernel, inside, file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let bare: Vec<&str> = text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    let bare = bare.join("\n");
    let statements = bare.split([';', '{', '}']);
    let words = statements.map(|statement| statement.split_whitespace().map(str::to_owned).collect());
    words.filter(|words: &Vec<String>| !words.is_empty()).collect()
}

/// The files that `include` names: one, or those of a directory, by name.
fn included(kernel: &mut dyn Kernel, inside: &Task, pattern: &str) -> Vec<Vec<u8>> {
    let Some((before, end)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let entries = fs::read_dir_sorted(kernel, inside, before.as_bytes()).unwrap_or_default();
    let files = entries.iter().filter(|entry| entry.name.as_bytes().ends_with(end.as_bytes()));
    files.map(|entry| path::join(before.as_bytes(), entry.name.as_bytes()).to_vec()).collect()
}
