//! The services inside the hub's images: what a container's main process does to its file system.

mod init;
mod redis;
mod registry;
mod servers;
mod serving;

pub use serving::jobs;

use crate::kernel::{ByteString, Errno, Task, fs};
use crate::oci::time;
use crate::program::{Flow, Process, Program, Scope, System, signals, to_timespec};

/// The programs that service files are marked as.
pub fn programs() -> Vec<Program> {
    let service = |name, summary, main| Program { name, summary, scope: Scope::Service, main };
    let own = [
        service("nginx", "a web server that makes its directories and stays up", nginx),
        service("docker-init", "starts a container's program and passes signals on", init::main),
        service("redis-cli", "asks the Redis server of its container", redis::main),
        service("hello-world", "says hello", hello_world),
    ];
    own.into_iter().chain(servers::programs()).collect()
}

/// Where nginx puts its temporary directories, and their names: in Docker's image, in the packages of CentOS and Alpine, in
/// Debian's. The first that is there is taken.
const NGINX_TEMP: &[(&str, &[&str])] = &[
    ("/var/cache/nginx", &["client_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp"]),
    ("/var/lib/nginx/tmp", &["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]),
    ("/var/lib/nginx", &["body", "proxy", "fastcgi", "uwsgi", "scgi"]),
];

const NGINX_PID: &str = "/run/nginx.pid";
/// `SIGHUP`: a server reads its settings again.
const HUP: u8 = 1;
/// `SIGUSR1`: it opens its logs again.
const USR1: u8 = 10;

fn nginx(system: &mut System<'_>, process: &mut Process) -> Flow {
    let has = |flag: &[u8]| process.args.iter().any(|arg| arg.as_bytes() == flag);
    if has(b"-v") || has(b"-V") {
        process.complain(system, "nginx version: nginx/1.25.3\n");
        return Flow::OK;
    }
    if has(b"-t") {
        process.complain(
            system,
            "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
             nginx: configuration file /etc/nginx/nginx.conf test is successful\n",
        );
        return Flow::OK;
    }
    if let Some(at) = process.args.iter().position(|arg| *arg == "-s") {
        return nginx_signal(system, process, at);
    }
    let task = process.task.clone();
    if !fs::exists(system.kernel, &task, b"/etc/nginx/nginx.conf") {
        process.complain(
            system,
            "nginx: [emerg] open() \"/etc/nginx/nginx.conf\" failed (2: No such file or directory)\n",
        );
        return Flow::Exit(1);
    }
    if let Err((path, error)) = nginx_files(system, &task) {
        process.complain(system, format!("nginx: [emerg] \"{path}\" failed ({}: {error})\n", error.raw()));
        return Flow::Exit(1);
    }
    // Without `daemon off;` the first process ends once its child runs, and the container with it.
    if process.args.iter().any(|arg| arg.as_bytes().windows(10).any(|w| w == b"daemon off")) {
        serving::serve(system)
    } else {
        Flow::OK
    }
}

/// `nginx -s WORD`: a signal to the server whose number the pid file has.
fn nginx_signal(system: &mut System<'_>, process: &mut Process, at: usize) -> Flow {
    let word = process.args.get(at + 1).map(ByteString::to_text);
    let signal = match word.as_deref() {
        Some("stop") => signals::TERM,
        Some("quit") => signals::QUIT,
        Some("reload") => HUP,
        Some("reopen") => USR1,
        Some(other) => {
            process.complain(system, format!("nginx: invalid option: \"-s {other}\"\n"));
            return Flow::Exit(1);
        }
        None => {
            process.complain(system, "nginx: option \"-s\" requires parameter\n");
            return Flow::Exit(1);
        }
    };
    let file = fs::read(system.kernel, &process.task, NGINX_PID.as_bytes());
    let number = match file {
        Ok(text) => String::from_utf8_lossy(&text).trim().parse::<u32>().unwrap_or_default(),
        Err(errno) => {
            let why = format!("({}: {})", errno.raw(), errno.text());
            process.complain(system, format!("nginx: [error] open() \"{NGINX_PID}\" failed {why}\n"));
            return Flow::Exit(1);
        }
    };
    let Some(pid) = system.world.tasks.find(&process.place, number) else {
        let text = format!("nginx: [error] kill({number}, {signal}) failed (3: No such process)\n");
        process.complain(system, text);
        return Flow::Exit(1);
    };
    let own = system.world.tasks.get(system.current).map_or(0, |row| row.inner);
    let now = time::format(to_timespec(system.now()));
    let (day, clock) =
        (now.get(..10).unwrap_or_default().replace('-', "/"), now.get(11..19).unwrap_or_default());
    process.complain(system, format!("{day} {clock} [notice] {own}#{own}: signal process started\n"));
    system.signal(pid, signal);
    Flow::OK
}

fn nginx_files(system: &mut System<'_>, task: &Task) -> Result<(), (String, Errno)> {
    let there = NGINX_TEMP.iter().find(|(dir, _)| fs::exists(system.kernel, task, dir.as_bytes()));
    let (base, names) = there.unwrap_or(&NGINX_TEMP[0]);
    for name in *names {
        let dir = format!("{base}/{name}");
        match system.kernel.mkdir(task, dir.as_bytes(), 0o700) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err((dir, error)),
        }
    }
    let own = system.world.tasks.get(system.current).map_or(1, |row| row.inner);
    let text = format!("{own}\n");
    fs::write(system.kernel, task, NGINX_PID.as_bytes(), text.as_bytes(), 0o644)
        .map_err(|error| (NGINX_PID.into(), error))
}

fn hello_world(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.print(
        system,
        "\nHello from Docker, as Layerlab models it!\n\
         This message shows that an image was found, a container made on top of its one layer, and its program run.\n\n\
         Try something more:\n  docker run -it busybox sh\n\n",
    );
    Flow::OK
}
