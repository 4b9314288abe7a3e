//! Which users and groups a user namespace has: the caller's own as root, and subordinate ids where they are set up
//! (user_namespaces(7), subuid(5)).

use std::fs;
use std::io;
use std::process::{Command, Stdio};

use rustix::process::{getgid, getuid};

use super::Ids;

/// A run of subordinate ids: the first, and how many.
type Run = (u32, u32);

/// The caller's runs in `/etc/subuid` and `/etc/subgid`, where both name one.
fn runs() -> Option<(Run, Run)> {
    let uid = getuid().as_raw();
    let name = fs::read_to_string("/etc/passwd").ok().and_then(|text| user_name(&text, uid));
    let find = |file| first_run(&fs::read_to_string(file).ok()?, name.as_deref(), uid);
    Some((find("/etc/subuid")?, find("/etc/subgid")?))
}

/// Whether subordinate ids are set up for the caller.
pub(super) fn has_subordinate() -> bool {
    runs().is_some()
}

/// Has `newuidmap` and `newgidmap` map the caller to 0 and the subordinate ids to 1 and up, in the user namespace of a
/// process. False where they cannot: then the process may still map itself.
pub(super) fn map_subordinate(process: u32) -> bool {
    let Some((users, groups)) = runs() else { return false };
    let map = |tool, own: u32, (first, count): Run| {
        let arguments = [process, 0, own, 1, 1, first, count].map(|number| number.to_string());
        let status = Command::new(tool).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    map("newuidmap", getuid().as_raw(), users) && map("newgidmap", getgid().as_raw(), groups)
}

/// Which ids the calling process has in the user namespace that it is in.
pub(super) fn mapped_here() -> io::Result<Ids> {
    Ok(ids_of_map(&fs::read_to_string("/proc/self/uid_map")?))
}

/// By the lines `FIRST OUTSIDE COUNT` of a map.
fn ids_of_map(map: &str) -> Ids {
    let mut ids = 0u64;
    for line in map.lines() {
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        if numbers == [0, 0, u64::from(u32::MAX)] {
            return Ids::Machine;
        }
        ids += numbers.get(2).unwrap_or(&0);
    }
    if ids > 1 { Ids::Subordinate } else { Ids::One }
}

/// Maps one user and one group to 0, in the user namespace that the calling process has just made.
pub(super) fn map_own(uid: u32, gid: u32) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
}

fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// The first line `OWNER:FIRST:COUNT` whose owner is this user, by name or number.
fn first_run(text: &str, name: Option<&str>, uid: u32) -> Option<Run> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let owner = fields.next()?;
        let run = (fields.next()?.parse().ok()?, fields.next()?.trim().parse().ok()?);
        (Some(owner) == name || owner.parse() == Ok(uid)).then_some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_tells_whose_ids_there_are() {
        assert_eq!(ids_of_map("         0          0 4294967295\n"), Ids::Machine);
        assert_eq!(ids_of_map("0 1000 1\n"), Ids::One);
        assert_eq!(ids_of_map("0 1000 1\n1 100000 65536\n"), Ids::Subordinate);
    }

    #[test]
    fn runs_are_found_by_name_and_by_number() {
        let text = "# nothing\nroot:1:2\nann:100000:65536\n1001:300000:10\n";
        assert_eq!(first_run(text, Some("ann"), 1000), Some((100_000, 65_536)));
        assert_eq!(first_run(text, None, 1001), Some((300_000, 10)));
        assert_eq!(first_run(text, Some("bob"), 1002), None);
        assert_eq!(user_name("root:x:0:0::/:\nann:x:1000:1000::/:\n", 1000).as_deref(), Some("ann"));
    }
}
