//! `id`, `whoami`, `groups`, `hostname`, `uname`, `env`, `printenv`.

use super::common::args::{Flag, Order, Usage, flag, mistake, parse, valued};
use super::common::run::Run;
use super::common::users::Users;
use crate::kernel::{ByteString, Caps, Task, fs};
use crate::program::{Body, ExecError, Flow, Pid, Place, Process, Program, Scope, Spawn, System, find};

pub(super) const ID: Program =
    Program { name: "id", summary: "who runs this", scope: Scope::Everywhere, main: id };
pub(super) const WHOAMI: Program =
    Program { name: "whoami", summary: "the user's name", scope: Scope::Everywhere, main: whoami };
pub(super) const HOSTNAME: Program =
    Program { name: "hostname", summary: "the machine's name", scope: Scope::Everywhere, main: hostname };
pub(super) const UNAME: Program =
    Program { name: "uname", summary: "the kernel's name", scope: Scope::Everywhere, main: uname };
pub(super) const ENV: Program = Program {
    name: "env",
    summary: "show the environment, or run a program in another",
    scope: Scope::Everywhere,
    main: env,
};
pub(super) const PRINTENV: Program =
    Program { name: "printenv", summary: "show the environment", scope: Scope::Everywhere, main: printenv };

const ID_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [USER]",
    about: "Print user and group information for the USER, or for the current process.",
    flags: &[
        flag('u', "user", "the user's number alone"),
        flag('g', "group", "the group's number alone"),
        flag('G', "groups", "all groups' numbers"),
        flag('n', "name", "names for numbers"),
        flag('r', "real", ""),
    ],
    status: 1,
};

fn id(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &ID_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let users = Users::read(&mut run);
    let Task { mut uid, mut gid, mut groups, .. } = run.process.task.clone();
    if let Some(name) = parsed.operands.first() {
        let text = name.to_text();
        let named = users.user(&text).or_else(|| {
            let uid: u32 = text.parse().ok()?;
            users.user(users.user_name(uid)?)
        });
        let Some((found, group)) = named else {
            run.warn_filled(run.words().no_such_user, &[name]);
            return run.end();
        };
        (uid, gid) = (found, group);
        groups = users.memberships(&text);
    }
    groups.retain(|group| *group != gid);
    groups.insert(0, gid);
    let named = parsed.has('n');
    let user = |uid: u32| if named { users.show_user(uid) } else { uid.to_string() };
    let group = |gid: u32| if named { users.show_group(gid) } else { gid.to_string() };
    let text = match parsed.last_of("ugG") {
        Some('u') => user(uid),
        Some('g') => group(gid),
        Some(_) => groups.iter().map(|gid| group(*gid)).collect::<Vec<_>>().join(" "),
        None => {
            let with =
                |id: u32, name: Option<&str>| name.map_or(id.to_string(), |name| format!("{id}({name})"));
            let list: Vec<String> = groups.iter().map(|gid| with(*gid, users.group_name(*gid))).collect();
            let (user, group) = (with(uid, users.user_name(uid)), with(gid, users.group_name(gid)));
            format!("uid={user} gid={group} groups={}", list.join(","))
        }
    };
    run.print(text + "\n");
    run.end()
}

const NOTHING: &[Flag] = &[];
const WHOAMI_USAGE: Usage =
    Usage { synopsis: "", about: "Print the user name of the effective user.", flags: NOTHING, status: 1 };

fn whoami(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &WHOAMI_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if let Some(extra) = parsed.operands.first() {
        let shown = run.curly(extra);
        let text = format!("extra operand {}", String::from_utf8_lossy(&shown));
        return Flow::Exit(mistake(&mut run, &WHOAMI_USAGE, &text));
    }
    let users = Users::read(&mut run);
    let uid = run.process.task.uid;
    match users.user_name(uid) {
        Some(name) => run.print(format!("{name}\n")),
        None => run.warn_filled(run.words().no_name_for_uid, &[uid.to_string().as_bytes()]),
    }
    run.end()
}

/// The machine's name, as the file in the task's root has it.
fn own_name(run: &mut Run<'_, '_>) -> String {
    let hosts = match &run.process.place {
        Place::Container(id) => run.system.world.running.get(id).is_some_and(|running| running.has_host_name),
        Place::Host => false,
    };
    let reader = if hosts { Task::root() } else { Task { uid: 0, ..run.process.task.clone() } };
    let file = fs::read(run.system.kernel, &reader, b"/etc/hostname").unwrap_or_default();
    let text = String::from_utf8_lossy(&file).trim().to_owned();
    let from_env = || run.process.env.get(&b"HOSTNAME"[..]).map(ByteString::to_text);
    if text.is_empty() { from_env().unwrap_or_else(|| "lab".to_owned()) } else { text }
}

/// The address of a name in a file of hosts (hosts(5)).
fn address(hosts: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(hosts);
    let mut lines = text.lines().map(|line| line.split_whitespace());
    lines.find_map(|mut words| {
        let address = words.next()?;
        words.any(|word| word == name).then(|| address.to_owned())
    })
}

/// The first name beside a name, which is the whole one (hosts(5), hostname(1)).
fn full_name(hosts: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(hosts);
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let first = words.next()?;
        (first == name || words.any(|word| word == name)).then(|| first.to_owned())
    })
}

fn hostname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let text = match run.process.args.get(1).map(|arg| &arg[..]) {
        Some(b"-i" | b"-I") => {
            let name = own_name(&mut run);
            let task = run.process.task.clone();
            let hosts = fs::read(run.system.kernel, &task, b"/etc/hosts").unwrap_or_default();
            match address(&hosts, &name) {
                Some(address) => address,
                None if run.process.place == Place::Host => "127.0.0.1".to_owned(),
                None => {
                    run.warn(format!("{name}: Host name lookup failure"));
                    return Flow::Exit(1);
                }
            }
        }
        Some(name) if !name.starts_with(b"-") => {
            if matches!(run.process.place, Place::Container(_)) && !run.process.task.can(Caps::SYS_ADMIN) {
                run.warn("sethostname: Operation not permitted");
            } else {
                run.complain(
                    "Layerlab: the lab's machines keep their names; docker run --hostname gives one\n",
                );
            }
            return Flow::Exit(1);
        }
        Some(flag @ (b"-f" | b"--fqdn" | b"-d" | b"-s")) => {
            let flag = flag.to_vec();
            let name = own_name(&mut run);
            let task = run.process.task.clone();
            let hosts = fs::read(run.system.kernel, &task, b"/etc/hosts").unwrap_or_default();
            let whole = full_name(&hosts, &name).unwrap_or_else(|| name.clone());
            let (short, domain) = whole.split_once('.').unwrap_or((&whole, ""));
            match &flag[..] {
                b"-d" => domain.to_owned(),
                b"-s" => short.to_owned(),
                _ => whole,
            }
        }
        _ => own_name(&mut run),
    };
    run.print(text + "\n");
    run.end()
}

const UNAME_USAGE: Usage = Usage {
    synopsis: "[OPTION]...",
    about: "Print certain system information. With no OPTION, same as -s.",
    flags: &[
        flag('a', "all", "everything"),
        flag('s', "kernel-name", "the kernel's name"),
        flag('n', "nodename", "the machine's name"),
        flag('r', "kernel-release", "the kernel's release"),
        flag('v', "kernel-version", "the kernel's version"),
        flag('m', "machine", "the hardware"),
        flag('p', "processor", ""),
        flag('i', "hardware-platform", ""),
        flag('o', "operating-system", "the operating system"),
    ],
    status: 1,
};

/// The kernel that the lab's rules were measured on; the seam has no `uname(2)`.
const RELEASE: &str = "6.18.0-layerlab";

fn uname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &UNAME_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let name = own_name(&mut run);
    let all = parsed.has('a');
    let parts =
        [('s', "Linux"), ('n', &name), ('r', RELEASE), ('v', "#1 SMP"), ('m', "x86_64"), ('o', "GNU/Linux")];
    let none = parsed.options.is_empty();
    let wanted = |key: char| all || parsed.has(key) || none && key == 's';
    let text: Vec<&str> = parts.iter().filter(|(key, _)| wanted(*key)).map(|(_, text)| *text).collect();
    run.print(text.join(" ") + "\n");
    run.end()
}

const ENV_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
    about: "Set each NAME to VALUE in the environment and run COMMAND, or print the environment.",
    flags: &[
        flag('i', "ignore-environment", "start with an empty environment"),
        valued('u', "unset", "without this variable"),
        valued('C', "chdir", "in this directory"),
        flag('0', "null", "end each line with NUL"),
    ],
    status: 125,
};

fn env(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &ENV_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands.clone();
    let bare = operands.first().is_some_and(|arg| *arg == "-");
    if bare {
        operands.remove(0);
    }
    if parsed.has('i') || bare {
        run.process.env.clear();
    }
    for (_, name) in parsed.options.iter().filter(|(key, _)| key.letter() == Some('u')) {
        run.process.env.remove(&name.clone().unwrap_or_default());
    }
    while let Some(at) = operands.first().and_then(|arg| arg.iter().position(|b| *b == b'=')) {
        let arg = operands.remove(0);
        run.process.env.insert(arg[..at].into(), arg[at + 1..].into());
    }
    if operands.is_empty() {
        let end: &[u8] = if parsed.has('0') { b"\0" } else { b"\n" };
        let lines: Vec<u8> =
            run.process.env.iter().flat_map(|(name, value)| [&name[..], b"=", value, end].concat()).collect();
        run.print(lines);
        return run.end();
    }
    replace(&mut run, operands)
}

/// Lets a program take this process's place; 126 and 127 where it cannot.
pub(super) fn replace(run: &mut Run<'_, '_>, args: Vec<ByteString>) -> Flow {
    let name = args[0].clone();
    let mut child = run.process.child(args);
    match find(run.system, &mut child) {
        Ok(program) => run.system.becomes(child, program),
        Err(error) => cannot(run, &name, &error),
    }
}

/// Starts a program as a child, which the caller waits for; 126 and 127 where it cannot be.
pub(super) fn start(run: &mut Run<'_, '_>, args: Vec<ByteString>) -> Result<Pid, u8> {
    let name = args[0].clone();
    let mut child = run.process.child(args);
    let error = match find(run.system, &mut child) {
        Ok(program) => {
            let row = run.system.world.tasks.get(run.system.current);
            let (front, group) = (row.is_none_or(|row| row.front), row.map(|row| row.group));
            let body = Body::Fresh(program.name.into());
            match run.system.spawn(Spawn { front, group, ..Spawn::new(run.system.current, child, body) }) {
                Ok(pid) => return Ok(pid),
                Err(errno) => ExecError::File(errno),
            }
        }
        Err(error) => error,
    };
    Err(cannot(run, &name, &error).status())
}

pub(super) fn cannot(run: &mut Run<'_, '_>, name: &[u8], error: &ExecError) -> Flow {
    let (status, text) = match error {
        ExecError::NotInPath => (127, "No such file or directory".to_owned()),
        ExecError::File(errno) => {
            (if *errno == crate::kernel::Errno::ENOENT { 127 } else { 126 }, errno.text().to_owned())
        }
        ExecError::MachineCode(_) => {
            run.complain(format!("Layerlab: {error}\n"));
            return Flow::Exit(126);
        }
    };
    let words = run.words();
    let message = if run.name() == "env" { words.env_cannot_execute } else { words.cannot_execute };
    run.warn_filled(message, &[name, text.as_bytes()]);
    Flow::Exit(status)
}

fn printenv(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let names = run.process.args[1..].to_vec();
    if names.is_empty() {
        let lines: Vec<u8> = run
            .process
            .env
            .iter()
            .flat_map(|(name, value)| [&name[..], b"=", value, b"\n"].concat())
            .collect();
        run.print(lines);
        return run.end();
    }
    for name in names {
        match run.process.env.get(&name).cloned() {
            Some(value) => run.print([&value[..], b"\n"].concat()),
            None => run.status = 1,
        }
    }
    run.end()
}
