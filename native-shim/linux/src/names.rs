//! How overlayfs's own attributes are named: `trusted.overlay.*` as root; in a user namespace `user.overlay.*`,
//! which the engine above never sees (kernel document `Documentation/filesystems/overlayfs.rst`, "User xattr").

use std::borrow::Cow;

use layerlab_core::kernel::{ByteString, Errno, Result};

const TRUSTED: &[u8] = b"trusted.overlay.";
const USER: &[u8] = b"user.overlay.";
/// The longest name of an attribute, in bytes (`XATTR_NAME_MAX`).
const NAME_MAX: usize = 255;

/// Which names the mounts use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `trusted.overlay.*`, for the real root.
    Trusted,
    /// `user.overlay.*` and the mount option `userxattr`, for root of a user namespace.
    User,
}

/// What to do with a name.
pub(super) enum Named<'a> {
    /// Hand this one to Linux.
    Ask(Cow<'a, [u8]>),
    /// It is a trusted name and the caller is not root: answer as xattr(7) says.
    Hidden,
}

impl Naming {
    /// The name on the disk for a name of the engine's.
    #[inline]
    pub(super) fn stored(self, name: &[u8], privileged: bool) -> Result<Named<'_>> {
        match name.strip_prefix(TRUSTED) {
            Some(_) if self == Self::Trusted => Ok(Named::Ask(name.into())),
            Some(_) if name.len() > NAME_MAX => Err(Errno::ERANGE),
            Some(_) if !privileged => Ok(Named::Hidden),
            Some(rest) => Ok(Named::Ask([USER, rest].concat().into())),
            None => Ok(Named::Ask(name.into())),
        }
    }

    /// The engine's name for a name on the disk; `None` where the caller may not see it.
    pub(super) fn shown(self, name: &[u8], privileged: bool) -> Option<ByteString> {
        match name.strip_prefix(USER) {
            Some(rest) if self == Self::User => privileged.then(|| [TRUSTED, rest].concat().into()),
            _ => Some(name.into()),
        }
    }

    /// The option string of an overlay mount, in the form that Linux takes here.
    ///
    /// With `userxattr` redirects are never followed, and `redirect_dir=off` (which would follow them) is refused
    /// with EINVAL: it is dropped.
    pub(super) fn mount_data(self, data: &[u8]) -> Result<Cow<'_, [u8]>> {
        if self == Self::Trusted {
            return Ok(data.into());
        }
        // A page with its NUL: the rewritten string must not get through where the given one would not.
        if data.len() >= 4096 {
            return Err(Errno::EINVAL);
        }
        let mut out: Vec<u8> = Vec::with_capacity(data.len() + 10);
        for option in options(data).filter(|option| *option != b"redirect_dir=off") {
            out.extend_from_slice(option);
            out.push(b',');
        }
        out.extend_from_slice(b"userxattr");
        Ok(out.into())
    }

    /// The options that `/proc/self/mountinfo` shows, without those that this module or the session added.
    pub(super) fn shown_options(self, text: &[u8]) -> ByteString {
        let added = |option: &[u8]| match option {
            b"userxattr" | b"redirect_dir=nofollow" => self == Self::User,
            // tmpfs in a user namespace shows the machine's ids of whoever is root there.
            _ => self == Self::User && (option.starts_with(b"uid=") || option.starts_with(b"gid=")),
        };
        options(text).filter(|option| !added(option)).collect::<Vec<_>>().join(&b","[..]).into()
    }
}

/// The options between commas; a comma after a backslash belongs to the option.
fn options(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut escaped = false;
    data.split(move |byte| {
        let cuts = *byte == b',' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        cuts
    })
    .filter(|option| !option.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(naming: Naming, name: &str, privileged: bool) -> Option<String> {
        match naming.stored(name.as_bytes(), privileged).unwrap() {
            Named::Ask(name) => Some(String::from_utf8(name.into_owned()).unwrap()),
            Named::Hidden => None,
        }
    }

    #[test]
    fn names_go_both_ways() {
        for (given, stored) in [
            ("trusted.overlay.opaque", "user.overlay.opaque"),
            ("trusted.overlay.overlay.opaque", "user.overlay.overlay.opaque"),
            ("trusted.other", "trusted.other"),
            ("user.color", "user.color"),
        ] {
            assert_eq!(asked(Naming::User, given, true).unwrap(), stored);
            assert_eq!(Naming::User.shown(stored.as_bytes(), true).unwrap(), given);
            assert_eq!(asked(Naming::Trusted, given, false).unwrap(), given);
        }
        assert_eq!(asked(Naming::User, "trusted.overlay.opaque", false), None);
        assert_eq!(Naming::User.shown(b"user.overlay.opaque", false), None);
    }

    #[test]
    fn a_name_that_is_too_long_stays_too_long() {
        let name = format!("trusted.overlay.{}", "x".repeat(240));
        assert_eq!(Naming::User.stored(name.as_bytes(), true).err(), Some(Errno::ERANGE));
    }

    #[test]
    fn options_are_rewritten_for_user_namespaces_only() {
        let data = b"lowerdir=/a\\,b:/c,redirect_dir=off,index=off";
        assert_eq!(&Naming::Trusted.mount_data(data).unwrap()[..], data);
        assert_eq!(&Naming::User.mount_data(data).unwrap()[..], b"lowerdir=/a\\,b:/c,index=off,userxattr");
        assert_eq!(Naming::User.mount_data(&[b'a'; 4096]).err(), Some(Errno::EINVAL));
        let shown = b"rw,lowerdir=l,redirect_dir=nofollow,uuid=on,userxattr,uid=1000";
        assert_eq!(Naming::User.shown_options(shown), "rw,lowerdir=l,uuid=on");
    }
}
