//! `apk` (apk-tools 2.14; `apk(8)`, `apk-add(8)`, `apk-del(8)`).

use std::collections::BTreeSet;

use super::advise::advise_missing;
use super::disk::{Layout, fill, lay, put};
use super::index::{Index, Package};
use super::records::{APK, Record, Records};
use crate::kernel::{Errno, fs};
use crate::net;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

const KNOWN: &[Known] = &[
    (&["-q", "--quiet"], false),
    (&["-U", "--update-cache", "--update"], false),
    (&["--no-cache"], false),
    (&["--no-progress"], false),
    (&["-t", "--virtual"], true),
    (&["-V", "--version"], false),
    (&["-L", "--contents"], false),
    (&["-e", "--installed"], false),
    (&["-a", "--available"], false),
    (&["-r", "--rdepends"], false),
];
const LAYOUT: Layout = Layout { lib: "/usr/lib", doc: "" };
const WORLD: &str = "/etc/apk/world";
const CACHE: &str = "/var/cache/apk";
const TRIGGER: &str = "Executing busybox-1.36.1-r15.trigger\n";

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(name) => {
            let text = format!(
                "apk: unrecognized option: {}\nLayerlab: the lab's apk takes --no-cache --update-cache --virtual --quiet --no-progress\n",
                name.trim_start_matches('-')
            );
            process.complain(system, text);
            return Flow::Exit(1);
        }
    };
    if options.has("-V") {
        process.print(system, "apk-tools 2.14.0, compiled for x86_64.\n");
        return Flow::OK;
    }
    let Some((verb, names)) = options.operands.split_first() else {
        process.print(
            system,
            "apk-tools 2.14.0, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n",
        );
        return Flow::Exit(1);
    };
    let done = match verb.as_str() {
        "add" => add(system, process, &options, names),
        "del" => del(system, process, &options, names),
        "update" => update(system, process, &options),
        "upgrade" => upgrade(system, process, &options),
        "info" => return info(system, process, &options, names),
        "list" => return list(system, process, &options),
        "search" => return search(system, process, names),
        "cache" if names.first().is_some_and(|word| word == "clean") => clean(system, process),
        _ => {
            let text = format!(
                "ERROR: '{verb}' is not an apk command. See 'apk --help'.\nLayerlab: the lab's apk has add, del, update, upgrade, info, list, search and cache clean\n"
            );
            process.complain(system, text);
            return Flow::Exit(1);
        }
    };
    match done {
        Ok(status) => Flow::Exit(status),
        Err(errno) => {
            let text = format!(
                "ERROR: Unable to lock database: {0}\nERROR: Failed to open apk database: {0}\n",
                errno.text()
            );
            process.complain(system, text);
            Flow::Exit(99)
        }
    }
}

/// The two repositories, as their addresses stand in the messages.
fn repositories(system: &mut System<'_>, process: &Process) -> [String; 2] {
    let release = fs::read(system.kernel, &process.task, b"/etc/alpine-release").unwrap_or_default();
    let release = String::from_utf8_lossy(&release).trim().to_owned();
    let branch = release.rsplit_once('.').map_or("edge".to_owned(), |(branch, _)| format!("v{branch}"));
    ["main", "community"].map(|part| format!("https://dl-cdn.alpinelinux.org/alpine/{branch}/{part}"))
}

/// Fetches the index, unless it is in the cache; whether there is one then.
fn fetch(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    anew: bool,
) -> Result<bool, Errno> {
    let no_cache = options.has("--no-cache");
    let files = ["a4b1ec9f", "c3d2ab71"].map(|mark| format!("{CACHE}/APKINDEX.{mark}.tar.gz"));
    let is_there = files.iter().all(|file| fs::exists(system.kernel, &process.task, file.as_bytes()));
    if is_there && !anew && !no_cache && !options.has("-U") {
        return Ok(true);
    }
    let cut_off = net::is_cut_off(system, process);
    for (at, file) in repositories(system, process).iter().zip(&files) {
        if !options.has("-q") {
            process.print(system, format!("fetch {at}/x86_64/APKINDEX.tar.gz\n"));
        }
        if cut_off {
            process.complain(system, format!("WARNING: fetching {at}: temporary error (try again later)\n"));
        } else if !no_cache {
            let text = format!("APKINDEX of {at}, a stand-in made by Layerlab\n").into_bytes();
            put(system, process, file, &fill(text, 120 * 1024), 0o644)?;
        }
    }
    Ok(!cut_off || is_there)
}

fn add(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
) -> Result<u8, Errno> {
    lock(system, process)?;
    let index = Index::of("apk");
    let mut records = Records::load(system, process, &APK);
    let wanted: Vec<String> = names
        .iter()
        .map(|name| name.split(['=', '<', '>', '~']).next().unwrap_or_default().to_owned())
        .collect();
    let reached = fetch(system, process, options, false)?;
    let mut missing = Vec::new();
    for (name, asked) in wanted.iter().zip(names) {
        let version = asked.split_once('=').map(|(_, version)| version);
        match index.get(name).filter(|_| reached) {
            _ if records.has(name) && version.is_none() => {}
            Some(package) if version.is_none_or(|version| version == package.version) => {}
            Some(package) => {
                missing.push(format!("  {name}-{}:\n    breaks: world[{asked}]\n", package.version));
            }
            None => missing.push(format!("  {name} (no such package):\n    required by: world[{name}]\n")),
        }
    }
    if !missing.is_empty() {
        process.complain(system, format!("ERROR: unable to select packages:\n{}", missing.concat()));
        if let Some(name) = wanted.iter().find(|name| reached && index.get(name).is_none()) {
            advise_missing(system, process, &index, name);
        }
        return Ok(u8::try_from(missing.len()).unwrap_or(u8::MAX));
    }
    let fresh: Vec<String> = wanted.iter().filter(|name| !records.has(name)).cloned().collect();
    let plan = index.plan(&fresh, false, |name| records.has(name)).unwrap_or_default();
    let meta = options.value("-t");
    let total = plan.len() + usize::from(meta.is_some());
    for (number, package) in plan.iter().enumerate() {
        say(
            system,
            process,
            options,
            &format!("({}/{total}) Installing {} ({})\n", number + 1, package.name, package.version),
        );
        let files = lay(system, process, package, &LAYOUT)?;
        let auto = meta.is_some() || !wanted.iter().any(|name| name == package.name);
        records.0.insert(package.name.into(), record(package, auto, files));
    }
    let mut world: BTreeSet<String> = words(system, process, WORLD);
    if let Some(meta) = meta {
        let now = system.world.clock.unwrap_or_default() / 1_000_000_000;
        say(
            system,
            process,
            options,
            &format!("({total}/{total}) Installing {meta} ({}.{:06})\n", day(now), now % 86_400),
        );
        let record = Record { version: "0".into(), needs: wanted.clone(), ..Record::default() };
        records.0.insert(meta.to_owned(), record);
        world.insert(meta.to_owned());
    } else {
        for name in &wanted {
            if let Some(record) = records.0.get_mut(name) {
                record.auto = false;
            }
            world.insert(name.clone());
        }
    }
    finish(system, process, options, &records, &world, total > 0)
}

/// The day of a moment in seconds, `20240130`, as a virtual package's version begins.
fn day(seconds: i64) -> String {
    let time = crate::program::to_timespec(seconds.saturating_mul(1_000_000_000));
    crate::oci::time::format(time).chars().take(10).filter(char::is_ascii_digit).collect()
}

fn record(package: &Package, auto: bool, files: Vec<String>) -> Record {
    let needs = package.needs.iter().map(|name| (*name).to_owned()).collect();
    Record { version: package.version.into(), kib: package.kib, auto, needs, files }
}

fn del(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
) -> Result<u8, Errno> {
    lock(system, process)?;
    let mut records = Records::load(system, process, &APK);
    let mut world = words(system, process, WORLD);
    let mut gone = BTreeSet::new();
    for name in names {
        let users: Vec<&String> = records
            .0
            .iter()
            .filter(|(other, record)| record.needs.contains(name) && !names.contains(other))
            .map(|(other, _)| other)
            .collect();
        world.remove(name);
        if let Some(record) = records.0.get(name) {
            if users.is_empty() {
                gone.insert(name.clone());
            } else {
                let by = users
                    .iter()
                    .map(|user| format!("  {user}:     {name}\n"))
                    .collect::<Vec<String>>()
                    .concat();
                let text =
                    format!("World updated, but the following packages are not removed due to:\n{by}\n");
                let record = Record { auto: true, ..record.clone() };
                records.0.insert(name.clone(), record);
                process.print(system, text);
            }
        }
    }
    let orphans = records.orphans(&gone);
    let all: Vec<String> = names.iter().filter(|name| gone.contains(*name)).cloned().chain(orphans).collect();
    for (number, name) in all.iter().enumerate() {
        let version = records.0.get(name).map(|record| record.version.clone()).unwrap_or_default();
        say(
            system,
            process,
            options,
            &format!("({}/{}) Purging {name} ({version})\n", number + 1, all.len()),
        );
    }
    records.remove(system, process, &all)?;
    finish(system, process, options, &records, &world, !all.is_empty())
}

fn finish(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    records: &Records,
    world: &BTreeSet<String>,
    changed: bool,
) -> Result<u8, Errno> {
    let text = world.iter().map(|name| format!("{name}\n")).collect::<Vec<String>>().concat();
    put(system, process, WORLD, text.as_bytes(), 0o644)?;
    if changed {
        records.save(system, process, &APK)?;
        say(system, process, options, TRIGGER);
    }
    say(system, process, options, &ok(records));
    Ok(0)
}

fn ok(records: &Records) -> String {
    format!("OK: {} KiB in {} packages\n", records.kib(), records.0.len())
}

fn update(system: &mut System<'_>, process: &mut Process, options: &Options) -> Result<u8, Errno> {
    lock(system, process)?;
    if !fetch(system, process, options, true)? {
        process.complain(system, "4 unavailable, 0 stale; 0 distinct packages available\n");
        return Ok(2);
    }
    for at in repositories(system, process) {
        say(system, process, options, &format!("{at} [the lab's own]\n"));
    }
    let count = Index::of("apk").iter().count();
    say(system, process, options, &format!("OK: {count} distinct packages available\n"));
    Ok(0)
}

fn upgrade(system: &mut System<'_>, process: &mut Process, options: &Options) -> Result<u8, Errno> {
    lock(system, process)?;
    fetch(system, process, options, false)?;
    let records = Records::load(system, process, &APK);
    say(system, process, options, &ok(&records));
    Ok(0)
}

fn clean(system: &mut System<'_>, process: &mut Process) -> Result<u8, Errno> {
    for entry in fs::read_dir_sorted(system.kernel, &process.task, CACHE.as_bytes()).unwrap_or_default() {
        let file = [CACHE.as_bytes(), b"/", &entry.name].concat();
        system.kernel.unlink(&process.task, &file)?;
    }
    Ok(0)
}

fn info(system: &mut System<'_>, process: &mut Process, options: &Options, names: &[String]) -> Flow {
    let records = Records::load(system, process, &APK);
    let mut status = 0;
    for name in names {
        let Some(record) = records.0.get(name) else {
            status = 1;
            continue;
        };
        let text = if options.has("-L") {
            let files = record.files.iter().map(|file| format!("{}\n", file.trim_start_matches('/')));
            format!("{name}-{} contains:\n{}\n", record.version, files.collect::<Vec<String>>().concat())
        } else if options.has("-e") {
            format!("{name}\n")
        } else {
            format!("{name}-{} installed size:\n{} KiB\n\n", record.version, record.kib)
        };
        process.print(system, text);
    }
    if names.is_empty() {
        let text = records.0.keys().map(|name| format!("{name}\n")).collect::<Vec<String>>().concat();
        process.print(system, text);
    }
    Flow::Exit(status)
}

fn list(system: &mut System<'_>, process: &mut Process, options: &Options) -> Flow {
    let records = Records::load(system, process, &APK);
    let index = Index::of("apk");
    let mut text = String::new();
    for package in index.iter().filter(|package| !options.has("-e") || records.has(package.name)) {
        let mark = if records.has(package.name) { " [installed]" } else { "" };
        text.push_str(&format!(
            "{}-{} x86_64 {{{}}} (MIT){mark}\n",
            package.name, package.version, package.name
        ));
    }
    process.print(system, text);
    Flow::OK
}

fn search(system: &mut System<'_>, process: &mut Process, names: &[String]) -> Flow {
    let index = Index::of("apk");
    let found =
        index.iter().filter(|p| names.is_empty() || names.iter().any(|name| p.name.contains(name.as_str())));
    let text = found
        .map(|package| format!("{}-{}\n", package.name, package.version))
        .collect::<Vec<String>>()
        .concat();
    process.print(system, text);
    Flow::OK
}

/// Who may not write the database may not begin.
fn lock(system: &mut System<'_>, process: &Process) -> Result<(), Errno> {
    if process.task.uid == 0 {
        put(system, process, "/lib/apk/db/lock", b"", 0o600)
    } else {
        Err(Errno::EACCES)
    }
}

fn words(system: &mut System<'_>, process: &Process, file: &str) -> BTreeSet<String> {
    let data = fs::read(system.kernel, &process.task, file.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&data).split_whitespace().map(str::to_owned).collect()
}

fn say(system: &mut System<'_>, process: &mut Process, options: &Options, text: &str) {
    if !options.has("-q") {
        process.print(system, text);
    }
}
