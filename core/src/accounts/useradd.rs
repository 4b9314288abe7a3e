//! `useradd(8)`, `usermod(8)`, `userdel(8)`, `groupadd(8)` and `groupdel(8)`.

use super::fail::fail;
use super::files::{Accounts, PERSON, Range, User, make_home};
use crate::kernel::fs;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

/// Ids of the system's own users (`login.defs(5)`: `SYS_UID_MIN`), given from the last down.
const SYSTEM: Range = Range { first: 100, last: 999, up: false };

const USER: &[Known] = &[
    (&["-m", "--create-home"], false),
    (&["-M", "--no-create-home"], false),
    (&["-r", "--system"], false),
    (&["-N", "--no-user-group"], false),
    (&["-U", "--user-group"], false),
    (&["-o", "--non-unique"], false),
    (&["-a", "--append"], false),
    (&["-l", "--no-log-init"], false),
    (&["-u", "--uid"], true),
    (&["-g", "--gid"], true),
    (&["-G", "--groups"], true),
    (&["-s", "--shell"], true),
    (&["-d", "--home-dir", "--home"], true),
    (&["-c", "--comment"], true),
];
const GROUP: &[Known] = &[
    (&["-g", "--gid"], true),
    (&["-r", "--system"], false),
    (&["-f", "--force"], false),
    (&["-o", "--non-unique"], false),
];
const DELETE: &[Known] = &[(&["-r", "--remove"], false), (&["-f", "--force"], false)];

/// Reads the options and the one name that these programs take.
fn read(system: &mut System<'_>, process: &mut Process, known: &[Known]) -> Result<(Options, String), Flow> {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    let options = match Options::read(&process.args, known) {
        Ok(options) => options,
        Err(option) => {
            let text = format!(
                "unrecognized option '{option}'\nLayerlab: the lab's {name} takes {}",
                known.iter().map(|(names, _)| names[0]).collect::<Vec<&str>>().join(" ")
            );
            return Err(fail(system, process, 2, &text));
        }
    };
    match &options.operands[..] {
        [one] => Ok((options.clone(), one.clone())),
        _ => {
            process.complain(system, format!("Usage: {name} [options] LOGIN\n"));
            Err(Flow::Exit(2))
        }
    }
}

fn save(system: &mut System<'_>, process: &mut Process, accounts: &Accounts, file: &str) -> Result<(), Flow> {
    accounts.save(system, process).map_err(|error| {
        let name = String::from_utf8_lossy(process.name()).into_owned();
        let text = format!("{}.\n{name}: cannot lock {file}; try again later.", error.text());
        fail(system, process, 1, &text)
    })
}

/// Whether a name is one that these programs take.
fn is_name(name: &str) -> bool {
    let head = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    head && name.len() <= 32
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

pub(super) fn useradd(system: &mut System<'_>, process: &mut Process) -> Flow {
    add(system, process).unwrap_or_else(|flow| flow)
}

fn add(system: &mut System<'_>, process: &mut Process) -> Result<Flow, Flow> {
    let (options, name) = read(system, process, USER)?;
    let mut accounts = Accounts::load(system, process);
    if !is_name(&name) {
        let text = format!("invalid user name '{name}': use --badname to ignore");
        return Err(fail(system, process, 3, &text));
    }
    if accounts.user(&name).is_some() {
        return Err(fail(system, process, 9, &format!("user '{name}' already exists")));
    }
    let range = if options.has("-r") { SYSTEM } else { PERSON };
    let uid = match options.value("-u") {
        Some(text) => {
            text.parse().map_err(|_| fail(system, process, 3, &format!("invalid user ID '{text}'")))?
        }
        None => accounts.free_uid(range),
    };
    if accounts.users.iter().any(|user| user.uid == uid) && !options.has("-o") {
        return Err(fail(system, process, 4, &format!("UID {uid} is not unique")));
    }
    let gid = match options.value("-g") {
        Some(group) => match accounts.group(group) {
            Some(group) => group.gid,
            None => return Err(fail(system, process, 6, &format!("group '{group}' does not exist"))),
        },
        None if options.has("-N") => 100,
        None => {
            if accounts.group(&name).is_some() {
                let text =
                    format!("group {name} exists - if you want to add this user to that group, use -g.");
                return Err(fail(system, process, 9, &text));
            }
            let taken = accounts.groups.iter().any(|group| group.gid == uid);
            let gid = if taken { accounts.free_gid(range) } else { uid };
            accounts.add_group(&name, gid);
            gid
        }
    };
    let user = User {
        uid,
        gid,
        comment: options.value("-c").unwrap_or_default().into(),
        home: options.value("-d").map_or_else(|| format!("/home/{name}"), str::to_owned),
        shell: options.value("-s").unwrap_or("/bin/sh").into(),
        name: name.clone(),
    };
    accounts.users.push(user.clone());
    join(system, process, &mut accounts, &name, options.value("-G"))?;
    save(system, process, &accounts, "/etc/passwd")?;
    if options.has("-m") && !options.has("-M") {
        make_home(system, process, &user, 0o755).map_err(|error| {
            fail(system, process, 12, &format!("cannot create directory {}: {}", user.home, error.text()))
        })?;
    }
    Ok(Flow::OK)
}

fn join(
    system: &mut System<'_>,
    process: &mut Process,
    accounts: &mut Accounts,
    name: &str,
    groups: Option<&str>,
) -> Result<(), Flow> {
    for group in groups.unwrap_or_default().split(',').filter(|group| !group.is_empty()) {
        let Some(group) = accounts.group(group).map(|group| group.name.clone()) else {
            return Err(fail(system, process, 6, &format!("group '{group}' does not exist")));
        };
        accounts.join(name, &group);
    }
    Ok(())
}

pub(super) fn usermod(system: &mut System<'_>, process: &mut Process) -> Flow {
    change(system, process).unwrap_or_else(|flow| flow)
}

fn change(system: &mut System<'_>, process: &mut Process) -> Result<Flow, Flow> {
    let (options, name) = read(system, process, USER)?;
    let mut accounts = Accounts::load(system, process);
    if accounts.user(&name).is_none() {
        return Err(fail(system, process, 6, &format!("user '{name}' does not exist")));
    }
    if let Some(option) = ["-m", "-M", "-r", "-N", "-U", "-l"].iter().find(|option| options.has(option)) {
        let text =
            format!("{option} is not in the lab\nLayerlab: the lab's usermod takes -a -G -g -u -s -d -c");
        return Err(fail(system, process, 2, &text));
    }
    let gid = match options.value("-g") {
        Some(group) => match accounts.group(group) {
            Some(group) => Some(group.gid),
            None => return Err(fail(system, process, 6, &format!("group '{group}' does not exist"))),
        },
        None => None,
    };
    let uid = match options.value("-u") {
        Some(text) => {
            Some(text.parse().map_err(|_| fail(system, process, 3, &format!("invalid user ID '{text}'")))?)
        }
        None => None,
    };
    if options.value("-G").is_some() && !options.has("-a") {
        for group in &mut accounts.groups {
            group.members.retain(|member| *member != name);
        }
    }
    join(system, process, &mut accounts, &name, options.value("-G"))?;
    if let Some(user) = accounts.users.iter_mut().find(|user| user.name == name) {
        user.uid = uid.unwrap_or(user.uid);
        user.gid = gid.unwrap_or(user.gid);
        for (option, field) in [("-s", &mut user.shell), ("-d", &mut user.home), ("-c", &mut user.comment)] {
            if let Some(value) = options.value(option) {
                value.clone_into(field);
            }
        }
    }
    save(system, process, &accounts, "/etc/passwd")?;
    Ok(Flow::OK)
}

pub(super) fn userdel(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (options, name) = match read(system, process, DELETE) {
        Ok(read) => read,
        Err(flow) => return flow,
    };
    let mut accounts = Accounts::load(system, process);
    let Some(user) = accounts.remove_user(&name) else {
        return fail(system, process, 6, &format!("user '{name}' does not exist"));
    };
    accounts.groups.retain(|group| group.name != name || !group.members.is_empty());
    if let Err(flow) = save(system, process, &accounts, "/etc/passwd") {
        return flow;
    }
    if options.has("-r") {
        let _ = fs::remove_all(system.kernel, &process.task, user.home.as_bytes());
    }
    Flow::OK
}

pub(super) fn groupadd(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (options, name) = match read(system, process, GROUP) {
        Ok(read) => read,
        Err(flow) => return flow,
    };
    let mut accounts = Accounts::load(system, process);
    if accounts.groups.iter().any(|group| group.name == name) {
        if options.has("-f") {
            return Flow::OK;
        }
        return fail(system, process, 9, &format!("group '{name}' already exists"));
    }
    let gid = match options.value("-g").map(str::parse) {
        Some(Ok(gid)) => gid,
        Some(Err(_)) => return fail(system, process, 3, "invalid group ID"),
        None => accounts.free_gid(if options.has("-r") { SYSTEM } else { PERSON }),
    };
    if accounts.groups.iter().any(|group| group.gid == gid) && !options.has("-o") {
        return fail(system, process, 4, &format!("GID '{gid}' already exists"));
    }
    accounts.add_group(&name, gid);
    match save(system, process, &accounts, "/etc/group") {
        Ok(()) => Flow::OK,
        Err(flow) => flow,
    }
}

pub(super) fn groupdel(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (_, name) = match read(system, process, DELETE) {
        Ok(read) => read,
        Err(flow) => return flow,
    };
    let mut accounts = Accounts::load(system, process);
    let Some(at) = accounts.groups.iter().position(|group| group.name == name) else {
        return fail(system, process, 6, &format!("group '{name}' does not exist"));
    };
    let gid = accounts.groups[at].gid;
    if let Some(user) = accounts.users.iter().find(|user| user.gid == gid) {
        let text = format!("cannot remove the primary group of user '{}'", user.name);
        return fail(system, process, 8, &text);
    }
    accounts.groups.remove(at);
    match save(system, process, &accounts, "/etc/group") {
        Ok(()) => Flow::OK,
        Err(flow) => flow,
    }
}
