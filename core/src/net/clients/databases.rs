//! The databases' own clients: whether a server is up (`pg_isready`, `mysqladmin ping`, as health checks ask). The lab runs no
//! SQL, and `psql` and `mysql` say so.
//!
//! Texts and statuses: PostgreSQL's page on pg_isready (0 accepting, 2 no response, 3 no attempt), MySQL's on mysqladmin.

use super::super::http::{Silence, connect};
use crate::kernel::ByteString;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAMS: [Program; 6] = [
    program("pg_isready", "tells whether a PostgreSQL server is up", pg_isready),
    program("psql", "the client of PostgreSQL", psql),
    program("mysqladmin", "tells whether a MySQL server is up", mysqladmin),
    program("mariadb-admin", "tells whether a MariaDB server is up", mysqladmin),
    program("mysql", "the client of MySQL", mysql),
    program("mariadb", "the client of MariaDB", mysql),
];

const fn program(
    name: &'static str,
    summary: &'static str,
    main: fn(&mut System<'_>, &mut Process) -> Flow,
) -> Program {
    Program { name, summary, scope: Scope::Service, main }
}

const POSTGRES_SOCKET: &str = "/var/run/postgresql";
const MYSQL_SOCKET: &str = "/var/run/mysqld/mysqld.sock";

const POSTGRES: &[Known] = &[
    (&["-h", "--host"], true),
    (&["-p", "--port"], true),
    (&["-U", "--username"], true),
    (&["-d", "--dbname"], true),
    (&["-t", "--timeout"], true),
    (&["-q", "--quiet"], false),
    (&["-V", "--version"], false),
    (&["-c", "--command"], true),
    (&["-f", "--file"], true),
    (&["-l", "--list"], false),
];

/// Connects to a server; an empty host is the container's own, by its socket.
fn reach(system: &mut System<'_>, process: &Process, host: &str, port: u16) -> Result<(), Silence> {
    let host = if host.is_empty() { "localhost" } else { host };
    connect(system, process, host, port).map(drop)
}

/// The options of a client of PostgreSQL, with its host and port; an error was told.
fn postgres(system: &mut System<'_>, process: &mut Process) -> Result<(Options, String, u16), Flow> {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let options = Options::read(&process.args, POSTGRES).map_err(|option| {
        process.complain(system, format!("Layerlab: {name} {option} is not in the lab\n"));
        Flow::Exit(3)
    })?;
    let from_env = |name: &str| process.env.get(name.as_bytes()).map(ByteString::to_text);
    let host = options.value("-h").map(str::to_owned).or_else(|| from_env("PGHOST")).unwrap_or_default();
    let port = options.value("-p").map(str::to_owned).or_else(|| from_env("PGPORT"));
    match port.as_deref().unwrap_or("5432").parse() {
        Ok(port) => Ok((options, host, port)),
        Err(_) => {
            let port = port.unwrap_or_default();
            process.complain(system, format!("{name}: error: invalid port number: \"{port}\"\n"));
            Err(Flow::Exit(3))
        }
    }
}

fn pg_isready(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (options, host, port) = match postgres(system, process) {
        Ok(read) => read,
        Err(flow) => return flow,
    };
    if options.has("-V") {
        process.print(system, "pg_isready (PostgreSQL) 16.1\n");
        return Flow::OK;
    }
    let result = reach(system, process, &host, port);
    if !options.has("-q") {
        let place = if host.is_empty() { POSTGRES_SOCKET } else { &host };
        let state = if result.is_ok() { "accepting connections" } else { "no response" };
        process.print(system, format!("{place}:{port} - {state}\n"));
    }
    Flow::Exit(if result.is_ok() { 0 } else { 2 })
}

fn psql(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (options, host, port) = match postgres(system, process) {
        Ok(read) => read,
        Err(flow) => return flow,
    };
    if options.has("-V") {
        process.print(system, "psql (PostgreSQL) 16.1\n");
        return Flow::OK;
    }
    let Err(silence) = reach(system, process, &host, port) else {
        return no_sql(system, process, "psql", "pg_isready");
    };
    let why = if host.is_empty() {
        format!(
            "connection to server on socket \"{POSTGRES_SOCKET}/.s.PGSQL.{port}\" failed: No such file or directory\n\tIs \
             the server running locally and accepting connections on that socket?"
        )
    } else {
        match silence {
            Silence::NoName => {
                format!("could not translate host name \"{host}\" to address: Name or service not known")
            }
            Silence::Refused(at) => format!(
                "connection to server at \"{host}\" ({at}), port {port} failed: Connection refused\n\tIs the server running \
                 on that host and accepting TCP/IP connections?"
            ),
            Silence::NoWay(at) | Silence::Beyond(at) | Silence::Reset(at) => {
                format!("connection to server at \"{host}\" ({at}), port {port} failed: No route to host")
            }
            Silence::Broken(why) => why,
        }
    };
    process.complain(system, format!("psql: error: {why}\n"));
    Flow::Exit(2)
}

/// The host that a client of MySQL asks, the others of its words; an empty host is the container's own.
fn mysql_words(process: &Process) -> (String, u16, Vec<String>) {
    let (mut host, mut port, mut rest) = (String::new(), 3306, Vec::new());
    let mut words = process.args.iter().skip(1).map(ByteString::to_text);
    while let Some(word) = words.next() {
        let value =
            |long: &str| word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')).map(str::to_owned);
        let (is_host, is_port) = (word == "-h" || word == "--host", word == "-P" || word == "--port");
        if is_host {
            host = words.next().unwrap_or_default();
        } else if is_port {
            port = words.next().and_then(|port| port.parse().ok()).unwrap_or(port);
        } else if let Some(value) = value("--host") {
            host = value;
        } else if let Some(value) = value("--port") {
            port = value.parse().unwrap_or(port);
        } else if let Some(short) = word.strip_prefix("-h").filter(|_| !word.starts_with("--")) {
            host = short.to_owned();
        } else if word == "-u" || word == "-e" {
            words.next();
            rest.push(word);
        } else {
            rest.push(word);
        }
    }
    if host == "localhost" {
        host.clear();
    }
    (host, port, rest)
}

/// MySQL's text for a server that does not answer, with the number of its error.
fn no_mysql(silence: Silence, host: &str, port: u16) -> (u16, String) {
    match silence {
        _ if host.is_empty() => {
            (2002, format!("Can't connect to local MySQL server through socket '{MYSQL_SOCKET}' (2)"))
        }
        Silence::NoName => (2005, format!("Unknown MySQL server host '{host}' (-2)")),
        Silence::Broken(why) => (2003, why),
        Silence::NoWay(_) | Silence::Beyond(_) => {
            (2003, format!("Can't connect to MySQL server on '{host}:{port}' (113)"))
        }
        Silence::Refused(_) | Silence::Reset(_) => {
            (2003, format!("Can't connect to MySQL server on '{host}:{port}' (111)"))
        }
    }
}

fn version(name: &str) -> &'static str {
    if name.starts_with("mysql") {
        "8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)"
    } else {
        "15.1 Distrib 11.2.2-MariaDB, for debian-linux-gnu (x86_64)"
    }
}

fn mysqladmin(system: &mut System<'_>, process: &mut Process) -> Flow {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let (host, port, words) = mysql_words(process);
    if words.iter().any(|word| word == "-V" || word == "--version") {
        process.print(system, format!("{name}  Ver {}\n", version(&name)));
        return Flow::OK;
    }
    if words.iter().rfind(|word| !word.starts_with('-')).map(String::as_str) != Some("ping") {
        process.complain(system, format!("Layerlab: the lab's {name} knows ping: {name} [-h HOST] ping\n"));
        return Flow::Exit(1);
    }
    let Err(silence) = reach(system, process, &host, port) else {
        process.print(system, "mysqld is alive\n");
        return Flow::OK;
    };
    let (_, why) = no_mysql(silence, &host, port);
    let (place, hint) = if host.is_empty() {
        ("localhost", format!("Check that mysqld is running and that the socket: '{MYSQL_SOCKET}' exists!\n"))
    } else {
        let hint = format!(
            "Check that mysqld is running on {host} and that the port is {port}.\nYou can check this by doing 'telnet {host} \
             {port}'\n"
        );
        (host.as_str(), hint)
    };
    process
        .complain(system, format!("{name}: connect to server at '{place}' failed\nerror: '{why}'\n{hint}"));
    Flow::Exit(1)
}

fn mysql(system: &mut System<'_>, process: &mut Process) -> Flow {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let (host, port, words) = mysql_words(process);
    if words.iter().any(|word| word == "-V" || word == "--version") {
        process.print(system, format!("{name}  Ver {}\n", version(&name)));
        return Flow::OK;
    }
    match reach(system, process, &host, port) {
        Ok(()) => no_sql(
            system,
            process,
            &name,
            if name == "mysql" { "mysqladmin ping" } else { "mariadb-admin ping" },
        ),
        Err(silence) => {
            let (number, why) = no_mysql(silence, &host, port);
            process.complain(system, format!("ERROR {number} (HY000): {why}\n"));
            Flow::Exit(1)
        }
    }
}

fn no_sql(system: &mut System<'_>, process: &mut Process, name: &str, instead: &str) -> Flow {
    process.complain(
        system,
        format!("Layerlab: {name} reaches the server, but the lab runs no SQL; {instead} tells whether the server is up\n"),
    );
    Flow::Exit(1)
}
