//! `id`: prints the user's ids and groups.

use super::common::args::{Order, Usage, flag, parse};
use super::common::run::Run;
use super::common::users::Users;
use crate::kernel::Task;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "id", summary: "who runs this", scope: Scope::Everywhere, main: id };

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
