//! The services inside the hub's images: what a container's main process does to its file system.

mod init;
mod registry;
mod servers;
mod serving;

pub use serving::jobs;

use crate::kernel::{Errno, Task, fs};
use crate::program::{Flow, Process, Program, Scope, System};

/// The programs that service files are marked as.
pub fn programs() -> Vec<Program> {
    let service = |name, summary, main| Program { name, summary, scope: Scope::Service, main };
    let own = [
        service("nginx", "a web server that makes its directories and stays up", nginx),
        service("docker-init", "starts a container's program and passes signals on", init::main),
        service("hello-world", "says hello", hello_world),
    ];
    own.into_iter().chain(servers::programs()).collect()
}

/// What nginx leaves in a container's writable layer when it starts: its temporary directories and its pid file.
const NGINX_DIRS: &[&str] = &["client_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp"];

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

fn nginx_files(system: &mut System<'_>, task: &Task) -> Result<(), (String, Errno)> {
    for name in NGINX_DIRS {
        let dir = format!("/var/cache/nginx/{name}");
        match system.kernel.mkdir(task, dir.as_bytes(), 0o700) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err((dir, error)),
        }
    }
    let pid = "/run/nginx.pid";
    fs::write(system.kernel, task, pid.as_bytes(), b"1\n", 0o644).map_err(|error| (pid.into(), error))
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
