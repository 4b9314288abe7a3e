//! `curl`: one request, its answer on standard output.

use super::super::BEYOND;
use super::super::http::{Sending, Silence, Url, fetch};
use super::super::web::Answer;
use crate::kernel::{base64_encode, fs, path};
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
    (&["-H", "--header"], true),
    (&["-d", "--data", "--data-ascii"], true),
    (&["--data-binary"], true),
    (&["--data-raw"], true),
    (&["-T", "--upload-file"], true),
    (&["-u", "--user"], true),
    (&["-r", "--range"], true),
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
                     Layerlab: the lab's curl takes -s -S -f -I -i -L -O -o -X -A -H -d -T -u -r -m -w\n"
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
    let sending = match sending(system, process, options) {
        Ok(sending) => sending,
        Err((status, why)) => {
            say(system, process, &why);
            return status;
        }
    };
    for _ in 0..MOST_REDIRECTS {
        let answer = match fetch(system, process, &url, &sending) {
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
            match Url::parse(&to) {
                Ok(other) if to.contains("://") => url = other,
                _ => url.path = to,
            }
            continue;
        }
        return show(system, process, options, &url, &answer);
    }
    say(system, process, "(47) Maximum (50) redirects followed");
    47
}

/// The method, the headers and the body that the options make.
fn sending(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
) -> Result<Sending, (u8, String)> {
    let mut body: Option<Vec<u8>> = None;
    for name in ["-d", "--data-binary", "--data-raw"] {
        for value in options.values(name) {
            let mut piece = match value.strip_prefix('@').filter(|_| name != "--data-raw") {
                Some(file) => file_or_input(system, process, file)?,
                None => value.as_bytes().to_vec(),
            };
            if name == "-d" && value.starts_with('@') {
                piece.retain(|byte| !matches!(byte, b'\r' | b'\n'));
            }
            match &mut body {
                Some(body) => {
                    body.push(b'&');
                    body.append(&mut piece);
                }
                None => body = Some(piece),
            }
        }
    }
    let mut headers: Vec<(String, String)> = options
        .values("-H")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let given = |headers: &[(String, String)], wanted: &str| {
        headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    let mut method = if options.has("-I") { "HEAD" } else { "GET" };
    if body.is_some() {
        method = "POST";
        if !given(&headers, "Content-Type") {
            headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
    }
    if let Some(file) = options.value("-T") {
        method = "PUT";
        body = Some(file_or_input(system, process, file)?);
    }
    if let Some(user) = options.value("-u") {
        headers.push(("Authorization".to_owned(), format!("Basic {}", base64_encode(user.as_bytes()))));
    }
    if let Some(range) = options.value("-r") {
        headers.push(("Range".to_owned(), format!("bytes={range}")));
    }
    // A header without a value is one that is not sent.
    headers.retain(|(_, value)| !value.is_empty());
    let method = options.value("-X").unwrap_or(method).to_owned();
    let agent = options.value("-A").unwrap_or(AGENT).to_owned();
    Ok(Sending { method, agent, headers, body: body.unwrap_or_default() })
}

fn file_or_input(
    system: &mut System<'_>,
    process: &mut Process,
    file: &str,
) -> Result<Vec<u8>, (u8, String)> {
    if file == "-" {
        return Ok(process.stdin.read_to_end(system).unwrap_or_default());
    }
    let at = path::join(&process.task.cwd, file.as_bytes());
    let read = fs::read(system.kernel, &process.task.clone(), &at);
    read.map(|bytes| bytes.to_vec()).map_err(|_| (26, format!("(26) Failed to open {file}")))
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
