//! Servers of the hub's images, as rows of one table: what each checks, makes and prints before it listens.
//!
//! A row says what a learner can see of the real server in its container: the files that it writes, the first lines of its
//! log, the port. The rest of each server is not in the lab.

use crate::kernel::{ByteString, Errno, Task, fs};
use crate::program::{Flow, Input, Process, Program, Scope, System};

/// A server, or the runtime that starts one.
struct Server {
    /// Arguments that ask for its version.
    version_flags: &'static [&'static str],
    /// What it answers to them.
    version: &'static str,
    /// The environment variable with the image's version, and the version in `version` that it replaces.
    version_from: Option<(&'static str, &'static str)>,
    /// It serves only where one of its arguments holds this; empty: always.
    serves_if: &'static str,
    /// What must be there, else it ends with the message and status 1.
    needs: &'static [(&'static str, &'static str)],
    /// Directories that it makes.
    dirs: &'static [(&'static str, u32)],
    /// Files that it writes.
    files: &'static [(&'static str, &'static str)],
    /// What it prints when it is up.
    log: &'static str,
}

const NONE: Server = Server {
    version_flags: &["--version", "-v", "-V"],
    version: "",
    version_from: None,
    serves_if: "",
    needs: &[],
    dirs: &[],
    files: &[],
    log: "",
};

static HTTPD: Server = Server {
    version: "Server version: Apache/2.4.58 (Unix)\n",
    version_flags: &["-v", "-V"],
    needs: &[(
        "/usr/local/apache2/conf/httpd.conf",
        "httpd: Could not open configuration file /usr/local/apache2/conf/httpd.conf: No such file or directory\n",
    )],
    dirs: &[("/usr/local/apache2/logs", 0o755)],
    files: &[("/usr/local/apache2/logs/httpd.pid", "1\n")],
    log: "AH00558: httpd: Could not reliably determine the server's fully qualified domain name. Set the 'ServerName' \
          directive globally to suppress this message\n\
          [mpm_event:notice] [pid 1] AH00489: Apache/2.4.58 (Unix) configured -- resuming normal operations\n\
          [core:notice] [pid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n",
    ..NONE
};

/// Apache as distributions package it: the configuration file that shows which one it is, and its pid file.
static PACKAGED: &[(&str, Server)] = &[
    ("/etc/apache2/apache2.conf", Server { files: &[("/run/apache2/apache2.pid", "1\n")], ..APACHE }),
    ("/etc/apache2/httpd.conf", Server { files: &[("/run/apache2/httpd.pid", "1\n")], ..APACHE }),
    ("/etc/httpd/conf/httpd.conf", Server { files: &[("/run/httpd/httpd.pid", "1\n")], ..APACHE }),
];

const APACHE: Server = Server {
    version: "Server version: Apache/2.4.58 (Unix)\n",
    version_flags: &["-v", "-V"],
    log: "AH00558: apache2: Could not reliably determine the server's fully qualified domain name. Set the 'ServerName' \
          directive globally to suppress this message\n",
    ..NONE
};

static REDIS: Server = Server {
    version: "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n",
    log: "1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n\
          1:C * Redis version=7.2.4, bits=64, commit=00000000, modified=0, pid=1, just started\n\
          1:C # Warning: no config file specified, using the default config. In order to specify a config file use \
          redis-server /path/to/redis.conf\n\
          1:M * Running mode=standalone, port=6379.\n\
          1:M * Server initialized\n\
          1:M * Ready to accept connections tcp\n",
    ..NONE
};

static MYSQLD: Server = Server {
    version: "mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)\n",
    dirs: &[
        ("/var/lib/mysql/mysql", 0o750),
        ("/var/lib/mysql/performance_schema", 0o750),
        ("/var/lib/mysql/sys", 0o750),
    ],
    files: &[
        ("/var/lib/mysql/ibdata1", "InnoDB system tablespace (a stand-in made by Layerlab)\n"),
        ("/var/lib/mysql/ib_buffer_pool", "0,0\n"),
        ("/var/lib/mysql/auto.cnf", "[auto]\nserver-uuid=00000000-0000-0000-0000-000000000001\n"),
        ("/var/run/mysqld/mysqld.pid", "1\n"),
    ],
    log: "0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 1\n\
          1 [System] [MY-013576] [InnoDB] InnoDB initialization has started.\n\
          1 [System] [MY-013577] [InnoDB] InnoDB initialization has ended.\n\
          0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.36'  socket: \
          '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.\n",
    ..NONE
};

static MARIADBD: Server = Server {
    version: "mariadbd  Ver 11.2.2-MariaDB-1:11.2.2+maria~ubu2204 for debian-linux-gnu on x86_64\n",
    dirs: &[("/var/lib/mysql/mysql", 0o700), ("/var/lib/mysql/performance_schema", 0o700)],
    files: &[
        ("/var/lib/mysql/ibdata1", "InnoDB system tablespace (a stand-in made by Layerlab)\n"),
        ("/var/lib/mysql/aria_log_control", "\n"),
        ("/run/mysqld/mysqld.pid", "1\n"),
    ],
    log: "0 [Note] Starting MariaDB 11.2.2-MariaDB-1:11.2.2+maria~ubu2204 as process 1\n\
          0 [Note] InnoDB: Initializing buffer pool, total size = 128.000MiB, chunk size = 2.000MiB\n\
          0 [Note] Server socket created on IP: '0.0.0.0'.\n\
          0 [Note] mariadbd: ready for connections.\n",
    ..NONE
};

static POSTGRES: Server = Server {
    version: "postgres (PostgreSQL) 16.1\n",
    dirs: &[
        ("/var/lib/postgresql/data/base", 0o700),
        ("/var/lib/postgresql/data/global", 0o700),
        ("/var/lib/postgresql/data/pg_wal", 0o700),
    ],
    files: &[
        ("/var/lib/postgresql/data/PG_VERSION", "16\n"),
        ("/var/lib/postgresql/data/postgresql.conf", "listen_addresses = '*'\nport = 5432\n"),
        ("/var/lib/postgresql/data/postmaster.pid", "1\n/var/lib/postgresql/data\n"),
    ],
    log: "LOG:  starting PostgreSQL 16.1 (Debian 16.1-1.pgdg120+1) on x86_64-pc-linux-gnu, 64-bit\n\
          LOG:  listening on IPv4 address \"0.0.0.0\", port 5432\n\
          LOG:  listening on Unix socket \"/var/run/postgresql/.s.PGSQL.5432\"\n\
          LOG:  database system is ready to accept connections\n",
    ..NONE
};

static JAVA: Server = Server {
    version_flags: &["-version", "--version"],
    version: "openjdk 17.0.9 2023-10-17\nOpenJDK Runtime Environment Temurin-17.0.9+9 (build 17.0.9+9)\n",
    serves_if: "org.apache.catalina.startup.Bootstrap",
    needs: &[(
        "/usr/local/tomcat/conf/server.xml",
        "SEVERE [main] org.apache.catalina.startup.Catalina.load Unable to load server configuration from \
         [/usr/local/tomcat/conf/server.xml]\n",
    )],
    dirs: &[("/usr/local/tomcat/logs", 0o755), ("/usr/local/tomcat/work/Catalina/localhost", 0o755)],
    files: &[("/usr/local/tomcat/logs/catalina.log", "Server startup\n")],
    version_from: None,
    log: "INFO [main] org.apache.catalina.startup.VersionLoggerListener.log Server version name:   Apache Tomcat\n\
          INFO [main] org.apache.coyote.AbstractProtocol.init Initializing ProtocolHandler [\"http-nio-8080\"]\n\
          INFO [main] org.apache.catalina.core.StandardService.startInternal Starting service [Catalina]\n\
          INFO [main] org.apache.coyote.AbstractProtocol.start Starting ProtocolHandler [\"http-nio-8080\"]\n\
          INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [412] milliseconds\n",
};

static PORTAINER: Server = Server {
    version: "2.19.4\n",
    dirs: &[("/data/bin", 0o700), ("/data/certs", 0o700), ("/data/compose", 0o700), ("/data/tls", 0o700)],
    files: &[("/data/portainer.db", "a stand-in made by Layerlab\n")],
    log: "INF github.com/portainer/portainer/api/http/server.go > starting HTTPS server | bind_address=:9443\n\
          INF github.com/portainer/portainer/api/http/server.go > starting HTTP server | bind_address=:9000\n",
    ..NONE
};

/// A language's runtime tells its version; it runs no code, and says so.
static NODE: Server = Server {
    version: "v20.11.0\n",
    version_from: Some(("NODE_VERSION", "20.11.0")),
    serves_if: "\0",
    ..NONE
};
static PYTHON: Server = Server {
    version: "Python 3.12.1\n",
    version_from: Some(("PYTHON_VERSION", "3.12.1")),
    serves_if: "\0",
    ..NONE
};
static GO: Server = Server {
    version_flags: &["version"],
    version: "go version go1.21.6 linux/amd64\n",
    serves_if: "\0",
    ..NONE
};

/// The programs that the hub's service files are marked as.
pub(super) fn programs() -> impl Iterator<Item = Program> {
    let service = |name, summary, main| Program { name, summary, scope: Scope::Service, main };
    [
        service("httpd", "the Apache web server", apache),
        service("apache2", "the Apache web server of Debian", apache),
        service("apachectl", "starts the Apache web server", apache),
        service("apache2ctl", "starts the Apache web server of Debian", apache),
        service("redis-server", "the Redis server", |s, p| serve(&REDIS, s, p)),
        service("mysqld", "the MySQL server", |s, p| serve(&MYSQLD, s, p)),
        service("mariadbd", "the MariaDB server", |s, p| serve(&MARIADBD, s, p)),
        service("postgres", "the PostgreSQL server", |s, p| serve(&POSTGRES, s, p)),
        service("java", "runs Tomcat", |s, p| serve(&JAVA, s, p)),
        service("portainer", "the Portainer server", |s, p| serve(&PORTAINER, s, p)),
        service("registry", "the registry's server", super::registry::main),
        service("node", "tells Node's version", |s, p| interpret(&NODE, s, p)),
        service("python3", "tells Python's version", |s, p| interpret(&PYTHON, s, p)),
        service("go", "tells Go's version", |s, p| serve(&GO, s, p)),
    ]
    .into_iter()
}

/// Runs Apache as it is installed. Without `FOREGROUND` (`-D FOREGROUND`) the first process ends once its child runs, and the
/// container with it.
fn apache(system: &mut System<'_>, process: &mut Process) -> Flow {
    let task = process.task.clone();
    let packaged = PACKAGED.iter().find(|(file, _)| fs::exists(system.kernel, &task, file.as_bytes()));
    let Some((_, server)) = packaged else { return serve(&HTTPD, system, process) };
    let stays = process.args.iter().any(|arg| arg.as_bytes().ends_with(b"FOREGROUND"));
    match serve(server, system, process) {
        Flow::Exit(status) => Flow::Exit(status),
        _ if !stays => Flow::OK,
        Flow::GoesOn => Flow::GoesOn,
    }
}

/// An interpreter reads its program from standard input where none is named; with nothing there it ends at once.
fn interpret(server: &Server, system: &mut System<'_>, process: &mut Process) -> Flow {
    if process.args.len() == 1 && process.stdin == Input::EMPTY {
        return Flow::OK;
    }
    serve(server, system, process)
}

fn serve(server: &Server, system: &mut System<'_>, process: &mut Process) -> Flow {
    let asked = process.args.get(1).map(ByteString::to_text).unwrap_or_default();
    if server.version_flags.contains(&asked.as_str()) {
        let set = server
            .version_from
            .and_then(|(name, version)| Some((version, process.env.get(name.as_bytes())?.to_text())));
        let text = set.map_or_else(
            || server.version.to_owned(),
            |(version, own)| server.version.replace(version, &own),
        );
        process.print(system, text);
        return Flow::OK;
    }
    if server.serves_if.is_empty() && process.args.iter().skip(1).any(|arg| *arg == "--help") {
        let name = String::from_utf8_lossy(process.name()).into_owned();
        let flag = server.version_flags[0];
        process.complain(
            system,
            format!(
                "Layerlab: {name} has no help in the lab: it serves, and `{name} {flag}` is what it answers\n"
            ),
        );
        return Flow::Exit(1);
    }
    let wanted = server.serves_if.as_bytes();
    let serves = wanted.is_empty()
        || process.args.iter().any(|arg| arg.windows(wanted.len()).any(|part| part == wanted));
    if !serves {
        let name = String::from_utf8_lossy(process.name()).into_owned();
        let flag = server.version_flags[0];
        process.complain(
            system,
            format!("Layerlab: {name} runs no code in the lab; `{name} {flag}` is what it answers\n"),
        );
        return Flow::Exit(126);
    }
    let task = process.task.clone();
    for (path, message) in server.needs {
        if !fs::exists(system.kernel, &task, path.as_bytes()) {
            process.complain(system, message);
            return Flow::Exit(1);
        }
    }
    if let Err((path, error)) = files(server, system, &task) {
        let name = String::from_utf8_lossy(process.name()).into_owned();
        process.complain(system, format!("{name}: cannot write {path}: {error}\n"));
        return Flow::Exit(1);
    }
    process.complain(system, server.log);
    super::serving::serve(system)
}

/// Makes what the server leaves in its container; what is there already, in a volume, stays.
fn files(server: &Server, system: &mut System<'_>, task: &Task) -> Result<(), (&'static str, Errno)> {
    for (dir, mode) in server.dirs {
        fs::mkdir_all(system.kernel, task, dir.as_bytes(), *mode).map_err(|error| (*dir, error))?;
    }
    for (path, text) in server.files {
        if !fs::exists(system.kernel, task, path.as_bytes()) {
            fs::write(system.kernel, task, path.as_bytes(), text.as_bytes(), 0o644)
                .map_err(|error| (*path, error))?;
        }
    }
    Ok(())
}
