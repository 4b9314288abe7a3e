//! `apt-get install`.

use std::collections::BTreeSet;

use super::super::advise::advise_missing;
use super::super::disk::{Layout, fill, lay, put};
use super::super::index::{Index, Package};
use super::super::records::{DPKG, Record, Records};
use super::super::turn::{Done, Turn};
use super::common::{ARCHIVES, QUESTION, READING, columns, has_lists, lock, size, source};
use crate::help::Topic;
use crate::kernel::{Errno, fs};
use crate::net;
use crate::options::Options;
use crate::program::{Process, System};

pub(super) fn install(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
    turn: Turn,
) -> Result<Done, Errno> {
    lock(system, process)?;
    let index = Index::of("deb");
    let mut records = Records::load(system, process, &DPKG);
    turn.say(system, process, READING);
    let lists = has_lists(system, process);
    let wanted: Vec<String> =
        names.iter().map(|n| n.split(['=', ':', '/']).next().unwrap_or_default().to_owned()).collect();
    let unknown: Vec<&String> =
        wanted.iter().filter(|name| !records.has(name) && (!lists || index.get(name).is_none())).collect();
    if let Some(first) = unknown.first() {
        let text = unknown
            .iter()
            .map(|name| format!("E: Unable to locate package {name}\n"))
            .collect::<Vec<String>>()
            .concat();
        process.complain(system, text);
        if lists {
            advise_missing(system, process, &index, first);
        } else {
            process.advise(system, Topic::ListsMissing, &[]);
        }
        return Ok(Done::Ended(100));
    }
    for (name, asked) in wanted.iter().zip(names) {
        let version = asked.split_once('=').map(|(_, version)| version);
        if let (Some(version), Some(package)) = (version, index.get(name))
            && version != package.version
        {
            process.complain(system, format!("E: Version '{version}' for '{name}' was not found\n"));
            return Ok(Done::Ended(100));
        }
    }
    let mut text = String::new();
    for name in &wanted {
        if let Some(record) = records.0.get_mut(name) {
            text.push_str(&format!("{name} is already the newest version ({}).\n", record.version));
            record.auto = false;
        }
    }
    let fresh: Vec<String> = wanted.iter().filter(|name| !records.has(name)).cloned().collect();
    let recommends = !options.has("--no-install-recommends");
    let plan = index.plan(&fresh, recommends, |name| records.has(name)).unwrap_or_default();
    let more: BTreeSet<&str> =
        plan.iter().map(|p| p.name).filter(|name| !wanted.iter().any(|w| w == name)).collect();
    if !more.is_empty() {
        text.push_str(&format!("The following additional packages will be installed:\n{}", columns(&more)));
    }
    let left: BTreeSet<&str> = plan
        .iter()
        .flat_map(|package| &package.recommends)
        .copied()
        .filter(|name| !recommends && !records.has(name) && !plan.iter().any(|p| p.name == *name))
        .collect();
    if !left.is_empty() {
        text.push_str(&format!("Recommended packages:\n{}", columns(&left)));
    }
    if !plan.is_empty() {
        let all: BTreeSet<&str> = plan.iter().map(|package| package.name).collect();
        text.push_str(&format!("The following NEW packages will be installed:\n{}", columns(&all)));
    }
    text.push_str(&format!("0 upgraded, {} newly installed, 0 to remove and 0 not upgraded.\n", plan.len()));
    let archives: u64 = plan.iter().map(|package| package.archive()).sum();
    let kib: u64 = plan.iter().map(|package| package.kib).sum();
    if !plan.is_empty() {
        text.push_str(&format!(
            "Need to get {} of archives.\nAfter this operation, {} of additional disk space will be used.\n",
            size(archives),
            size(kib * 1024)
        ));
    }
    turn.say(system, process, &text);
    if plan.is_empty() || options.has("-s") {
        records.save(system, process, &DPKG)?;
        return Ok(Done::Ended(0));
    }
    if !more.is_empty() && !turn.goes_on(system, process, options, QUESTION) {
        return Ok(Done::Asks);
    }
    unpack(system, process, options, &plan, &wanted, &mut records).map(Done::Ended)
}

fn unpack(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    plan: &[&Package],
    wanted: &[String],
    records: &mut Records,
) -> Result<u8, Errno> {
    let (at, release) = source(system, process);
    if net::is_cut_off(system, process) {
        let host = at.split('/').next().unwrap_or_default();
        let text = plan
            .iter()
            .map(|p| {
                format!(
                    "E: Failed to fetch http://{at}/pool/main/{}.deb  Temporary failure resolving '{host}'\n",
                    p.name
                )
            })
            .collect::<Vec<String>>()
            .concat();
        process.complain(system, format!("{text}E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n"));
        return Ok(100);
    }
    // Docker's images of Debian delete each archive once it is installed.
    let keeps = !fs::exists(system.kernel, &process.task, b"/etc/apt/apt.conf.d/docker-clean");
    let mut text = String::new();
    for (number, package) in plan.iter().enumerate() {
        let name = package.name;
        text.push_str(&format!(
            "Get:{} http://{at} {release}/main amd64 {name} amd64 {} [{}]\n",
            number + 1,
            package.version,
            size(package.archive())
        ));
        if keeps || options.has("-d") {
            let file = format!("{ARCHIVES}/{name}_{}_amd64.deb", package.version.replace(':', "%3a"));
            put(system, process, &file, &fill(b"!<arch>\n".to_vec(), package.archive()), 0o644)?;
        }
    }
    let archives: u64 = plan.iter().map(|package| package.archive()).sum();
    process.print(system, text);
    if !fs::exists(system.kernel, &process.task, b"/usr/bin/apt-ftparchive") {
        process
            .complain(system, "debconf: delaying package configuration, since apt-utils is not installed\n");
    }
    process.print(system, format!("Fetched {} in 0s ({}/s)\n", size(archives), size(archives * 2)));
    if options.has("-d") {
        process.print(system, "Download complete and in download only mode\n");
        return Ok(0);
    }
    let layout = Layout { lib: "/usr/lib/x86_64-linux-gnu", doc: "/usr/share/doc" };
    let mut log = String::new();
    for package in plan {
        let (name, version) = (package.name, package.version);
        let count = records.0.values().map(|record| record.files.len()).sum::<usize>();
        process.print(system, format!("Selecting previously unselected package {name}.\n(Reading database ... {count} files and directories currently installed.)\nPreparing to unpack .../{name}_{version}_amd64.deb ...\nUnpacking {name} ({version}) ...\n"));
        let files = lay(system, process, package, &layout)?;
        let needs = package.needs.iter().map(|need| (*need).to_owned()).collect();
        let auto = !wanted.iter().any(|wanted| wanted == name);
        let record = Record { version: version.into(), kib: package.kib, auto, needs, files };
        let list = record.files.iter().map(|file| format!("{file}\n")).collect::<Vec<String>>().concat();
        put(system, process, &format!("/var/lib/dpkg/info/{name}.list"), list.as_bytes(), 0o644)?;
        records.0.insert(name.into(), record);
        log.push_str(&format!("status installed {name}:amd64 {version}\n"));
    }
    let text = plan
        .iter()
        .map(|p| format!("Setting up {} ({}) ...\n", p.name, p.version))
        .collect::<Vec<String>>()
        .concat();
    process.print(system, text);
    let old = fs::read(system.kernel, &process.task, b"/var/log/dpkg.log").unwrap_or_default();
    put(system, process, "/var/log/dpkg.log", &[&old[..], log.as_bytes()].concat(), 0o644)?;
    records.save(system, process, &DPKG)?;
    Ok(0)
}
