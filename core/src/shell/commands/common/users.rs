//! Names of users and groups, from the password and group files of the task's own root.

use super::run::Run;
use crate::kernel::{Task, fs};

/// The users and groups that there are.
#[derive(Debug, Clone, Default)]
pub(in crate::shell::commands) struct Users {
    users: Vec<(String, u32, u32)>,
    groups: Vec<(String, u32, Vec<String>)>,
}

impl Users {
    /// Reads `/etc/passwd` and `/etc/group`; where they are missing there are no names.
    pub(in crate::shell::commands) fn read(run: &mut Run<'_, '_>) -> Self {
        let reader = Task { uid: 0, ..run.process.task.clone() };
        let mut read = |path: &str| {
            let bytes = fs::read(run.system.kernel, &reader, path.as_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let mut found = Self::default();
        for line in read("/etc/passwd").lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [name, _, uid, gid, ..] = fields[..]
                && let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse())
            {
                found.users.push((name.to_owned(), uid, gid));
            }
        }
        for line in read("/etc/group").lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [name, _, gid, ..] = fields[..]
                && let Ok(gid) = gid.parse()
            {
                let members = fields.get(3).map_or("", |m| m).split(',').filter(|m| !m.is_empty());
                found.groups.push((name.to_owned(), gid, members.map(str::to_owned).collect()));
            }
        }
        found
    }

    pub(in crate::shell::commands) fn user_name(&self, uid: u32) -> Option<&str> {
        self.users.iter().find(|(_, id, _)| *id == uid).map(|(name, ..)| name.as_str())
    }

    pub(in crate::shell::commands) fn group_name(&self, gid: u32) -> Option<&str> {
        self.groups.iter().find(|(_, id, _)| *id == gid).map(|(name, ..)| name.as_str())
    }

    /// The user's id and group.
    pub(in crate::shell::commands) fn user(&self, name: &str) -> Option<(u32, u32)> {
        self.users.iter().find(|(known, ..)| known == name).map(|(_, uid, gid)| (*uid, *gid))
    }

    pub(in crate::shell::commands) fn group(&self, name: &str) -> Option<u32> {
        self.groups.iter().find(|(known, ..)| known == name).map(|(_, gid, _)| *gid)
    }

    /// The groups that name a user as a member.
    pub(in crate::shell::commands) fn memberships(&self, user: &str) -> Vec<u32> {
        let member = |members: &[String]| members.iter().any(|m| m == user);
        self.groups.iter().filter(|(_, _, members)| member(members)).map(|(_, gid, _)| *gid).collect()
    }

    /// The user's name, or the number.
    pub(in crate::shell::commands) fn show_user(&self, uid: u32) -> String {
        self.user_name(uid).map_or_else(|| uid.to_string(), str::to_owned)
    }

    /// The group's name, or the number.
    pub(in crate::shell::commands) fn show_group(&self, gid: u32) -> String {
        self.group_name(gid).map_or_else(|| gid.to_string(), str::to_owned)
    }
}
