//! The calls on one path.

use super::super::values::{capability, list};
use super::case::{ENDINGS, callers, each_thing};
use crate::conformance::trace::{Kind, Op, TimeArg, Trace};
use crate::kernel::ByteString;

/// An operation on a path.
type Make = Box<dyn Fn(ByteString) -> Op>;

fn looks() -> Vec<(String, Make)> {
    let mut list: Vec<(String, Make)> = vec![
        ("stat".into(), Box::new(|path| Op::Stat { path })),
        ("lstat".into(), Box::new(|path| Op::Lstat { path })),
        ("readlink".into(), Box::new(|path| Op::Readlink { path })),
        ("readdir".into(), Box::new(|path| Op::Readdir { path })),
        ("read".into(), Box::new(|path| Op::Read { path })),
        ("rmdir".into(), Box::new(|path| Op::Rmdir { path })),
        ("unlink".into(), Box::new(|path| Op::Unlink { path })),
        ("symlink".into(), Box::new(|path| Op::Symlink { target: "some/where".into(), path })),
    ];
    for mode in ["0755", "1777", "2700"] {
        let mode = mode.to_owned();
        list.push((format!("mkdir {mode}"), Box::new(move |path| Op::Mkdir { path, mode: mode.clone() })));
    }
    for size in [-1, 0, 3, 10_000] {
        list.push((format!("truncate {size}"), Box::new(move |path| Op::Truncate { path, size })));
    }
    let nodes = [
        (Kind::File, 0, 0),
        (Kind::Fifo, 0, 0),
        (Kind::Char, 0, 0),
        (Kind::Char, 1, 3),
        (Kind::Block, 0, 0),
        (Kind::Socket, 0, 0),
    ];
    for (kind, major, minor) in nodes {
        let make = move |path| Op::Mknod { path, kind, major, minor, mode: "0664".to_owned() };
        list.push((format!("mknod {kind:?} {major}:{minor}"), Box::new(make)));
    }
    list
}

fn changes() -> Vec<(String, Make)> {
    let mut list: Vec<(String, Make)> = Vec::new();
    for mode in ["0000", "0644", "7777"] {
        let mode = mode.to_owned();
        list.push((format!("chmod {mode}"), Box::new(move |path| Op::Chmod { path, mode: mode.clone() })));
    }
    for (uid, gid) in [(-1, -1), (0, 0), (1000, -1), (-1, 1000), (1001, 1001)] {
        for follow in [true, false] {
            let make = move |path| Op::Chown { path, uid, gid, follow };
            list.push((format!("chown {uid}:{gid} {follow}"), Box::new(make)));
        }
    }
    let times = [
        (TimeArg::Word("now".into()), TimeArg::Word("now".into())),
        (TimeArg::Word("omit".into()), TimeArg::Word("omit".into())),
        (TimeArg::Word("now".into()), TimeArg::Word("omit".into())),
        (TimeArg::At(1_100_000_000), TimeArg::At(1_100_000_001)),
    ];
    for (atime, mtime) in times {
        for follow in [true, false] {
            let (atime, mtime) = (atime.clone(), mtime.clone());
            let name = format!("utimens {atime:?} {mtime:?} {follow}");
            let make = move |path| Op::Utimens { path, atime: atime.clone(), mtime: mtime.clone(), follow };
            list.push((name, Box::new(make)));
        }
    }
    list
}

/// Names of attributes with the values that are set under each.
fn values() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let all = u32::MAX;
    let lists = vec![
        list(&[(1, 6, all), (4, 4, all), (32, 4, all)]),
        list(&[(1, 7, all), (2, 6, 1000), (4, 0, all), (8, 4, 1001), (16, 7, all), (32, 0, all)]),
        list(&[(1, 7, all), (2, 6, 1000), (4, 5, all), (32, 0, all)]),
        list(&[(4, 7, all), (1, 6, 1000)]),
        list(&[]),
        Vec::new(),
        vec![1, 2, 3],
        vec![1, 0, 0, 0],
    ];
    let capabilities = vec![
        capability(2, 20, 0),
        capability(3, 24, 0),
        capability(3, 24, 1000),
        capability(2, 24, 0),
        vec![1],
    ];
    let plain = || vec![b"y".to_vec()];
    vec![
        ("user.k", vec![b"y".to_vec(), Vec::new()]),
        ("trusted.k", plain()),
        ("security.k", plain()),
        ("security.capability", capabilities),
        ("trusted.overlay.opaque", plain()),
        ("trusted.overlay.overlay.k", plain()),
        ("user.overlay.k", plain()),
        ("system.posix_acl_access", lists.clone()),
        ("system.posix_acl_default", lists),
        ("system.other", plain()),
        ("other", plain()),
        ("user.", plain()),
        ("", plain()),
    ]
}

fn attributes() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    for (name, values) in values() {
        for (at, value) in values.iter().enumerate() {
            let flags: &[Option<&str>] =
                if at == 0 { &[None, Some("create"), Some("replace")] } else { &[None] };
            for flag in flags.iter().copied() {
                let value = ByteString::from(&value[..]);
                let make = move |path| Op::Setxattr {
                    path,
                    name: name.into(),
                    value: value.clone(),
                    flag: flag.map(str::to_owned),
                    follow: true,
                };
                all.push((format!("setxattr {name} {at} {flag:?}"), Box::new(make)));
            }
        }
        let make = move |path| Op::Removexattr { path, name: name.into(), follow: false };
        all.push((format!("removexattr {name}"), Box::new(make)));
        let make = move |path| Op::Getxattr { path, name: name.into(), follow: false };
        all.push((format!("getxattr {name}"), Box::new(make)));
    }
    all.push(("listxattr".into(), Box::new(|path| Op::Listxattr { path, follow: true })));
    all
}

pub(super) fn traces() -> impl Iterator<Item = Trace> {
    let all = looks().into_iter().chain(changes()).chain(attributes());
    all.flat_map(|(name, make)| {
        let mut traces = Vec::new();
        for ending in ENDINGS {
            for caller in callers() {
                traces.extend(each_thing(&name, caller.as_ref(), ending, |path, _| make(path)));
            }
        }
        traces
    })
}
