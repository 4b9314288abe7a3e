//! `adduser` and `addgroup` as Debian has them (`adduser(8)`).

use super::fail::fail;
use super::files::{Accounts, PERSON, Range, User, make_home};
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

/// Ids of the system's own users (`adduser.conf(5)`: `FIRST_SYSTEM_UID`).
const SYSTEM: Range = Range { first: 100, last: 999, up: true };

const KNOWN: &[Known] = &[
    (&["--system"], false),
    (&["--group"], false),
    (&["--home"], true),
    (&["--shell"], true),
    (&["--uid"], true),
    (&["--gid"], true),
    (&["--ingroup"], true),
    (&["--gecos", "--comment"], true),
    (&["--no-create-home"], false),
    (&["--disabled-password"], false),
    (&["--disabled-login"], false),
    (&["-q", "--quiet"], false),
];

fn read(system: &mut System<'_>, process: &mut Process) -> Result<Options, Flow> {
    Options::read(&process.args, KNOWN).map_err(|option| {
        let flags: Vec<&str> = KNOWN.iter().map(|(names, _)| names[0]).collect();
        let text = format!("Unknown option: {option}\nLayerlab: the lab's adduser takes {}", flags.join(" "));
        fail(system, process, 1, &text)
    })
}

fn stop(system: &mut System<'_>, process: &mut Process, text: &str) -> Flow {
    process.complain(system, format!("fatal: {text}\n"));
    Flow::Exit(1)
}

pub(super) fn adduser(system: &mut System<'_>, process: &mut Process) -> Flow {
    add(system, process).unwrap_or_else(|flow| flow)
}

fn add(system: &mut System<'_>, process: &mut Process) -> Result<Flow, Flow> {
    let options = read(system, process)?;
    let mut accounts = Accounts::load(system, process);
    let name = match &options.operands[..] {
        [name] => name.clone(),
        [user, group] => {
            if accounts.user(user).is_none() {
                return Err(stop(system, process, &format!("The user `{user}' does not exist.")));
            }
            let Some(known) = accounts.group(group).map(|group| group.name.clone()) else {
                return Err(stop(system, process, &format!("The group `{group}' does not exist.")));
            };
            accounts.join(user, &known);
            saved(system, process, &accounts)?;
            say(system, process, &options, &format!("Adding user `{user}' to group `{group}' ...\nDone.\n"));
            return Ok(Flow::OK);
        }
        _ => return Err(stop(system, process, "Only one or two names allowed.")),
    };
    let of_system = options.has("--system");
    if accounts.user(&name).is_some() {
        if of_system {
            say(system, process, &options, &format!("The system user `{name}' already exists. Exiting.\n"));
            return Ok(Flow::OK);
        }
        return Err(stop(system, process, &format!("The user `{name}' already exists.")));
    }
    let range = if of_system { SYSTEM } else { PERSON };
    let number = |system: &mut System<'_>, process: &mut Process, option: &str| match options.value(option) {
        Some(text) => match text.parse::<u32>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(fail(
                system,
                process,
                1,
                &format!("Option {} takes a number", option.trim_start_matches('-')),
            )),
        },
        None => Ok(None),
    };
    let uid = number(system, process, "--uid")?.unwrap_or_else(|| accounts.free_uid(range));
    if accounts.users.iter().any(|user| user.uid == uid) {
        return Err(stop(system, process, &format!("The UID {uid} is already in use.")));
    }
    let mut text = if of_system {
        format!("Adding system user `{name}' (UID {uid}) ...\n")
    } else {
        format!("Adding user `{name}' ...\n")
    };
    let joined = options.value("--ingroup").or(options.value("--gid"));
    let gid = match joined {
        Some(group) => match accounts.group(group) {
            Some(group) => group.gid,
            None => return Err(stop(system, process, &format!("The group `{group}' does not exist."))),
        },
        None if of_system && !options.has("--group") => 65_534,
        None => {
            let taken = accounts.groups.iter().any(|group| group.gid == uid);
            let gid = if taken { accounts.free_gid(range) } else { uid };
            accounts.add_group(&name, gid);
            text.push_str(&format!("Adding new group `{name}' (GID {gid}) ...\n"));
            gid
        }
    };
    text.push_str(&format!(
        "Adding new user `{name}' (UID {uid}) with group `{}' ...\n",
        joined.unwrap_or(&name)
    ));
    let (home, shell) = if of_system {
        ("/nonexistent".to_owned(), "/usr/sbin/nologin")
    } else {
        (format!("/home/{name}"), "/bin/bash")
    };
    let user = User {
        uid,
        gid,
        comment: options.value("--gecos").unwrap_or(if of_system { "" } else { ",,," }).into(),
        home: options.value("--home").map_or(home, str::to_owned),
        shell: options.value("--shell").unwrap_or(shell).into(),
        name,
    };
    accounts.users.push(user.clone());
    saved(system, process, &accounts)?;
    if options.has("--no-create-home") || user.home == "/nonexistent" {
        text.push_str(&format!("Not creating home directory `{}'.\n", user.home));
    } else {
        text.push_str(&format!("Creating home directory `{}' ...\n", user.home));
        make_home(system, process, &user, 0o755)
            .map_err(|error| stop(system, process, &format!("{}: {}", user.home, error.text())))?;
    }
    say(system, process, &options, &text);
    if !of_system && !options.has("--disabled-password") && !options.has("--disabled-login") {
        process.complain(
            system,
            "New password: \nLayerlab: no passwords here; --disabled-password makes a user without one\n",
        );
        return Ok(Flow::Exit(1));
    }
    Ok(Flow::OK)
}

pub(super) fn addgroup(system: &mut System<'_>, process: &mut Process) -> Flow {
    group(system, process).unwrap_or_else(|flow| flow)
}

fn group(system: &mut System<'_>, process: &mut Process) -> Result<Flow, Flow> {
    let options = read(system, process)?;
    let mut accounts = Accounts::load(system, process);
    let [name] = &options.operands[..] else {
        return Err(stop(system, process, "Only one or two names allowed."));
    };
    if accounts.groups.iter().any(|group| group.name == *name) {
        return Err(stop(system, process, &format!("The group `{name}' already exists.")));
    }
    let range = if options.has("--system") { SYSTEM } else { PERSON };
    let gid = match options.value("--gid").map(str::parse) {
        Some(Ok(gid)) => gid,
        Some(Err(_)) => return Err(stop(system, process, "Option gid takes a number")),
        None => accounts.free_gid(range),
    };
    accounts.add_group(name, gid);
    saved(system, process, &accounts)?;
    say(system, process, &options, &format!("Adding group `{name}' (GID {gid}) ...\nDone.\n"));
    Ok(Flow::OK)
}

fn saved(system: &mut System<'_>, process: &mut Process, accounts: &Accounts) -> Result<(), Flow> {
    accounts
        .save(system, process)
        .map_err(|_| stop(system, process, "Only root may add a user or group to the system."))
}

fn say(system: &mut System<'_>, process: &mut Process, options: &Options, text: &str) {
    if !options.has("-q") {
        process.print(system, text);
    }
}
