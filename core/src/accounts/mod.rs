//! Users and groups of an image: `useradd`, `groupadd`, `usermod`, `userdel`, `adduser`, `addgroup` and their opposites.
//!
//! They change `/etc/passwd`, `/etc/group` and `/etc/shadow` (`passwd(5)`, `group(5)`, `shadow(5)`), as a Dockerfile's
//! `RUN` does before `USER`.

mod adduser;
mod busybox;
mod fail;
mod files;
mod su;
mod useradd;

use crate::program::{Flavour, Program, Scope};

/// All of them.
pub(crate) fn programs() -> Vec<Program> {
    let everywhere = |name, summary, main| Program { name, summary, scope: Scope::Everywhere, main };
    vec![
        everywhere("useradd", "add a user", useradd::useradd),
        everywhere("usermod", "change a user", useradd::usermod),
        everywhere("userdel", "remove a user", useradd::userdel),
        everywhere("groupadd", "add a group", useradd::groupadd),
        everywhere("groupdel", "remove a group", useradd::groupdel),
        everywhere("adduser", "add a user, with its home", |system, process| match process.flavour {
            Flavour::Busybox => busybox::adduser(system, process),
            Flavour::Gnu => adduser::adduser(system, process),
        }),
        everywhere("addgroup", "add a group", |system, process| match process.flavour {
            Flavour::Busybox => busybox::addgroup(system, process),
            Flavour::Gnu => adduser::addgroup(system, process),
        }),
        everywhere("su", "run a shell or a command as another user", su::su),
        everywhere("passwd", "set a password: there are none here", su::passwd),
        everywhere("chpasswd", "set passwords: there are none here", su::passwd),
        everywhere("deluser", "remove a user", busybox::deluser),
        everywhere("delgroup", "remove a group", busybox::delgroup),
    ]
}
