//! Tests of the tar reader and writer.

mod sparse;

use super::*;
use crate::oci::Limits;

/// `docker save` of Docker 20.10.24, as it came.
const DOCKER_SAVE: &[u8] = include_bytes!("../../../../tests/fixtures/oci/docker20-save-tiny.tar");

/// Feeds a stream in pieces of `piece` bytes.
fn read_in(stream: &[u8], piece: usize) -> Result<Vec<(TarEntry, Vec<u8>)>, TarError> {
    let mut parser = Parser::new(Limits::default());
    let mut entries: Vec<(TarEntry, Vec<u8>)> = Vec::new();
    for chunk in stream.chunks(piece.max(1)) {
        let mut rest = chunk;
        loop {
            let (used, event) = parser.step(rest)?;
            rest = &rest[used..];
            match event {
                Some(Event::Entry(entry)) => entries.push((*entry, Vec::new())),
                Some(Event::Content(data)) => entries.last_mut().unwrap().1.extend_from_slice(data),
                Some(Event::Hole(len)) => {
                    let content = &mut entries.last_mut().unwrap().1;
                    content.resize(content.len() + len as usize, 0);
                }
                None if rest.is_empty() => break,
                Some(Event::EntryEnd) | None => {}
            }
        }
    }
    parser.finish()?;
    Ok(entries)
}

fn read(stream: &[u8]) -> Result<Vec<(TarEntry, Vec<u8>)>, TarError> {
    let whole = read_in(stream, usize::MAX);
    assert_eq!(whole, read_in(stream, 7), "the same in small pieces");
    whole
}

fn write(entries: &[(TarEntry, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (entry, content) in entries {
        out.extend(write_header(entry));
        out.extend_from_slice(content);
        out.extend_from_slice(padding(entry.size));
    }
    out.extend_from_slice(&END);
    out
}

fn fault(stream: &[u8]) -> Fault {
    read(stream).unwrap_err().fault
}

fn file(name: &str, content: &[u8]) -> (TarEntry, Vec<u8>) {
    let mut entry = TarEntry::new(name, Kind::File, 0o644);
    entry.size = content.len() as u64;
    (entry, content.to_vec())
}

/// One header with a field overwritten and its checksum made right again.
fn patched(entry: &TarEntry, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut block = write_header(entry);
    block[at..at + bytes.len()].copy_from_slice(bytes);
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

fn extended(flag: u8, body: &[u8]) -> Vec<u8> {
    let (entry, content) = file("x", body);
    let mut out = patched(&entry, 156, &[flag]);
    out.extend(content);
    out.extend_from_slice(padding(entry.size));
    out
}

#[test]
fn what_docker_saved_is_written_again_to_the_byte() {
    let entries = read(DOCKER_SAVE).unwrap();
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[1].0.mode, 0o40755);
    assert_eq!(write(&entries), DOCKER_SAVE);
}

#[test]
fn what_does_not_fit_goes_into_pax_records_and_comes_back() {
    let mut long = file(&format!("d/{}", "x".repeat(150)), b"abc");
    long.0.uid = 3_000_000;
    long.0.mtime = Timespec { sec: -2, nsec: 250_000_000 };
    long.0.xattrs.insert("user.k=v".into(), b"a\nb=\0".into());
    let mut link = TarEntry::new("né", Kind::Symlink, 0o777);
    link.link = "t".repeat(120).into();
    let want = vec![long, (link, Vec::new())];
    let mut got = read(&write(&want)).unwrap();
    for (entry, _) in &mut got {
        entry.content_at = 0;
    }
    // '=' in an attribute's name ends the key for every reader.
    got[0].0.xattrs = want[0].0.xattrs.clone();
    assert_eq!(got, want);
}

#[test]
fn a_long_path_is_split_where_it_can_be() {
    let split = [file(&format!("{}/{}", "d".repeat(90), "f".repeat(60)), b"")];
    assert_eq!(write(&split).len(), 3 * BLOCK);
    assert_eq!(read(&write(&split)).unwrap()[0].0.name, split[0].0.name);
    // The slash at the end of a directory's name is none to split at.
    let dir = TarEntry::new(format!("{}/{}/", "d".repeat(90), "e".repeat(60)), Kind::Dir, 0o755);
    assert_eq!(write_header(&dir).len(), BLOCK);
    let entry = [file(&format!("{}/{}", "d".repeat(90), "f".repeat(101)), b"")];
    let pax = write(&entry);
    assert_eq!(pax.len(), 5 * BLOCK);
    assert!(
        pax.starts_with(
            format!("{}/PaxHeaders.0/fff", "d".repeat(90)[..86].to_owned() + "dddd")
                .as_bytes()
                .get(..80)
                .unwrap()
        )
    );
    assert_eq!(read(&pax).unwrap()[0].0.name, entry[0].0.name);
}

#[test]
fn an_archive_may_lack_its_end_and_hold_rubbish_after_it() {
    let whole = write(&[file("a", b"1")]);
    assert_eq!(read(&whole[..1024]).unwrap().len(), 1);
    assert_eq!(read(&[&whole[..], b"rubbish"].concat()).unwrap().len(), 1);
    assert_eq!(read(b"").unwrap().len(), 0);
    assert_eq!(read(&whole[..1000]).unwrap().len(), 1);
    assert_eq!(fault(&whole[..512]), Fault::Truncated("a file"));
    assert_eq!(fault(&whole[..100]), Fault::TooShort);
    assert_eq!(fault(&[b'x'; 4096]), Fault::NotTar);
}

#[test]
fn numbers_are_numbers() {
    let (entry, _) = file("a", b"");
    assert_eq!(fault(&patched(&entry, 124, b"-0000000001\0")), Fault::Number("size"));
    assert_eq!(fault(&patched(&entry, 124, &[0xff; 12])), Fault::Negative("size"));
    assert_eq!(fault(&patched(&entry, 108, b"\x80\0\0\0\xff\xff\xff\xff")), Fault::Range("uid"));
    let dir = TarEntry::new("d/", Kind::Dir, 0o755);
    assert_eq!(fault(&patched(&dir, 124, b"00000000012\0")), Fault::Body(10));
    let mut damaged = write_header(&entry);
    damaged[0] = b'b';
    assert_eq!(fault(&damaged), Fault::Checksum);
    assert_eq!(fault(&patched(&entry, 156, b"Z")), Fault::UnknownType(b'Z'));
}

#[test]
fn extensions_do_not_contradict_each_other() {
    let end = write(&[file("a", b"")]);
    let pax = |body: &[u8]| extended(b'x', body);
    assert_eq!(fault(&[pax(b"12 path=bbb\n"), pax(b"12 path=ccc\n"), end.clone()].concat()), Fault::PaxTwice);
    assert_eq!(
        fault(&[pax(b"12 path=bbb\n"), extended(b'L', b"ccc"), end.clone()].concat()),
        Fault::PaxAndGnu
    );
    assert_eq!(
        fault(&[extended(b'g', b"12 path=bbb\n"), end.clone()].concat()),
        Fault::PaxGlobal("path".into())
    );
    for body in [&b"99 path=b\n"[..], b"5 path=b\n", b"\xff\xfe", b"12 path=b\0b\n", b"10 path b\n"] {
        assert_eq!(fault(&[pax(body), end.clone()].concat()), Fault::PaxRecord, "{}", body.escape_ascii());
    }
    for body in [&b"10 size=+1\n"[..], b"11 size=1.0\n"] {
        assert!(matches!(fault(&[pax(body), end.clone()].concat()), Fault::Number(_) | Fault::PaxRecord));
    }
    let named = read(&[pax(b"12 path=bbb\n12 path=ccc\n"), end.clone()].concat()).unwrap();
    assert_eq!(named[0].0.name, "ccc");
    let gnu = read(&[extended(b'L', &b"n".repeat(300)), end].concat()).unwrap();
    assert_eq!(gnu[0].0.name.len(), 300);
    assert_eq!(fault(&pax(b"12 path=bbb\n")), Fault::Orphan);
    let comment = extended(b'g', b"13 comment=a\n");
    let named = file("a", b"");
    for before in [pax(b"12 path=bbb\n"), extended(b'L', b"bbb")] {
        let stream = [before, comment.clone(), write(std::slice::from_ref(&named))].concat();
        assert_eq!(fault(&stream), Fault::Orphan);
    }
}

/// GNU's header has times where POSIX has the name's beginning; Go before 1.8 mixed them.
#[test]
fn a_gnu_header_has_times_or_what_old_go_wrote_for_them() {
    let (entry, _) = file("f", b"");
    let mut gnu = [0; 345 - 257];
    gnu[..8].copy_from_slice(b"ustar  \0");
    let with = |tail: &[u8]| {
        let mut stream = patched(&entry, 257, &[&gnu[..], tail].concat());
        stream.extend_from_slice(&END);
        read(&stream).unwrap().remove(0).0
    };
    let plain = with(b"");
    assert_eq!((plain.name, plain.atime), ("f".into(), None));
    let timed = with(b"00000000012\x0000000000013\0");
    assert_eq!((timed.name, timed.atime), ("f".into(), Some(Timespec::seconds(10))));
    let old = with(b"some/directory\0");
    assert_eq!((old.name, old.atime), ("some/directory/f".into(), None));
}
