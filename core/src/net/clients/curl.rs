//! `curl`: one request, its answer on standard output.

use super::super::BEYOND;
use super::super::http::{Silence, Url, fetch};
use super::super::web::Answer;
use crate::kernel::{fs, path};
use crate::options::{Known, Options};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "curl", summary: "ask a web server", scope: Scope::Everywhere, main: curl };

const KNOWN: &[Known] = &[
    (&["-s", "--silent"], false),
    (&["-S", "--show-error"], false),
    (&["-f", "--fail"], false),
    (&["-I", "--head"], false),
    (&["-i", "--include"], false),
    (&["-L", "--location"], false),
    (&["-O", "--remote-name"], false),
    (&["-o", "--output"], true),
    (&["-X", "--request"], true),
    (&["-A", "--user-agent"], true),
    (&["-m", "--max-time"], true),
    (&["-w", "--write-out"], true),
    (&["--connect-timeout"], true),
    (&["-4", "--ipv4"], false),
    (&["-6", "--ipv6"], false),
    (&["-V", "--version"], false),
];
const AGENT: &str = "curl/7.88.1";
/// How often `-L` follows.
const MOST_REDIRECTS: usize = 50;

fn curl(system: &mut System<'_>, process: &mut Process) -> Flow {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(name) => {
            process.complain(
                system,
                format!(
                    "curl: option {name}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n\
                     Layerlab: the lab's curl takes -s -S -f -I -i -L -O -o -X -A -m -w\n"
                ),
            );
            return Flow::Exit(2);
        }
    };
    if options.has("-V") {
        process.print(system, "curl 7.88.1 (a stand-in made by Layerlab)\nProtocols: http\n");
        return Flow::OK;
    }
    if options.operands.is_empty() {
        process.complain(
            system,
            "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        );
        return Flow::Exit(2);
    }
    let mut status = 0;
    for text in options.operands.clone() {
        status = one(system, process, &options, &text);
    }
    Flow::Exit(status)
}

fn one(system: &mut System<'_>, process: &mut Process, options: &Options, text: &str) -> u8 {
    let quiet = options.has("-s") && !options.has("-S");
    let say = |system: &mut System<'_>, process: &mut Process, why: &str| {
        if !quiet {
            process.complain(system, format!("curl: {why}\n"));
        }
    };
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(Some(scheme)) => {
            say(system, process, &format!("(1) Protocol \"{scheme}\" not supported or disabled in libcurl"));
            return 1;
        }
        Err(None) => {
            say(system, process, "(3) URL using bad/illegal format or missing URL");
            return 3;
        }
    };
    let method = options.value("-X").unwrap_or(if options.has("-I") { "HEAD" } else { "GET" }).to_owned();
    let agent = options.value("-A").unwrap_or(AGENT).to_owned();
    for _ in 0..MOST_REDIRECTS {
        let answer = match fetch(system, process, &url, &method, &agent) {
            Ok((_, answer)) if url.secure => {
                let _ = answer;
                say(system, process, "(35) OpenSSL: the server does not speak TLS");
                return 35;
            }
            Ok((_, answer)) => answer,
            Err(silence) => return silent(system, process, &url, &silence, quiet),
        };
        let target = answer.headers.iter().find(|(name, _)| *name == "Location").map(|(_, to)| to.clone());
        if let Some(to) = target.filter(|_| options.has("-L")) {
            url.path = to;
            continue;
        }
        return show(system, process, options, &url, &answer);
    }
    say(system, process, "(47) Maximum (50) redirects followed");
    47
}

fn show(system: &mut System<'_>, process: &mut Process, options: &Options, url: &Url, answer: &Answer) -> u8 {
    if options.has("-f") && answer.status >= 400 {
        if !options.has("-s") || options.has("-S") {
            let why = format!("curl: (22) The requested URL returned error: {}\n", answer.status);
            process.complain(system, why);
        }
        return 22;
    }
    let mut out = Vec::new();
    if options.has("-I") || options.has("-i") {
        out.extend(format!("HTTP/1.1 {} {}\r\n", answer.status, answer.reason).bytes());
        for (name, value) in &answer.headers {
            out.extend(format!("{name}: {value}\r\n").bytes());
        }
        out.extend(b"\r\n");
    }
    if !options.has("-I") {
        out.extend(&answer.body);
    }
    let named = options.has("-O").then(|| url.path.rsplit('/').next().unwrap_or_default().to_owned());
    match options.value("-o").map(str::to_owned).or(named).filter(|file| file != "-") {
        Some(file) if file.is_empty() => {
            process.complain(system, "curl: Remote file name has no length!\n");
            return 23;
        }
        Some(file) => {
            let at = path::join(&process.task.cwd, file.as_bytes());
            let task = process.task.clone();
            if let Err(errno) = fs::write(system.kernel, &task, &at, &out, 0o644) {
                let why = format!("curl: (23) Failure writing output to destination: {}\n", errno.text());
                process.complain(system, why);
                return 23;
            }
        }
        None => process.print(system, out),
    }
    if let Some(form) = options.value("-w") {
        let text = form
            .replace("%{http_code}", &answer.status.to_string())
            .replace("%{response_code}", &answer.status.to_string())
            .replace("%{size_download}", &answer.body.len().to_string())
            .replace("\\n", "\n");
        process.print(system, text);
    }
    0
}

/// What the script would do, for those who cannot fetch it.
const MIRROR_SCRIPT: &str = "Layerlab: there is no network beyond the lab; the script would write {\"registry-mirrors\": \
                             [\"ADDRESS\"]} to /etc/docker/daemon.json: write that yourself, then systemctl restart docker\n";

fn silent(system: &mut System<'_>, process: &mut Process, url: &Url, silence: &Silence, quiet: bool) -> u8 {
    let (host, port) = (&url.host, url.port);
    let (status, why) = match silence {
        Silence::NoName => (6, format!("(6) Could not resolve host: {host}")),
        Silence::Refused(_) => {
            (7, format!("(7) Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"))
        }
        Silence::Reset(_) => (56, "(56) Recv failure: Connection reset by peer".to_owned()),
        Silence::NoWay(_) => {
            (7, format!("(7) Failed to connect to {host} port {port} after 3000 ms: No route to host"))
        }
        Silence::Beyond(_) => {
            (7, format!("(7) Failed to connect to {host} port {port} after 0 ms: Network is unreachable"))
        }
        Silence::Broken(why) => (1, why.clone()),
    };
    if !quiet {
        process.complain(system, format!("curl: {why}\n"));
    }
    if matches!(silence, Silence::NoName | Silence::Beyond(_)) {
        // Tutorials fetch this script and let a shell run it unread.
        let is_mirror_script = url.path.ends_with("/set_mirror.sh");
        process.complain(system, if is_mirror_script { MIRROR_SCRIPT } else { BEYOND });
    }
    status
}
