//! The three files, read and written whole.

use crate::kernel::{Errno, Follow, fs};
use crate::program::{Process, System};

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) comment: String,
    pub(super) home: String,
    pub(super) shell: String,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) members: Vec<String>,
}

/// Users and groups. Lines that are none are kept out of them and written back first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Accounts {
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    passwords: Vec<(String, String)>,
}

/// Ids that are given in turn: from the first up, or from the last down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) up: bool,
}

/// A person's ids (`login.defs(5)`: `UID_MIN`).
pub(super) const PERSON: Range = Range { first: 1000, last: 60_000, up: true };

impl Accounts {
    /// Reads the files.
    pub(super) fn load(system: &mut System<'_>, process: &Process) -> Self {
        let mut text = |path: &str| {
            let data = fs::read(system.kernel, &process.task, path.as_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&data).into_owned()
        };
        let users = text("/etc/passwd").lines().filter_map(user).collect();
        let groups = text("/etc/group").lines().filter_map(group).collect();
        let shadow = text("/etc/shadow");
        let passwords = shadow.lines().filter_map(|line| line.split_once(':'));
        let passwords = passwords.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect();
        Self { users, groups, passwords }
    }

    /// Writes the files.
    ///
    /// # Errors
    /// What the kernel answers, `EACCES` where the process is not root.
    pub(super) fn save(&self, system: &mut System<'_>, process: &Process) -> Result<(), Errno> {
        if process.task.uid != 0 {
            return Err(Errno::EACCES);
        }
        let mut passwd = String::new();
        let mut shadow = String::new();
        for user in &self.users {
            let User { name, uid, gid, comment, home, shell } = user;
            passwd.push_str(&format!("{name}:x:{uid}:{gid}:{comment}:{home}:{shell}\n"));
            let known = self.passwords.iter().find(|(known, _)| known == name);
            let rest = known.map_or("!::0:99999:7:::", |(_, rest)| rest);
            shadow.push_str(&format!("{name}:{rest}\n"));
        }
        let mut groups = String::new();
        for Group { name, gid, members } in &self.groups {
            groups.push_str(&format!("{name}:x:{gid}:{}\n", members.join(",")));
        }
        for (path, text, mode) in
            [("/etc/passwd", passwd, 0o644), ("/etc/group", groups, 0o644), ("/etc/shadow", shadow, 0o640)]
        {
            fs::write_atomic(system.kernel, &process.task, path.as_bytes(), text.as_bytes(), mode)?;
        }
        Ok(())
    }

    pub(super) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// A group by its name, or by its number.
    pub(super) fn group(&self, name: &str) -> Option<&Group> {
        let by_name = self.groups.iter().find(|group| group.name == name);
        by_name.or_else(|| self.groups.iter().find(|group| name.parse() == Ok(group.gid)))
    }

    /// The next user id of a range that no user has.
    pub(super) fn free_uid(&self, range: Range) -> u32 {
        free(range, |id| self.users.iter().any(|user| user.uid == id))
    }

    /// The next group id of a range that no group has.
    pub(super) fn free_gid(&self, range: Range) -> u32 {
        free(range, |id| self.groups.iter().any(|group| group.gid == id))
    }

    pub(super) fn add_group(&mut self, name: &str, gid: u32) {
        self.groups.push(Group { name: name.into(), gid, members: Vec::new() });
    }

    /// Makes a user a member of a group, once.
    pub(super) fn join(&mut self, user: &str, group: &str) {
        if let Some(group) = self.groups.iter_mut().find(|known| known.name == group)
            && !group.members.iter().any(|member| member == user)
        {
            group.members.push(user.into());
        }
    }

    /// Removes a user from the users and from each group; whether it was there.
    pub(super) fn remove_user(&mut self, name: &str) -> Option<User> {
        let at = self.users.iter().position(|user| user.name == name)?;
        for group in &mut self.groups {
            group.members.retain(|member| member != name);
        }
        Some(self.users.remove(at))
    }
}

fn free(range: Range, taken: impl Fn(u32) -> bool) -> u32 {
    let ids = range.first..=range.last;
    if range.up {
        // The highest that is in use is what the next one follows.
        ids.rev()
            .find(|id| taken(*id))
            .map_or(range.first, |id| if id < range.last { id + 1 } else { range.first })
    } else {
        ids.rev().find(|id| !taken(*id)).unwrap_or(range.last)
    }
}

fn user(line: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, comment, home, shell] = fields[..] else { return None };
    Some(User {
        name: name.into(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        comment: comment.into(),
        home: home.into(),
        shell: shell.into(),
    })
}

fn group(line: &str) -> Option<Group> {
    let fields: Vec<&str> = line.split(':').collect();
    let (name, gid) = (fields.first()?, fields.get(2)?.parse().ok()?);
    let members = fields.get(3).copied().unwrap_or_default();
    let members = members.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Some(Group { name: (*name).into(), gid, members })
}

/// Makes a user's home with what `/etc/skel` holds, owned by the user.
pub(super) fn make_home(
    system: &mut System<'_>,
    process: &Process,
    user: &User,
    mode: u32,
) -> Result<(), Errno> {
    let home = user.home.as_bytes();
    fs::mkdir_all(system.kernel, &process.task, home, 0o755)?;
    system.kernel.chown(&process.task, home, Some(user.uid), Some(user.gid), Follow::Target)?;
    system.kernel.chmod(&process.task, home, mode)?;
    for entry in fs::read_dir_sorted(system.kernel, &process.task, b"/etc/skel").unwrap_or_default() {
        let from = [b"/etc/skel/", &entry.name[..]].concat();
        let to = [home, b"/", &entry.name].concat();
        if let Ok(data) = fs::read(system.kernel, &process.task, &from) {
            fs::write(system.kernel, &process.task, &to, &data, 0o644)?;
            system.kernel.chown(&process.task, &to, Some(user.uid), Some(user.gid), Follow::Target)?;
        }
    }
    Ok(())
}
