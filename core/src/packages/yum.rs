//! `yum`, `dnf` and `rpm` (`dnf(8)`, `rpm(8)`).

use super::advise::advise_missing;
use super::disk::{Layout, fill, lay, put};
use super::index::{Index, Package};
use super::records::{RPM, Record, Records};
use super::turn::{Done, Turn};
use crate::kernel::{ByteString, Errno, fs};
use crate::net;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

const KNOWN: &[Known] = &[
    (&["-y", "--assumeyes"], false),
    (&["-q", "--quiet"], false),
    (&["--nodocs"], false),
    (&["--version"], false),
];
const RULE: &str = "================================================================================\n";

/// The question before packages are changed.
const QUESTION: &str = "Is this ok [y/N]: ";

/// Runs a line up to its question, or to its end.
pub(super) fn run(system: &mut System<'_>, process: &mut Process, turn: Turn) -> Done {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(option) => {
            let text = format!(
                "{name}: error: unrecognized arguments: {option}\nLayerlab: the lab's {name} takes -y, -q and --nodocs\n"
            );
            process.complain(system, text);
            return Done::Ended(2);
        }
    };
    if options.has("--version") {
        process.print(system, "4.7.0\n");
        return Done::Ended(0);
    }
    let (verb, names) =
        options.operands.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
    let done = match verb {
        "install" => install(system, process, &options, names, turn),
        "remove" | "erase" => remove(system, process, &options, names, turn),
        "update" | "upgrade" => update(system, process).map(Done::Ended),
        "makecache" => makecache(system, process).map(|reached| Done::Ended(u8::from(!reached))),
        "clean" => clean(system, process).map(Done::Ended),
        "list" | "search" => return Done::Ended(list(system, process, names).status()),
        _ => {
            let text = format!(
                "No such command: {verb}. Please use /usr/bin/{name} --help\nLayerlab: the lab's {name} has install, remove, update, makecache, clean, list and search\n"
            );
            process.complain(system, text);
            return Done::Ended(1);
        }
    };
    match done {
        Ok(done) => done,
        Err(Errno::EACCES) => {
            process.complain(
                system,
                "Error: This command has to be run with superuser privileges (under the root user on most systems).\n",
            );
            Done::Ended(1)
        }
        Err(errno) => {
            process.complain(system, format!("Error: {}\n", errno.text()));
            Done::Ended(1)
        }
    }
}

/// The cache's directory: `dnf`'s where the image has `dnf`, else `yum`'s.
fn cache(system: &mut System<'_>, process: &Process) -> &'static str {
    if fs::exists(system.kernel, &process.task, b"/usr/bin/dnf") {
        "/var/cache/dnf"
    } else {
        "/var/cache/yum"
    }
}

/// Fetches what the repositories say of themselves, unless it is there; whether it is there then.
fn makecache(system: &mut System<'_>, process: &mut Process) -> Result<bool, Errno> {
    if process.task.uid != 0 {
        return Err(Errno::EACCES);
    }
    let cache = cache(system, process);
    let file = format!("{cache}/baseos/repodata/primary.xml.gz");
    if fs::exists(system.kernel, &process.task, file.as_bytes()) {
        return Ok(true);
    }
    if net::is_cut_off(system, process) {
        process.complain(system, "Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: Curl error (6): Couldn't resolve host name\n");
        return Ok(false);
    }
    for (repository, kib) in [("appstream", 900), ("baseos", 700), ("extras", 2)] {
        let file = format!("{cache}/{repository}/repodata/primary.xml.gz");
        let text = format!("packages of {repository}, a stand-in made by Layerlab\n");
        put(system, process, &file, &fill(text.into_bytes(), kib * 1024), 0o644)?;
        process.print(system, format!("CentOS Linux 8 - {repository:<38} {kib} kB/s | {kib} kB     00:01\n"));
    }
    Ok(true)
}

fn install(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
    turn: Turn,
) -> Result<Done, Errno> {
    if !makecache(system, process)? {
        return Ok(Done::Ended(1));
    }
    let index = Index::of("rpm");
    let mut records = Records::load(system, process, &RPM);
    for name in names {
        if !records.has(name) && index.get(name).is_none() {
            process.complain(
                system,
                format!("No match for argument: {name}\nError: Unable to find a match: {name}\n"),
            );
            advise_missing(system, process, &index, name);
            return Ok(Done::Ended(1));
        }
    }
    let mut text = String::new();
    for (name, record) in names.iter().filter_map(|name| Some((name, records.0.get(name)?))) {
        text.push_str(&format!("Package {name}-{}.x86_64 is already installed.\n", record.version));
    }
    let plan = index.plan(names, true, |name| records.has(name)).unwrap_or_default();
    if plan.is_empty() {
        process.print(system, format!("{text}Dependencies resolved.\nNothing to do.\nComplete!\n"));
        return Ok(Done::Ended(0));
    }
    text.push_str("Dependencies resolved.\n");
    text.push_str(RULE);
    text.push_str(" Package              Architecture  Version               Repository        Size\n");
    text.push_str(RULE);
    let (asked, more): (Vec<&Package>, Vec<&Package>) =
        plan.iter().copied().partition(|package| names.iter().any(|name| name == package.name));
    for (title, list) in [("Installing:\n", &asked), ("Installing dependencies:\n", &more)] {
        if !list.is_empty() {
            text.push_str(title);
        }
        for p in list {
            text.push_str(&format!(
                " {:<20} x86_64        {:<21} baseos      {:>7} k\n",
                p.name,
                p.version,
                p.archive() / 1024
            ));
        }
    }
    let archives: u64 = plan.iter().map(|package| package.archive()).sum();
    let kib: u64 = plan.iter().map(|package| package.kib).sum();
    text.push_str(&format!("\nTransaction Summary\n{RULE}Install  {} Packages\n\nTotal download size: {} k\nInstalled size: {kib} k\n", plan.len(), archives / 1024));
    turn.say(system, process, &text);
    if !turn.goes_on(system, process, options, QUESTION) {
        return Ok(Done::Asks);
    }
    let layout =
        Layout { lib: "/usr/lib64", doc: if options.has("--nodocs") { "" } else { "/usr/share/doc" } };
    process.print(system, "Downloading Packages:\nRunning transaction\n");
    for (number, package) in plan.iter().enumerate() {
        let (name, version) = (package.name, package.version);
        process.print(
            system,
            format!("  Installing       : {name}-{version}.x86_64 {:>28}/{}\n", number + 1, plan.len()),
        );
        let files = lay(system, process, package, &layout)?;
        let needs = package.needs.iter().map(|need| (*need).to_owned()).collect();
        let auto = !names.iter().any(|asked| asked == name);
        records
            .0
            .insert(name.into(), Record { version: version.into(), kib: package.kib, auto, needs, files });
    }
    records.save(system, process, &RPM)?;
    let list =
        plan.iter().map(|p| format!("  {}-{}.x86_64\n", p.name, p.version)).collect::<Vec<String>>().concat();
    process.print(system, format!("\nInstalled:\n{list}\nComplete!\n"));
    Ok(Done::Ended(0))
}

fn remove(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
    turn: Turn,
) -> Result<Done, Errno> {
    if process.task.uid != 0 {
        return Err(Errno::EACCES);
    }
    let mut records = Records::load(system, process, &RPM);
    let asked = names.iter().filter(|name| records.has(name)).cloned().collect();
    let mut gone = records.orphans(&asked);
    gone.extend(asked);
    for name in names.iter().filter(|name| !records.has(name)) {
        process.print(system, format!("No match for argument: {name}\n"));
    }
    if gone.is_empty() {
        process.print(
            system,
            "No packages marked for removal.\nDependencies resolved.\nNothing to do.\nComplete!\n",
        );
        return Ok(Done::Ended(0));
    }
    let list = gone.iter().map(|name| format!("  {name}\n")).collect::<Vec<String>>().concat();
    turn.say(system, process, &format!("Dependencies resolved.\nRemoving:\n{list}"));
    if !turn.goes_on(system, process, options, QUESTION) {
        return Ok(Done::Asks);
    }
    records.remove(system, process, &gone)?;
    records.save(system, process, &RPM)?;
    process.print(system, format!("\nRemoved:\n{list}\nComplete!\n"));
    Ok(Done::Ended(0))
}

fn update(system: &mut System<'_>, process: &mut Process) -> Result<u8, Errno> {
    if !makecache(system, process)? {
        return Ok(1);
    }
    process.print(system, "Dependencies resolved.\nNothing to do.\nComplete!\n");
    Ok(0)
}

fn clean(system: &mut System<'_>, process: &mut Process) -> Result<u8, Errno> {
    let cache = cache(system, process);
    let entries = fs::read_dir_sorted(system.kernel, &process.task, cache.as_bytes()).unwrap_or_default();
    for entry in &entries {
        fs::remove_all(system.kernel, &process.task, &[cache.as_bytes(), b"/", &entry.name].concat())?;
    }
    process.print(system, format!("{} files removed\n", entries.len()));
    Ok(0)
}

fn list(system: &mut System<'_>, process: &mut Process, names: &[String]) -> Flow {
    let records = Records::load(system, process, &RPM);
    let installed = names.iter().any(|name| name == "installed");
    let names: Vec<&String> = names.iter().filter(|name| *name != "installed").collect();
    let mut text = String::new();
    for package in Index::of("rpm").iter() {
        let wanted = names.is_empty() || names.iter().any(|name| package.name.contains(name.as_str()));
        if wanted && (!installed || records.has(package.name)) {
            let mark = if records.has(package.name) { "@baseos" } else { "baseos" };
            text.push_str(&format!(
                "{:<40} {:<24} {mark}\n",
                format!("{}.x86_64", package.name),
                package.version
            ));
        }
    }
    process.print(system, text);
    Flow::OK
}

/// `rpm -q`, `-qa`, `-ql` and `-qf`.
pub(super) fn rpm(system: &mut System<'_>, process: &mut Process) -> Flow {
    let args: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let (verb, names) = args.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
    let records = Records::load(system, process, &RPM);
    let shown = |name: &str, record: &Record| format!("{name}-{}.x86_64\n", record.version);
    match verb {
        "-qa" => {
            let text =
                records.0.iter().map(|(name, record)| shown(name, record)).collect::<Vec<String>>().concat();
            process.print(system, text);
            Flow::OK
        }
        "-q" | "-ql" | "-qf" => {
            let mut status = 0;
            for name in names {
                let owner = match verb {
                    "-qf" => records.0.iter().find(|(_, record)| record.files.contains(name)),
                    _ => records.0.get_key_value(name),
                };
                match owner {
                    Some((_, record)) if verb == "-ql" => {
                        let text = record
                            .files
                            .iter()
                            .map(|file| format!("{file}\n"))
                            .collect::<Vec<String>>()
                            .concat();
                        process.print(system, text);
                    }
                    Some((name, record)) => process.print(system, shown(name, record)),
                    None => {
                        let text = match verb {
                            "-qf" => format!("file {name} is not owned by any package\n"),
                            _ => format!("package {name} is not installed\n"),
                        };
                        process.print(system, text);
                        status = 1;
                    }
                }
            }
            Flow::Exit(status)
        }
        _ => {
            process.complain(
                system,
                "Layerlab: the lab's rpm has -q, -qa, -ql and -qf; yum installs and removes\n",
            );
            Flow::Exit(1)
        }
    }
}
