//! `apt-get remove`, `purge` and `autoremove`.

use std::collections::BTreeSet;

use super::super::disk::remove;
use super::super::index::Index;
use super::super::records::{DPKG, Records};
use super::super::turn::{Done, Turn};
use super::common::{QUESTION, READING, columns, lock, size};
use crate::kernel::Errno;
use crate::options::Options;
use crate::program::{Process, System};

pub(super) fn take(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
    purge: bool,
    turn: Turn,
) -> Result<Done, Errno> {
    lock(system, process)?;
    turn.say(system, process, READING);
    let mut records = Records::load(system, process, &DPKG);
    let auto = names.is_empty();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut text = String::new();
    for name in names {
        if records.has(name) {
            gone.insert(name.clone());
        } else if Index::of("deb").get(name).is_some() {
            text.push_str(&format!("Package '{name}' is not installed, so not removed\n"));
        } else {
            process.complain(system, format!("E: Unable to locate package {name}\n"));
            return Ok(Done::Ended(100));
        }
    }
    // What needs a package is removed with it.
    loop {
        let more: Vec<String> = records
            .0
            .iter()
            .filter(|(name, record)| {
                !gone.contains(*name) && record.needs.iter().any(|need| gone.contains(need))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    let orphans = records.orphans(&gone);
    if auto {
        gone = orphans;
    } else if !orphans.is_empty() {
        let list: BTreeSet<&str> = orphans.iter().map(String::as_str).collect();
        text.push_str(&format!("The following packages were automatically installed and are no longer required:\n{}Use 'apt autoremove' to remove them.\n", columns(&list)));
    }
    if !gone.is_empty() {
        let list: BTreeSet<String> =
            gone.iter().map(|name| if purge { format!("{name}*") } else { name.clone() }).collect();
        text.push_str(&format!(
            "The following packages will be REMOVED:\n{}",
            columns(&list.iter().map(String::as_str).collect())
        ));
    }
    text.push_str(&format!("0 upgraded, 0 newly installed, {} to remove and 0 not upgraded.\n", gone.len()));
    let kib: u64 = gone.iter().filter_map(|name| records.0.get(name)).map(|record| record.kib).sum();
    if !gone.is_empty() {
        text.push_str(&format!("After this operation, {} disk space will be freed.\n", size(kib * 1024)));
    }
    turn.say(system, process, &text);
    if gone.is_empty() || options.has("-s") {
        return Ok(Done::Ended(0));
    }
    if !turn.goes_on(system, process, options, QUESTION) {
        return Ok(Done::Asks);
    }
    for name in &gone {
        let version = records.0.get(name).map(|record| record.version.clone()).unwrap_or_default();
        process.print(system, format!("Removing {name} ({version}) ...\n"));
        remove(system, process, &[format!("/var/lib/dpkg/info/{name}.list")])?;
    }
    records.remove(system, process, &gone)?;
    records.save(system, process, &DPKG)?;
    Ok(Done::Ended(0))
}
