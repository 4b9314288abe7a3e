//! Header blocks as Go's `archive/tar` (1.19, in Docker 20.10) writes them, to the byte.
//!
//! Source of the rules: `archive/tar/writer.go` and `common.go` (`allowedFormats`, `templateV7Plus`, `writePAXHeader`).

use std::collections::BTreeMap;

use super::{BLOCK, TarEntry};
use crate::kernel::Timespec;

/// The two zero blocks that end a stream.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Zero bytes after content of this size.
pub fn padding(size: u64) -> &'static [u8] {
    &END[..(size.wrapping_neg() % BLOCK as u64) as usize]
}

/// The header of an entry: ustar where everything fits (a long path may be split), else with a PAX header before it. Go
/// does the same whether PAX is asked for, as Docker does, or nothing. A directory's name ends in a slash.
pub fn write_header(entry: &TarEntry) -> Vec<u8> {
    let mut records = BTreeMap::new();
    let mut fits_ustar = true;
    text(&entry.name, 100, "path", &mut records, &mut fits_ustar);
    text(&entry.link, 100, "linkpath", &mut records, &mut fits_ustar);
    text(&entry.uname, 32, "uname", &mut records, &mut fits_ustar);
    text(&entry.gname, 32, "gname", &mut records, &mut fits_ustar);
    number(i64::from(entry.uid), 8, "uid", &mut records);
    number(i64::from(entry.gid), 8, "gid", &mut records);
    number(entry.size.cast_signed(), 12, "size", &mut records);
    time(entry.mtime, "mtime", &mut records);
    for (name, value) in &entry.xattrs {
        records.insert([b"SCHILY.xattr.", name.as_slice()].concat(), value.to_vec());
    }
    let split = split_path(&entry.name);
    if fits_ustar && records.keys().all(|key| key == b"path" && split.is_some()) {
        let (prefix, name) = split.unwrap_or((b"", &entry.name));
        return header(entry, prefix, name, &entry.link).to_vec();
    }
    let mut out = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        pax_header(&mut out, &entry.name, &records);
    }
    out.extend_from_slice(&header(entry, b"", &ascii(&entry.name), &ascii(&entry.link)));
    out
}

/// Go's `verifyString`: what is long or not ASCII needs a record. A path may still be split in ustar.
fn text(
    value: &[u8],
    size: usize,
    key: &str,
    records: &mut BTreeMap<Vec<u8>, Vec<u8>>,
    fits_ustar: &mut bool,
) {
    if value.len() > size || !value.is_ascii() || value.contains(&0) {
        if key != "path" {
            *fits_ustar = false;
        }
        records.insert(key.into(), value.to_vec());
    }
}

fn fits_octal(value: i64, width: usize) -> bool {
    value >= 0 && (value.cast_unsigned() >> ((width - 1) * 3)) == 0
}

fn number(value: i64, width: usize, key: &str, records: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
    if !fits_octal(value, width) {
        records.insert(key.into(), value.to_string().into_bytes());
    }
}

fn time(value: Timespec, key: &str, records: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
    if value.nsec != 0 || !fits_octal(value.sec, 12) {
        records.insert(key.into(), pax_time(value).into_bytes());
    }
}

/// Go's `formatPAXTime`: the fraction without trailing zeros; a negative time counts back from zero.
fn pax_time(time: Timespec) -> String {
    if time.nsec == 0 {
        return time.sec.to_string();
    }
    let (sign, sec, nsec) = if time.sec < 0 {
        ("-", -(time.sec + 1), 1_000_000_000 - time.nsec)
    } else {
        ("", time.sec, time.nsec)
    };
    format!("{sign}{sec}.{nsec:09}").trim_end_matches('0').to_owned()
}

/// Go's `toASCII`: what is not ASCII, and NUL, is left out.
fn ascii(value: &[u8]) -> Vec<u8> {
    value.iter().copied().filter(|b| *b < 0x80 && *b != 0).collect()
}

/// Go's `splitUSTARPath`: prefix and name around a slash, or `None` where that is not needed or not possible.
fn split_path(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= 100 || !name.is_ascii() {
        return None;
    }
    let length = match name.len() {
        len if len > 156 => 156,
        len if name.ends_with(b"/") => len - 1,
        len => len,
    };
    let slash = name[..length].iter().rposition(|b| *b == b'/')?;
    let rest = name.len() - slash - 1;
    (slash > 0 && slash <= 155 && rest > 0 && rest <= 100).then(|| (&name[..slash], &name[slash + 1..]))
}

/// A block with every field of the entry; what does not fit is cut or zero, since a PAX record says it.
fn header(entry: &TarEntry, prefix: &[u8], name: &[u8], link: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    string(&mut block[..100], name);
    octal(&mut block[100..108], i64::from(entry.mode));
    octal(&mut block[108..116], i64::from(entry.uid));
    octal(&mut block[116..124], i64::from(entry.gid));
    octal(&mut block[124..136], entry.size.cast_signed());
    octal(&mut block[136..148], entry.mtime.sec);
    block[156] = entry.kind.flag();
    string(&mut block[157..257], link);
    string(&mut block[265..297], &ascii(&entry.uname));
    string(&mut block[297..329], &ascii(&entry.gname));
    octal(&mut block[329..337], i64::from(entry.device.major));
    octal(&mut block[337..345], i64::from(entry.device.minor));
    string(&mut block[345..500], prefix);
    seal(&mut block);
    block
}

/// The `x` entry before the real one: Go's name for it, no owner, no time.
fn pax_header(out: &mut Vec<u8>, name: &[u8], records: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let body: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
    let slash = name.iter().rposition(|b| *b == b'/').map_or(0, |i| i + 1);
    let (dir, file) = name.split_at(slash);
    let joined = [dir, b"/PaxHeaders.0/", file].concat();
    let path = ascii(&crate::oci::gopath::clean(&joined));
    let path =
        if dir.is_empty() { path.strip_prefix(b"/").map(<[u8]>::to_vec).unwrap_or(path) } else { path };
    let cut = &path[..path.len().min(100)];
    let cut = &cut[..cut.iter().rposition(|b| *b != b'/').map_or(0, |i| i + 1)];
    let mut block = [0; BLOCK];
    string(&mut block[..100], cut);
    for field in [100..108, 108..116, 116..124, 136..148] {
        octal(&mut block[field], 0);
    }
    octal(&mut block[124..136], body.len() as i64);
    block[156] = b'x';
    seal(&mut block);
    out.extend_from_slice(&block);
    out.extend_from_slice(&body);
    out.extend_from_slice(padding(body.len() as u64));
}

/// `length key=value\n`, where the length counts itself.
fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + rest.to_string().len();
    len = rest + len.to_string().len();
    let mut out = format!("{len} ").into_bytes();
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
    out
}

fn string(field: &mut [u8], value: &[u8]) {
    let len = value.len().min(field.len());
    field[..len].copy_from_slice(&value[..len]);
    // Some readers take a name that was cut after a slash for a directory.
    if value.len() > field.len() && field.ends_with(b"/") {
        let end = field.iter().rposition(|b| *b != b'/').map_or(0, |i| i + 1);
        field[end] = 0;
    }
}

/// Octal digits with leading zeros and a final NUL; 0 where the number does not fit.
fn octal(field: &mut [u8], value: i64) {
    let width = field.len() - 1;
    let value = if fits_octal(value, field.len()) { value } else { 0 };
    field[..width].copy_from_slice(format!("{value:0width$o}").as_bytes());
    field[width] = 0;
}

/// Magic, version and checksum.
fn seal(block: &mut [u8; BLOCK]) {
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: i64 = block.iter().map(|b| i64::from(*b)).sum();
    octal(&mut block[148..155], sum);
    block[155] = b' ';
}
