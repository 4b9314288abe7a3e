//! `apt-get`, `apt`, `apt-cache` and `apt-mark` (`apt-get(8)`).

mod common;
mod install;
mod take;

use common::{ARCHIVES, LISTS, READING, has_lists, lock, size, source};
use install::install;
use take::take;

use super::disk::{fill, put};
use super::index::Index;
use super::records::{DPKG, Records};
use super::turn::{Done, Turn};
use crate::kernel::{Errno, fs};
use crate::net;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

const KNOWN: &[Known] = &[
    (&["-y", "--yes", "--assume-yes"], false),
    (&["-q", "--quiet"], false),
    (&["--no-install-recommends"], false),
    (&["--purge"], false),
    (&["-s", "--simulate", "--dry-run"], false),
    (&["-d", "--download-only"], false),
    (&["--installed"], false),
    (&["-o", "--option"], true),
    (&["-v", "--version"], false),
];

/// Runs a line up to its question, or to its end.
pub(super) fn run(system: &mut System<'_>, process: &mut Process, turn: Turn) -> Done {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(name) => {
            let text = format!(
                "E: Command line option '{name}' is not understood in combination with the other options\nLayerlab: the lab's apt-get takes -y -q -s -d --no-install-recommends --purge\n"
            );
            process.complain(system, text);
            return Done::Ended(100);
        }
    };
    let name = String::from_utf8_lossy(process.name()).into_owned();
    if let Some(option) = options.value("-o") {
        let text = format!("Layerlab: the lab's apt-get has no settings: -o {option}\n");
        process.complain(system, text);
        return Done::Ended(100);
    }
    if options.has("-v") {
        process.print(system, "apt 2.6.1 (amd64)\n");
        return Done::Ended(0);
    }
    if turn == Turn::First && name == "apt" && process.terminal != crate::program::Terminal::Yes {
        process.complain(
            system,
            "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n",
        );
    }
    let Some((verb, names)) = options.operands.split_first() else {
        process.print(system, format!("apt 2.6.1 (amd64)\nUsage: {name} [options] command\n"));
        return Done::Ended(0);
    };
    let done = match verb.as_str() {
        "update" => update(system, process, &options).map(Done::Ended),
        "install" | "reinstall" => install(system, process, &options, names, turn),
        "remove" | "purge" => {
            take(system, process, &options, names, verb == "purge" || options.has("--purge"), turn)
        }
        "autoremove" => take(system, process, &options, &[], options.has("--purge"), turn),
        "upgrade" | "dist-upgrade" | "full-upgrade" => {
            let text = format!(
                "{READING}Calculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n"
            );
            process.print(system, text);
            Ok(Done::Ended(0))
        }
        "clean" | "autoclean" => clean(system, process).map(Done::Ended),
        "list" => return Done::Ended(list(system, process, &options).status()),
        "search" => return Done::Ended(search(system, process, names).status()),
        "show" | "policy" => return Done::Ended(show(system, process, names).status()),
        _ => {
            let text = format!(
                "E: Invalid operation {verb}\nLayerlab: the lab's apt-get has update, install, remove, purge, autoremove, upgrade, clean, list, search and show\n"
            );
            process.complain(system, text);
            return Done::Ended(100);
        }
    };
    match done {
        Ok(done) => done,
        Err(errno) => {
            let number = errno.raw();
            let text = format!(
                "E: Could not open lock file /var/lib/dpkg/lock-frontend - open ({number}: {0})\n\
                 E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n",
                errno.text()
            );
            process.complain(system, text);
            Done::Ended(100)
        }
    }
}

fn update(system: &mut System<'_>, process: &mut Process, options: &Options) -> Result<u8, Errno> {
    lock(system, process)?;
    let (at, release) = source(system, process);
    let index = Index::of("deb");
    let host = at.split('/').next().unwrap_or_default();
    if net::is_cut_off(system, process) {
        let mut text = String::new();
        for _ in 0..3 {
            text.push_str(&format!("Ign:1 http://{at} {release} InRelease\n"));
        }
        text.push_str(&format!("Err:1 http://{at} {release} InRelease\n  Temporary failure resolving '{host}'\nReading package lists...\n"));
        process.print(system, text);
        process.complain(system, format!("W: Failed to fetch http://{at}/dists/{release}/InRelease  Temporary failure resolving '{host}'\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n"));
        return Ok(0);
    }
    let stem = format!("{LISTS}/{}_dists", at.replace('/', "_"));
    let names = index
        .iter()
        .map(|p| format!("Package: {}\nVersion: {}\n\n", p.name, p.version))
        .collect::<Vec<String>>()
        .concat();
    let files = [
        (format!("{release} InRelease"), format!("{stem}_{release}_InRelease"), 15_u64),
        (format!("{release}-updates InRelease"), format!("{stem}_{release}-updates_InRelease"), 6),
        (
            format!("{release}/main amd64 Packages"),
            format!("{stem}_{release}_main_binary-amd64_Packages"),
            1800,
        ),
        (
            format!("{release}-updates/main amd64 Packages"),
            format!("{stem}_{release}-updates_main_binary-amd64_Packages"),
            14,
        ),
    ];
    let mut text = String::new();
    let mut fetched = 0;
    for (number, (what, file, kib)) in files.iter().enumerate() {
        text.push_str(&format!("Get:{} http://{at} {what} [{}]\n", number + 1, size(kib * 1024)));
        fetched += kib;
        let content = if what.ends_with("Packages") { names.clone() } else { format!("Suite: {what}\n") };
        put(system, process, file, &fill(content.into_bytes(), kib * 1024), 0o644)?;
    }
    put(system, process, &format!("{LISTS}/lock"), b"", 0o640)?;
    fs::mkdir_all(system.kernel, &process.task, format!("{LISTS}/partial").as_bytes(), 0o700)?;
    text.push_str(&format!(
        "Fetched {} in 1s ({}/s)\nReading package lists...\n",
        size(fetched * 1024),
        size(fetched * 1024)
    ));
    if !options.has("-q") {
        process.print(system, text);
    }
    Ok(0)
}

fn clean(system: &mut System<'_>, process: &mut Process) -> Result<u8, Errno> {
    lock(system, process)?;
    for entry in fs::read_dir_sorted(system.kernel, &process.task, ARCHIVES.as_bytes()).unwrap_or_default() {
        if entry.name.ends_with(b".deb") {
            system.kernel.unlink(&process.task, &[ARCHIVES.as_bytes(), b"/", &entry.name].concat())?;
        }
    }
    Ok(0)
}

fn list(system: &mut System<'_>, process: &mut Process, options: &Options) -> Flow {
    let records = Records::load(system, process, &DPKG);
    let lists = has_lists(system, process);
    let mut text = "Listing...\n".to_owned();
    for package in Index::of("deb").iter() {
        let installed = records.has(package.name);
        if installed || (lists && !options.has("--installed")) {
            let mark = if installed { " [installed]" } else { "" };
            text.push_str(&format!("{}/stable {} amd64{mark}\n", package.name, package.version));
        }
    }
    process.print(system, text);
    Flow::OK
}

fn search(system: &mut System<'_>, process: &mut Process, names: &[String]) -> Flow {
    if has_lists(system, process) {
        let index = Index::of("deb");
        let found = index.iter().filter(|p| names.iter().all(|name| p.name.contains(name.as_str())));
        let text = found
            .map(|p| format!("{}/stable {} amd64\n", p.name, p.version))
            .collect::<Vec<String>>()
            .concat();
        process.print(system, text);
    }
    Flow::OK
}

fn show(system: &mut System<'_>, process: &mut Process, names: &[String]) -> Flow {
    let index = Index::of("deb");
    let lists = has_lists(system, process);
    let mut status = 0;
    for name in names {
        if let Some(p) = index.get(name).filter(|_| lists) {
            let needs =
                if p.needs.is_empty() { String::new() } else { format!("Depends: {}\n", p.needs.join(", ")) };
            let text =
                format!("Package: {name}\nVersion: {}\nInstalled-Size: {} kB\n{needs}\n", p.version, p.kib);
            process.print(system, text);
        } else {
            process.complain(system, format!("N: Unable to locate package {name}\nE: No packages found\n"));
            status = 100;
        }
    }
    Flow::Exit(status)
}
