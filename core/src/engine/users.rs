//! Who a container's processes are: `--user` and `--group-add`, looked up in the container's own files as the daemon does
//! (moby 20.10's `daemon/oci_linux.go`, `libcontainer/user`).

use super::error::{Error, Result};
use super::{Container, Engine};
use crate::kernel::{Task, fs};

/// A user and its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub uid: u32,
    pub gid: u32,
    pub groups: Vec<u32>,
    pub home: String,
}

/// A number of a user or group: the kernel's are 31 bits long for Docker.
fn id(text: &str) -> Option<Result<u32>> {
    let number: i128 = text.parse().ok()?;
    let id = u32::try_from(number).ok().filter(|id| *id <= 2_147_483_647);
    Some(id.ok_or_else(|| Error::Failed("uids and gids must be in range 0-2147483647".to_owned())))
}

/// The lines of a file of the form of passwd(5), as fields.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| line.split(':').collect())
}

impl Engine<'_> {
    fn text_in(&mut self, inside: &Task, file: &str) -> String {
        let bytes = fs::read(self.kernel, inside, file.as_bytes()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Looks up `name`, `uid`, `name:group` or `uid:gid`, and the container's additional groups.
    pub(super) fn identity(
        &mut self,
        inside: &Task,
        text: &str,
        container: Option<&Container>,
    ) -> Result<Identity> {
        let passwd = self.text_in(inside, "/etc/passwd");
        let group_file = self.text_in(inside, "/etc/group");
        let (name, group) = text.split_once(':').unwrap_or((text, ""));
        let name = if name.is_empty() { "0" } else { name };
        let entry = lines(&passwd).find(|parts| parts.len() > 3 && (parts[0] == name || parts[2] == name));
        let number = |parts: &[&str], at: usize| parts.get(at).and_then(|text| text.parse::<u32>().ok());
        let mut found = match (&entry, id(name)) {
            (Some(parts), _) => Identity {
                uid: number(parts, 2).unwrap_or_default(),
                gid: number(parts, 3).unwrap_or_default(),
                groups: Vec::new(),
                home: parts.get(5).copied().filter(|home| !home.is_empty()).unwrap_or("/").to_owned(),
            },
            (None, Some(uid)) => {
                let uid = uid?;
                let home = if uid == 0 { "/root" } else { "/" };
                Identity { uid, gid: 0, groups: Vec::new(), home: home.to_owned() }
            }
            (None, None) => {
                return Err(Error::Failed(format!(
                    "unable to find user {name}: no matching entries in passwd file"
                )));
            }
        };
        let group_id = |wanted: &str| match lines(&group_file).find(|parts| parts[0] == wanted) {
            Some(parts) => Some(Ok(number(&parts, 2).unwrap_or_default())),
            None => id(wanted),
        };
        if group.is_empty() {
            let own = entry.as_ref().map_or("", |parts| parts[0]);
            let is_in = |parts: &Vec<&str>| {
                !own.is_empty() && parts.get(3).is_some_and(|members| members.split(',').any(|m| m == own))
            };
            found.groups.extend(lines(&group_file).filter(is_in).filter_map(|parts| number(&parts, 2)));
        } else {
            found.gid = group_id(group).ok_or_else(|| {
                Error::Failed(format!("unable to find group {group}: no matching entries in group file"))
            })??;
        }
        let Some(container) = container else { return Ok(found) };
        let host = self.host_config(&container.id)?;
        for wanted in host.group_add.iter().flatten() {
            found.groups.push(group_id(wanted).ok_or_else(|| {
                Error::Failed(format!("Unable to find group {wanted}: no matching entries in group file"))
            })??);
        }
        Ok(found)
    }
}
