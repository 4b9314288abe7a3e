//! `wget`: one request, its answer in a file.

use super::super::BEYOND;
use super::super::http::{Sending, Silence, Url, fetch};
use crate::kernel::{fs, path};
use crate::options::{Known, Options};
use crate::program::{Flavour, Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "wget", summary: "fetch a file from a web server", scope: Scope::Everywhere, main: wget };

const KNOWN: &[Known] = &[
    (&["-q", "--quiet"], false),
    (&["-O", "--output-document"], true),
    (&["-S", "--server-response"], false),
    (&["-T", "--timeout"], true),
    (&["-P", "--directory-prefix"], true),
    (&["-U", "--user-agent"], true),
    (&["-t", "--tries"], true),
    (&["--spider"], false),
    (&["-c", "--continue"], false),
];

fn wget(system: &mut System<'_>, process: &mut Process) -> Flow {
    let busybox = process.flavour == Flavour::Busybox;
    let usage = if busybox { 1 } else { 2 };
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => {
            process.complain(system, "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n");
            return Flow::Exit(usage);
        }
        Err(name) => {
            let text = format!(
                "wget: unrecognized option '{name}'\nLayerlab: the lab's wget takes -q -O -S -T -P -U -t --spider\n"
            );
            process.complain(system, text);
            return Flow::Exit(usage);
        }
    };
    let mut status = 0;
    for text in options.operands.clone() {
        status = one(system, process, &options, &text);
        if status != 0 {
            break;
        }
    }
    Flow::Exit(status)
}

fn one(system: &mut System<'_>, process: &mut Process, options: &Options, text: &str) -> u8 {
    let busybox = process.flavour == Flavour::Busybox;
    let quiet = options.has("-q");
    let Ok(mut url) = Url::parse(text) else {
        process.complain(system, format!("wget: not an http or ftp url: {text}\n"));
        return 1;
    };
    let agent = options.value("-U").unwrap_or(if busybox { "Wget" } else { "Wget/1.21.3" }).to_owned();
    let method = if options.has("--spider") { "HEAD" } else { "GET" };
    let sending = Sending::plain(method, &agent);
    let mut answered = fetch(system, process, &url, &sending);
    if let Ok((_, answer)) = &answered
        && let Some((_, to)) = answer.headers.iter().find(|(name, _)| *name == "Location")
    {
        url.path.clone_from(to);
        answered = fetch(system, process, &url, &sending);
    }
    let (address, answer) = match answered {
        Ok(answered) => answered,
        Err(silence) => return silent(system, process, &url, &silence, quiet),
    };
    let Url { host, port, .. } = &url;
    if !quiet && busybox {
        process.complain(
            system,
            format!("Connecting to {host}:{port} ({address}:{port})\n")
                .replace(&format!("{host}:{port} "), &format!("{host} ")),
        );
    } else if !quiet {
        let line = format!(
            "Connecting to {host} ({host})|{address}|:{port}... connected.\nHTTP request sent, awaiting response... {} {}\n",
            answer.status, answer.reason
        );
        process.complain(system, line);
    }
    if options.has("-S") {
        let mut text = format!("  HTTP/1.1 {} {}\n", answer.status, answer.reason);
        for (name, value) in &answer.headers {
            text.push_str(&format!("  {name}: {value}\n"));
        }
        process.complain(system, text);
    }
    if answer.status >= 400 {
        let (status, text) = if busybox {
            (1, format!("wget: server returned error: HTTP/1.1 {} {}\n", answer.status, answer.reason))
        } else {
            (8, format!("ERROR {}: {}.\n", answer.status, answer.reason))
        };
        if busybox || !quiet {
            process.complain(system, text);
        }
        return status;
    }
    if options.has("--spider") {
        if !quiet {
            process.complain(system, if busybox { "remote file exists\n" } else { "Remote file exists.\n" });
        }
        return 0;
    }
    save(system, process, options, &url, &answer.body)
}

fn save(system: &mut System<'_>, process: &mut Process, options: &Options, url: &Url, body: &[u8]) -> u8 {
    let quiet = options.has("-q");
    let busybox = process.flavour == Flavour::Busybox;
    let last = url.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let last = if last.is_empty() { "index.html" } else { last };
    let file = match options.value("-O") {
        Some("-") => {
            process.print(system, body);
            return 0;
        }
        Some(file) => file.to_owned(),
        None => match options.value("-P") {
            Some(dir) => format!("{dir}/{last}"),
            None => last.to_owned(),
        },
    };
    let at = path::join(&process.task.cwd, file.as_bytes());
    let task = process.task.clone();
    if busybox && options.value("-O").is_none() && fs::exists(system.kernel, &task, &at) {
        process.complain(system, format!("wget: can't open '{file}': File exists\n"));
        return 1;
    }
    if let Err(errno) = fs::write(system.kernel, &task, &at, body, 0o644) {
        process.complain(system, format!("wget: can't open '{file}': {}\n", errno.text()));
        return if busybox { 1 } else { 3 };
    }
    if !quiet {
        let text = if busybox {
            format!(
                "saving to '{file}'\n{file:<20} 100% |{}| {:>5}  0:00:00 ETA\n'{file}' saved\n",
                "*".repeat(32),
                body.len()
            )
        } else {
            format!(
                "Length: {}\nSaving to: '{file}'\n\n'{file}' saved [{}/{}]\n",
                body.len(),
                body.len(),
                body.len()
            )
        };
        process.complain(system, text);
    }
    0
}

fn silent(system: &mut System<'_>, process: &mut Process, url: &Url, silence: &Silence, quiet: bool) -> u8 {
    let busybox = process.flavour == Flavour::Busybox;
    let host = &url.host;
    let why = match silence {
        Silence::NoName if busybox => format!("wget: bad address '{host}'\n"),
        Silence::NoName => format!("wget: unable to resolve host address '{host}'\n"),
        Silence::Refused(at) => format!("wget: can't connect to remote host ({at}): Connection refused\n"),
        Silence::Reset(_) => "wget: error getting response: Connection reset by peer\n".to_owned(),
        Silence::NoWay(at) => format!("wget: can't connect to remote host ({at}): No route to host\n"),
        Silence::Beyond(at) => format!("wget: can't connect to remote host ({at}): Network is unreachable\n"),
        Silence::Broken(why) => format!("wget: {why}\n"),
    };
    if busybox || !quiet {
        process.complain(system, why);
    }
    if matches!(silence, Silence::NoName | Silence::Beyond(_)) {
        process.complain(system, BEYOND);
    }
    if busybox { 1 } else { 4 }
}
