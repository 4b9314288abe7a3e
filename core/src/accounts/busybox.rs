//! `adduser`, `addgroup`, `deluser` and `delgroup` as BusyBox has them (its documented options).

use super::fail::fail;
use super::files::{Accounts, PERSON, Range, User, make_home};
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

/// Ids of the system's own users, given from the first up.
const SYSTEM: Range = Range { first: 100, last: 999, up: true };

const ADDUSER: &[Known] = &[
    (&["-h", "--home"], true),
    (&["-g", "--gecos"], true),
    (&["-s", "--shell"], true),
    (&["-G", "--ingroup"], true),
    (&["-S", "--system"], false),
    (&["-D", "--disabled-password"], false),
    (&["-H", "--no-create-home"], false),
    (&["-u", "--uid"], true),
];
const ADDGROUP: &[Known] = &[(&["-g", "--gid"], true), (&["-S", "--system"], false)];

fn usage(system: &mut System<'_>, process: &mut Process, known: &[Known]) -> Flow {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let flags: Vec<&str> = known.iter().map(|(names, _)| names[0]).collect();
    process.complain(
        system,
        format!("Usage: {name} [OPTIONS] NAME\nLayerlab: the lab's {name} takes {}\n", flags.join(" ")),
    );
    Flow::Exit(1)
}

pub(super) fn adduser(system: &mut System<'_>, process: &mut Process) -> Flow {
    let Ok(options) = Options::read(&process.args, ADDUSER) else {
        return usage(system, process, ADDUSER);
    };
    let mut accounts = Accounts::load(system, process);
    let name = match &options.operands[..] {
        [name] => name.clone(),
        [user, group] => return into_group(system, process, accounts, user, group),
        _ => return usage(system, process, ADDUSER),
    };
    if accounts.user(&name).is_some() {
        return fail(system, process, 1, &format!("user '{name}' in use"));
    }
    let range = if options.has("-S") { SYSTEM } else { PERSON };
    let uid = match options.value("-u").map(str::parse) {
        Some(Ok(uid)) => uid,
        Some(Err(_)) => {
            let text = format!("invalid number '{}'", options.value("-u").unwrap_or_default());
            return fail(system, process, 1, &text);
        }
        None => accounts.free_uid(range),
    };
    if accounts.users.iter().any(|user| user.uid == uid) {
        return fail(system, process, 1, &format!("uid '{uid}' in use"));
    }
    let gid = match options.value("-G") {
        Some(group) => match accounts.group(group) {
            Some(group) => group.gid,
            None => return fail(system, process, 1, &format!("unknown group {group}")),
        },
        None if options.has("-S") => 65_533,
        None => {
            if accounts.groups.iter().any(|group| group.name == name) {
                return fail(system, process, 1, &format!("group '{name}' in use"));
            }
            let taken = accounts.groups.iter().any(|group| group.gid == uid);
            let gid = if taken { accounts.free_gid(range) } else { uid };
            accounts.add_group(&name, gid);
            gid
        }
    };
    let shell = if options.has("-S") { "/bin/false" } else { "/bin/sh" };
    let user = User {
        uid,
        gid,
        comment: options.value("-g").unwrap_or("Linux User,,,").into(),
        home: options.value("-h").map_or_else(|| format!("/home/{name}"), str::to_owned),
        shell: options.value("-s").unwrap_or(shell).into(),
        name,
    };
    accounts.users.push(user.clone());
    if let Err(error) = accounts.save(system, process) {
        return fail(system, process, 1, &format!("/etc/passwd: {}", error.text()));
    }
    if !options.has("-H")
        && let Err(error) = make_home(system, process, &user, 0o2755)
    {
        return fail(system, process, 1, &format!("{}: {}", user.home, error.text()));
    }
    if !options.has("-D") && !options.has("-S") {
        let text = format!(
            "Changing password for {0}\nNew password: \nadduser: password for {0} is unchanged\nLayerlab: no passwords here; -D makes a user without one\n",
            user.name
        );
        process.complain(system, text);
        return Flow::Exit(1);
    }
    Flow::OK
}

fn into_group(
    system: &mut System<'_>,
    process: &mut Process,
    mut accounts: Accounts,
    user: &str,
    group: &str,
) -> Flow {
    if accounts.user(user).is_none() {
        return fail(system, process, 1, &format!("unknown user {user}"));
    }
    let Some(group) = accounts.group(group).map(|group| group.name.clone()) else {
        return fail(system, process, 1, &format!("unknown group {group}"));
    };
    accounts.join(user, &group);
    match accounts.save(system, process) {
        Ok(()) => Flow::OK,
        Err(error) => fail(system, process, 1, &format!("/etc/group: {}", error.text())),
    }
}

pub(super) fn addgroup(system: &mut System<'_>, process: &mut Process) -> Flow {
    let Ok(options) = Options::read(&process.args, ADDGROUP) else {
        return usage(system, process, ADDGROUP);
    };
    let mut accounts = Accounts::load(system, process);
    let name = match &options.operands[..] {
        [name] => name.clone(),
        [user, group] => return into_group(system, process, accounts, user, group),
        _ => return usage(system, process, ADDGROUP),
    };
    if accounts.groups.iter().any(|group| group.name == name) {
        return fail(system, process, 1, &format!("group '{name}' in use"));
    }
    let gid = match options.value("-g").map(str::parse) {
        Some(Ok(gid)) => gid,
        Some(Err(_)) => return fail(system, process, 1, "invalid number"),
        None => accounts.free_gid(if options.has("-S") { SYSTEM } else { PERSON }),
    };
    if accounts.groups.iter().any(|group| group.gid == gid) {
        return fail(system, process, 1, &format!("gid '{gid}' in use"));
    }
    accounts.add_group(&name, gid);
    match accounts.save(system, process) {
        Ok(()) => Flow::OK,
        Err(error) => fail(system, process, 1, &format!("/etc/group: {}", error.text())),
    }
}

/// `deluser USER`; `deluser USER GROUP` takes the user out of the group.
pub(super) fn deluser(system: &mut System<'_>, process: &mut Process) -> Flow {
    let Ok(options) = Options::read(&process.args, &[]) else {
        return usage(system, process, &[]);
    };
    let mut accounts = Accounts::load(system, process);
    match &options.operands[..] {
        [user] => {
            if accounts.remove_user(user).is_none() {
                return fail(system, process, 1, &format!("unknown user {user}"));
            }
            accounts.groups.retain(|group| group.name != *user || !group.members.is_empty());
        }
        [user, group] => {
            let Some(group) = accounts.groups.iter_mut().find(|known| known.name == *group) else {
                return fail(system, process, 1, &format!("unknown group {group}"));
            };
            group.members.retain(|member| member != user);
        }
        _ => return usage(system, process, &[]),
    }
    match accounts.save(system, process) {
        Ok(()) => Flow::OK,
        Err(error) => fail(system, process, 1, &format!("/etc/passwd: {}", error.text())),
    }
}

/// `delgroup GROUP`.
pub(super) fn delgroup(system: &mut System<'_>, process: &mut Process) -> Flow {
    let Ok(options) = Options::read(&process.args, &[]) else {
        return usage(system, process, &[]);
    };
    let mut accounts = Accounts::load(system, process);
    let [name] = &options.operands[..] else { return usage(system, process, &[]) };
    let before = accounts.groups.len();
    accounts.groups.retain(|group| group.name != *name);
    if accounts.groups.len() == before {
        return fail(system, process, 1, &format!("unknown group {name}"));
    }
    match accounts.save(system, process) {
        Ok(()) => Flow::OK,
        Err(error) => fail(system, process, 1, &format!("/etc/group: {}", error.text())),
    }
}
