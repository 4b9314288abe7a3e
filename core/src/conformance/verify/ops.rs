//! Random operations.

use super::layers::{LayerMaker, WORDS};
use super::names::Names;
use super::{Profile, Random, values};
use crate::conformance::trace::{Creds, Kind, Op, TimeArg, TraceStep};
use crate::kernel::ByteString;

const DIR_MODES: [&str; 6] = ["0755", "0777", "1777", "2775", "0700", "0555"];
/// What the calls ask root for.
const POWERS: [&str; 8] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_MKNOD",
    "CAP_SYS_ADMIN",
    "CAP_SETFCAP",
];
const FILE_MODES: [&str; 8] = ["0644", "0666", "0600", "0755", "4755", "2755", "0444", "6777"];

/// Makes operations on paths that are there, that were there, and that never were.
#[derive(Debug)]
pub(super) struct OpMaker<'n> {
    pub(super) names: &'n Names,
    pub(super) known: Vec<ByteString>,
    pub(super) profile: Profile,
    pub(super) times: i64,
    pub(super) upper: LayerMaker,
    /// Whether the caller stands in a directory: paths are relative then, mostly.
    pub(super) relative: bool,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Mkdir,
    Rmdir,
    Unlink,
    Create,
    Open,
    Read,
    Truncate,
    Rename,
    Link,
    Symlink,
    Readlink,
    Chmod,
    Chown,
    Utimens,
    Mknod,
    Setxattr,
    Getxattr,
    Removexattr,
    Listxattr,
    Stat,
    Lstat,
    Readdir,
    Getcwd,
    Remount,
    Descriptor,
}

impl OpMaker<'_> {
    pub(super) fn step(&mut self, random: &mut Random) -> TraceStep {
        let often = if self.profile == Profile::Permission { 60 } else { 8 };
        let caller = random.chance(often).then(|| {
            let uid = random.pick(&[1000, 1000, 1001]);
            let groups = if random.chance(30) { vec![2001 - uid] } else { Vec::new() };
            Creds { uid, gid: uid, groups, ..Creds::default() }
        });
        let caller = self.place(random, caller);
        self.relative = caller.as_ref().is_some_and(|caller| caller.dir.is_some());
        let op = self.op(random);
        TraceStep {
            op,
            caller,
            result: serde_json::Value::Null,
            upper_delta: serde_json::Value::Null,
            times: serde_json::Value::Null,
        }
    }

    /// Root with some of its capabilities alone; and who stands in a directory, wherever that was moved by now.
    fn place(&self, random: &mut Random, mut caller: Option<Creds>) -> Option<Creds> {
        if caller.is_none() && random.chance(if self.profile == Profile::Permission { 50 } else { 4 }) {
            let caps = POWERS.iter().filter(|_| random.chance(40)).map(|name| (*name).to_owned()).collect();
            caller = Some(Creds { caps: Some(caps), ..Creds::default() });
        }
        if random.chance(if self.profile == Profile::Descriptor { 40 } else { 4 }) {
            caller.get_or_insert_default().dir = Some(random.below(4) as u32);
        }
        caller
    }

    fn what(&self, random: &mut Random) -> What {
        let more = |profile, usual, then| if self.profile == profile { then } else { usual };
        let renames = more(Profile::Rename, 9, 35);
        let removes = more(Profile::Whiteout, 8, 18);
        let perms = more(Profile::Permission, 4, 10);
        let table = [
            (10, What::Mkdir),
            (removes, What::Rmdir),
            (removes, What::Unlink),
            (10, What::Create),
            (6, What::Open),
            (3, What::Read),
            (3, What::Truncate),
            (renames, What::Rename),
            (more(Profile::Rename, 6, 12), What::Link),
            (4, What::Symlink),
            (1, What::Readlink),
            (perms, What::Chmod),
            (perms, What::Chown),
            (2, What::Utimens),
            (2, What::Mknod),
            (3, What::Setxattr),
            (1, What::Getxattr),
            (1, What::Removexattr),
            (1, What::Listxattr),
            (3, What::Stat),
            (5, What::Lstat),
            (6, What::Readdir),
            (more(Profile::Descriptor, 1, 4), What::Getcwd),
            (1, What::Remount),
            (more(Profile::Descriptor, 6, 70), What::Descriptor),
        ];
        random.weighted(&table)
    }

    /// Mostly one that is known; sometimes through a link, with dots, or with slashes at the end.
    fn path(&mut self, random: &mut Random) -> ByteString {
        let mut path = if random.chance(65) && !self.known.is_empty() {
            self.known[random.below(self.known.len())].to_vec()
        } else {
            self.names.path(random).into_vec()
        };
        if random.chance(12) {
            path.push(b'/');
            path.extend_from_slice(self.names.name(random).as_bytes());
        }
        let odd = if self.profile == Profile::Path { 15 } else { 80 };
        match random.below(odd) {
            _ if self.relative && random.chance(80) => self.shorten(random, &mut path),
            0 => path.push(b'/'),
            1 => path.extend_from_slice(b"/."),
            2 => path.extend_from_slice(b"/.."),
            3 => path = [&path[..], b"/../", self.names.name(random).as_bytes()].concat(),
            4 => path.extend_from_slice(b"//./"),
            5 => path = [b"//", &path[..]].concat(),
            6 if !path.is_empty() => drop(path.splice(..1, b"./".iter().copied())),
            7 if random.chance(20) => path.clear(),
            8 if random.chance(20) => path = [&path[..], b"/", &[b'n'; 255]].concat(),
            9 if random.chance(20) => path = [&path[..], b"/", &[b'n'; 256]].concat(),
            _ => {}
        }
        path.into()
    }

    /// Leaves the last names of a path alone, or has it go up first.
    fn shorten(&self, random: &mut Random, path: &mut Vec<u8>) {
        let kept = 1 + random.below(2);
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).collect();
        let mut short = names[names.len().saturating_sub(kept)..].join(&b'/');
        if short.is_empty() {
            short = b".".to_vec();
        }
        match random.below(12) {
            0 => short = b".".to_vec(),
            1 => short = b"..".to_vec(),
            2 => short = [b"../", &short[..]].concat(),
            _ => {}
        }
        *path = short;
    }

    /// A path that something may be made at: from then on it is known.
    fn new_path(&mut self, random: &mut Random) -> ByteString {
        let path = self.path(random);
        if self.known.len() < 64 {
            self.known.push(path.clone());
        } else {
            let at = random.below(self.known.len());
            self.known[at] = path.clone();
        }
        path
    }

    fn op(&mut self, random: &mut Random) -> Op {
        let path = match self.what(random) {
            What::Descriptor => return self.descriptor(random),
            What::Mkdir => {
                return Op::Mkdir { path: self.new_path(random), mode: random.pick(&DIR_MODES).to_owned() };
            }
            What::Create => return self.create(random),
            What::Rename => return self.rename(random),
            What::Link => return Op::Link { from: self.path(random), to: self.new_path(random) },
            What::Symlink => {
                return Op::Symlink { target: self.names.target(random), path: self.new_path(random) };
            }
            What::Mknod => return self.mknod(random),
            What::Remount => {
                let rotate = random.chance(40);
                let new_upper = rotate.then(|| vec![self.upper.empty()]);
                return Op::Remount { rotate, new_upper };
            }
            other => (other, self.path(random)),
        };
        let (what, path) = path;
        let follow = random.chance(60);
        let name = ByteString::from(self.xattr_name(random));
        match what {
            What::Rmdir => Op::Rmdir { path },
            What::Unlink => Op::Unlink { path },
            What::Open => Self::open(random, path),
            What::Read => Op::Read { path },
            What::Truncate => Op::Truncate { path, size: random.pick(&[-1, 0, 1, 5, 100, 5000]) },
            What::Readlink => Op::Readlink { path },
            What::Chmod => Op::Chmod { path, mode: random.pick(&FILE_MODES).to_owned() },
            What::Chown => {
                let (uid, gid) = (random.pick(&[-1, 0, 1000, 1001]), random.pick(&[-1, 0, 1000, 1001]));
                Op::Chown { path, uid, gid, follow }
            }
            What::Utimens => Op::Utimens { path, atime: self.time(random), mtime: self.time(random), follow },
            What::Setxattr => {
                let flag = random.pick(&[None, None, Some("create"), Some("replace")]).map(str::to_owned);
                Op::Setxattr { path, value: Self::xattr_value(random, &name), name, flag, follow }
            }
            What::Getxattr => Op::Getxattr { path, name, follow },
            What::Removexattr => Op::Removexattr { path, name, follow },
            What::Listxattr => Op::Listxattr { path, follow },
            What::Readdir => Op::Readdir { path },
            What::Getcwd => Op::Getcwd {},
            What::Lstat => Op::Lstat { path },
            _ => Op::Stat { path },
        }
    }

    fn xattr_name(&self, random: &mut Random) -> &'static str {
        let names = [
            (6, "user.k1"),
            (4, "user.k2"),
            (4, "trusted.t1"),
            (2, "security.s1"),
            (2, "trusted.overlay.k"),
            (1, "trusted.overlay.opaque"),
            (1, "trusted.overlay.overlay.k"),
            (1, "user."),
            (1, "trusted.overlay."),
            (1, "nonsense.x"),
            (if self.profile == Profile::Permission { 8 } else { 2 }, "system.posix_acl_access"),
            (if self.profile == Profile::Permission { 6 } else { 1 }, "system.posix_acl_default"),
            (2, "security.capability"),
        ];
        random.weighted(&names)
    }

    fn xattr_value(random: &mut Random, name: &[u8]) -> ByteString {
        match name {
            b"system.posix_acl_access" | b"system.posix_acl_default" => values::acl(random).into(),
            b"security.capability" if random.chance(15) => ByteString::new(),
            b"security.capability" => values::capability(2, 20, 0).into(),
            _ => random.pick(&WORDS).into(),
        }
    }

    fn time(&mut self, random: &mut Random) -> TimeArg {
        self.times += 1;
        match random.below(4) {
            0 => TimeArg::Word("now".to_owned()),
            1 => TimeArg::Word("omit".to_owned()),
            _ => TimeArg::At(self.times),
        }
    }

    fn create(&mut self, random: &mut Random) -> Op {
        let flags = random.pick(&[
            &["O_WRONLY", "O_CREAT", "O_EXCL"][..],
            &["O_WRONLY", "O_CREAT", "O_TRUNC"],
            &["O_RDWR", "O_CREAT"],
            &["O_CREAT"],
            &["O_WRONLY", "O_CREAT", "O_APPEND"],
            &["O_WRONLY", "O_RDWR", "O_CREAT"],
            &["O_WRONLY", "O_CREAT", "O_DIRECTORY"],
        ]);
        let write = (flags.len() > 1).then(|| random.pick(&WORDS).into());
        Op::Open {
            path: self.new_path(random),
            flags: flags.iter().map(|f| (*f).to_owned()).collect(),
            mode: Some(random.pick(&FILE_MODES).to_owned()),
            write,
            read: false,
        }
    }

    fn open(random: &mut Random, path: ByteString) -> Op {
        // Not to wait for the other end of a fifo.
        let flags = random.pick(&[
            &["O_WRONLY", "O_NONBLOCK"][..],
            &["O_RDWR", "O_NONBLOCK"],
            &["O_WRONLY", "O_TRUNC", "O_NONBLOCK"],
            &["O_TRUNC", "O_NONBLOCK"],
            &["O_RDWR", "O_APPEND", "O_NONBLOCK"],
            &["O_WRONLY", "O_NOFOLLOW", "O_NONBLOCK"],
            &["O_WRONLY", "O_RDWR", "O_NONBLOCK"],
            &["O_DIRECTORY"],
            &["O_PATH"],
        ]);
        let writes = flags[0] == "O_WRONLY" || flags[0] == "O_RDWR";
        let write = (writes && random.chance(60)).then(|| random.pick(&WORDS).into());
        let flags = flags.iter().map(|f| (*f).to_owned()).collect();
        Op::Open { path, flags, mode: Some("0644".to_owned()), write, read: false }
    }

    fn rename(&mut self, random: &mut Random) -> Op {
        let flags = match random.below(10) {
            0 => Some(vec!["NOREPLACE".to_owned()]),
            1 | 2 => Some(vec!["EXCHANGE".to_owned()]),
            3 if random.chance(20) => Some(vec!["WHITEOUT".to_owned()]),
            _ => None,
        };
        let from = self.path(random);
        Op::Rename { from, to: self.new_path(random), flags }
    }

    fn mknod(&mut self, random: &mut Random) -> Op {
        let kinds = [
            (Kind::Fifo, 0, 0),
            (Kind::Char, 0, 0),
            (Kind::Char, 1, 3),
            (Kind::Block, 0, 0),
            (Kind::File, 0, 0),
            (Kind::Socket, 0, 0),
        ];
        let (kind, major, minor) = random.pick(&kinds);
        Op::Mknod { path: self.new_path(random), kind, major, minor, mode: "0644".to_owned() }
    }

    fn descriptor(&mut self, random: &mut Random) -> Op {
        let slot = random.below(4) as u32;
        match random.below(12) {
            0..=3 => {
                let flags = random.pick(&[
                    &["O_NONBLOCK"][..],
                    &["O_NONBLOCK"],
                    &["O_RDWR", "O_NONBLOCK"],
                    &["O_WRONLY", "O_APPEND", "O_NONBLOCK"],
                    &["O_RDWR", "O_CREAT", "O_NONBLOCK"],
                    &["O_DIRECTORY"],
                    &["O_PATH", "O_DIRECTORY"],
                    &["O_PATH", "O_DIRECTORY"],
                    &["O_WRONLY", "O_RDWR", "O_TRUNC", "O_NONBLOCK"],
                    &["O_PATH"],
                    &["O_PATH", "O_NOFOLLOW"],
                ]);
                let flags = flags.iter().map(|f| (*f).to_owned()).collect();
                Op::Fopen { slot, path: self.path(random), flags, mode: Some("0644".to_owned()) }
            }
            4 if random.chance(50) => Op::Fdup { slot, to: random.below(4) as u32 },
            4 => Op::Fclose { slot },
            5 => Op::Pread { slot, offset: random.pick(&[0, 2, 100]), len: random.pick(&[1, 3, 200]) },
            6 => Op::Pwrite { slot, offset: random.pick(&[0, 3, 50]), data: random.pick(&WORDS).into() },
            7 => Op::Ftruncate { slot, size: random.pick(&[0, 2, 60]) },
            8 => Op::Fstat { slot },
            9 => Op::Fchmod { slot, mode: random.pick(&FILE_MODES).to_owned() },
            10 if random.chance(50) => {
                Op::Fchown { slot, uid: random.pick(&[-1, 0, 1000]), gid: random.pick(&[-1, 0, 1000]) }
            }
            10 => {
                let name = ByteString::from(self.xattr_name(random));
                Op::Fsetxattr { slot, value: Self::xattr_value(random, &name), name }
            }
            _ => Op::Getdents { slot },
        }
    }
}
