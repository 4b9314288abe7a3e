//! What Docker 20.10 was seen to do with layers that were made at random: links by crooked names, times that no file system
//! holds, global headers, capabilities and devices on the way back.

use super::*;
use crate::explore::Scanner;
use crate::kernel::{Device, FileType, Follow, Kernel, Stat, Task, Timespec, XattrMode, fs};
use crate::oci::Limits;
use crate::oci::tar::{END, Event, Kind, Parser, TarEntry, write_header};
use crate::sim::SimKernel;

const OVERLAY2: OverlayNames = OverlayNames { opaque: b"trusted.overlay.opaque", reserved: &[] };
const CAPABILITY: &[u8] = b"security.capability";

fn entry(name: &str, kind: Kind, mode: u32, sec: i64) -> TarEntry {
    TarEntry { mtime: Timespec::seconds(sec), ..TarEntry::new(name, kind, mode) }
}

fn link(name: &str, to: &str, mode: u32, sec: i64) -> TarEntry {
    TarEntry { link: to.into(), uid: 7, ..entry(name, Kind::Hardlink, mode, sec) }
}

fn tar(entries: &[TarEntry]) -> Vec<u8> {
    let mut tar: Vec<u8> = entries.iter().flat_map(write_header).collect();
    tar.extend_from_slice(&END);
    tar
}

/// An empty global header of this name.
fn global(name: &str) -> Vec<u8> {
    let mut block = write_header(&TarEntry::new(name, Kind::File, 0o644));
    // One letter of the type is exchanged, and so is the sum.
    block[156] = b'g';
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// Unpacks a tar into /l.
fn unpacked(tar: &[u8]) -> Result<SimKernel, LayerError> {
    let mut kernel = SimKernel::new();
    kernel.mkdir(&Task::root(), b"/l", 0o755).unwrap();
    let mut unpacker = Unpacker::new(&Task::root(), b"/l", OVERLAY2, Limits::default());
    unpacker.push(&mut kernel, tar, None)?;
    unpacker.finish(&mut kernel)?;
    Ok(kernel)
}

fn stat(kernel: &mut SimKernel, path: &str) -> Stat {
    kernel.lstat(&Task::root(), path.as_bytes()).unwrap()
}

/// What the explorer says of paths of a tar: mode, owner, time.
fn explored(tar: &[u8], paths: &[&str]) -> Vec<(u32, u32, Option<Timespec>)> {
    let mut scanner = Scanner::new(Limits::default());
    scanner.push(tar).unwrap();
    let sheet = scanner.finish().unwrap().sheet;
    let found = |path: &str| sheet.node(sheet.find(path.as_bytes()).unwrap());
    paths.iter().map(|path| (found(path).mode, found(path).uid, found(path).mtime)).collect()
}

#[test]
fn a_link_by_a_name_that_only_cleaning_makes_right_says_the_owner_alone() {
    for (to, is_plain) in
        [("a", true), ("./a", true), ("/a", true), ("zz/../a", false), ("a/", false), ("d/../a", true)]
    {
        let layer = tar(&[
            entry("a", Kind::File, 0o711, 1000),
            entry("d/", Kind::Dir, 0o755, 1000),
            link("b", to, 0o644, 2000),
        ]);
        let there = stat(&mut unpacked(&layer).unwrap(), "/l/b");
        let want = if is_plain { (0o644, 2000) } else { (0o711, 1000) };
        assert_eq!((there.mode, there.mtime.sec, there.uid, there.nlink), (want.0, want.1, 7, 2), "{to}");
        let shown = (want.0, 7, Some(Timespec::seconds(want.1)));
        assert_eq!(explored(&layer, &["a", "b"]), [shown; 2], "{to}");
    }
    let symlink = TarEntry { link: "x".into(), ..entry("a", Kind::Symlink, 0o777, 1000) };
    let layer = tar(&[symlink, link("b", "a", 0o644, 2000)]);
    let there = stat(&mut unpacked(&layer).unwrap(), "/l/a");
    assert_eq!((there.kind, there.mode, there.mtime.sec, there.uid), (FileType::Symlink, 0o777, 1000, 7));
    assert_eq!(explored(&layer, &["a", "b"]), [(0o777, 7, Some(Timespec::seconds(1000))); 2]);
}

#[test]
fn times_over_64_bits_of_nanoseconds_begin_anew() {
    let last = i64::MAX / 1_000_000_000;
    let mut kernel = unpacked(&tar(&[
        entry("last", Kind::File, 0o644, last),
        entry("over", Kind::File, 0o644, last + 1),
        entry("before", Kind::Fifo, 0o644, -1),
        TarEntry { link: "x".into(), ..entry("link", Kind::Symlink, 0o777, 1 << 34) },
        TarEntry { link: "x".into(), ..entry("before-link", Kind::Symlink, 0o777, -1) },
        TarEntry { link: "x".into(), ..entry("old-link", Kind::Symlink, 0o777, -5_000_000_000) },
        TarEntry { link: "x".into(), ..entry("no-time", Kind::Symlink, 0o777, -62_135_596_800) },
    ]))
    .unwrap();
    let mut time = |path: &str| stat(&mut kernel, path).mtime;
    assert_eq!(time("/l/last"), Timespec::seconds(last));
    assert_eq!(time("/l/over"), Timespec::default());
    assert_eq!(time("/l/before"), Timespec::default());
    assert_eq!(time("/l/link"), Timespec { sec: -1_266_874_890, nsec: 290_448_384 });
    assert_eq!(time("/l/before-link"), Timespec::seconds(-1));
    // What ext4 has no room for, and the number of UTIME_OMIT taken for nanoseconds.
    assert_eq!(time("/l/old-link"), Timespec::seconds(i32::MIN.into()));
    assert_eq!(time("/l/no-time"), Timespec { sec: 1, nsec: 73_741_822 });
}

#[test]
fn a_global_header_is_a_path_too() {
    let layer = |names: &[&str]| -> Vec<u8> {
        let headers = names.iter().flat_map(|name| global(name));
        let file = write_header(&entry("d/a", Kind::File, 0o644, 1));
        file.into_iter().chain(headers).chain(END).collect()
    };
    unpacked(&layer(&["g"])).unwrap();
    let twice = unpacked(&layer(&["g", "./g"])).unwrap_err();
    assert_eq!(twice, LayerError::Duplicate("./g".into()));
    let mut scanner = Scanner::new(Limits::default());
    scanner.push(&layer(&["g", "./g"])).unwrap();
    let sheet = scanner.finish().unwrap().sheet;
    assert_eq!(sheet.refusals().iter().map(|r| r.error.clone()).collect::<Vec<_>>(), [twice]);
    // It makes nothing: no directory on the way to it, and no room.
    let mut kernel = unpacked(&layer(&["d", "e/.wh.w"])).unwrap();
    assert!(fs::exists(&mut kernel, &Task::root(), b"/l/d/a"));
    assert!(!fs::exists(&mut kernel, &Task::root(), b"/l/e"));
}

/// Docker's parent process sees a repeated path, once its child has got the entry.
#[test]
fn what_goes_wrong_with_a_repeated_entry_is_said_before_that_it_is_one() {
    let said = |entries: &[TarEntry]| unpacked(&tar(entries)).unwrap_err().docker_text();
    let twice = said(&[entry("a", Kind::File, 0o644, 1), entry("a", Kind::File, 0o644, 1)]);
    assert_eq!(twice, "Error processing tar file(duplicates of file paths not supported): ");
    let itself = said(&[entry("b", Kind::File, 0o644, 1), link("./b", "b", 0o644, 1)]);
    assert_eq!(itself, "Error processing tar file(exit status 1): link /b /b: no such file or directory");
    // The times of directories are set at the end, which the repeated path is.
    let gone = said(&[
        entry("a/b/", Kind::Dir, 0o755, 1),
        entry("a", Kind::File, 0o644, 1),
        entry("./a", Kind::File, 0o644, 1),
        entry("b/c/d", Kind::Hardlink, 0o644, 1),
    ]);
    assert_eq!(gone, "Error processing tar file(exit status 1): chtimes /a/b: not a directory");
}

#[test]
fn what_docker_s_child_logged_stands_before_its_last_words() {
    let mut fifo = entry("p", Kind::Fifo, 0o644, 1);
    fifo.xattrs.insert("user.a".into(), "1".into());
    let layer = tar(&[fifo, link("b", "none", 0o644, 1)]);
    let mut kernel = SimKernel::new();
    kernel.set_clock(Timespec { sec: 1_798_761_600, nsec: 5 });
    kernel.mkdir(&Task::root(), b"/l", 0o755).unwrap();
    let expected = Expected::default();
    let blob = Blob { offset: 0, len: layer.len() as u64 };
    let (task, limits) = (Task::root(), Limits::default());
    let mut source = bytes::Bytes::from(layer);
    let error = unpack(&mut kernel, &task, b"/l", &mut source, blob, expected, OVERLAY2, limits, None);
    assert_eq!(
        error.unwrap_err().docker_text(),
        "Error processing tar file(exit status 1): time=\"2027-01-01T00:00:00Z\" level=warning msg=\"ignored xattrs in \
         archive: underlying filesystem doesn't support them\" errors=\"[operation not permitted]\"\n\
         link /none /b: no such file or directory"
    );
}

#[test]
fn names_in_docker_s_words_are_quoted_as_go_quotes() {
    let said = |names: &[&[u8]]| {
        let entries: Vec<TarEntry> =
            names.iter().map(|name| TarEntry::new(*name, Kind::File, 0o644)).collect();
        unpacked(&tar(&entries)).unwrap_err().to_string()
    };
    let mknod = said(&[b"\xe9\n\x0b\"\xc3\xa9", b".wh.\xe9\n\x0b\"\xc3\xa9"]);
    assert_eq!(mknod, "failed to mknod(\"/\\xe9\\n\\v\\\"\u{e9}\", S_IFCHR, 0): file exists");
    let link = TarEntry { link: "a".into(), ..TarEntry::new(&b"\xff"[..], Kind::Symlink, 0o777) };
    let marker = TarEntry::new(&b"\xff/.wh..wh..opq"[..], Kind::File, 0o644);
    let setxattr = unpacked(&tar(&[link, marker])).unwrap_err().to_string();
    assert_eq!(setxattr, "setxattr(\"/\\xff\", trusted.overlay.opaque=y): no such file or directory");
}

#[test]
fn nothing_takes_the_place_of_the_root() {
    let root = TarEntry { link: "x".into(), ..entry("/", Kind::Symlink, 0o777, 1) };
    let said = unpacked(&tar(&[root])).unwrap_err().docker_text();
    assert_eq!(said, "Error processing tar file(exit status 1): unlinkat .//: device or resource busy");
}

/// The entries of /u, packed.
fn packed(kernel: &mut SimKernel) -> Vec<TarEntry> {
    let mut tar = Vec::new();
    pack_tree(kernel, &Task::root(), b"/u", &Names::root_only(), &mut tar).unwrap();
    let (mut parser, mut rest, mut out) = (Parser::new(Limits::default()), &tar[..], Vec::new());
    while !rest.is_empty() {
        let (used, event) = parser.step(rest).unwrap();
        if let Some(Event::Entry(entry)) = event {
            out.push(*entry);
        }
        rest = &rest[used..];
    }
    out
}

#[test]
fn a_capability_is_packed_wherever_it_is_and_of_no_namespace() {
    let task = Task::root();
    let mut kernel = SimKernel::new();
    fs::mkdir_all(&mut kernel, &task, b"/u/d", 0o755).unwrap();
    let third = [&[1, 0, 0, 3, 0, 4][..], &[0; 14], &[0xe8, 3, 0, 0]].concat();
    kernel.setxattr(&task, b"/u/d", CAPABILITY, &third, XattrMode::Set, Follow::Link).unwrap();
    let want = [&[1, 0, 0, 2, 0, 4][..], &[0; 14]].concat();
    let entries = packed(&mut kernel);
    assert_eq!(entries[0].xattrs[CAPABILITY], want[..]);
}

#[test]
fn every_name_of_a_device_tells_its_numbers() {
    let task = Task::root();
    let mut kernel = SimKernel::new();
    kernel.mkdir(&task, b"/u", 0o755).unwrap();
    kernel.mknod(&task, b"/u/a", FileType::Block, 0o600, Device { major: 8, minor: 1 }).unwrap();
    kernel.link(&task, b"/u/a", b"/u/b").unwrap();
    let mut tar = Vec::new();
    pack_tree(&mut kernel, &task, b"/u", &Names::root_only(), &mut tar).unwrap();
    let second = &tar[512..1024];
    assert_eq!((second[156], &second[329..345]), (b'1', &b"0000010\x000000001\x00"[..]));
}
