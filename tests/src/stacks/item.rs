//! Entries of a layer as a test writes them: every field of the header is the test's own, and so is its form.

use std::fmt;

const BLOCK: usize = 512;

/// One entry of a layer.
#[derive(Debug, Clone)]
pub struct Item {
    /// As it stands in the tar.
    pub name: Vec<u8>,
    /// The type flag of the header.
    pub flag: u8,
    /// The target of a link.
    pub link: Vec<u8>,
    /// Permission bits, and any others.
    pub mode: u32,
    /// User and group.
    pub owner: (u32, u32),
    /// A file's bytes.
    pub content: Vec<u8>,
    /// Seconds and nanoseconds.
    pub mtime: (i64, u32),
    /// The time of the last reading, where the tar has it.
    pub atime: Option<(i64, u32)>,
    /// Extended attributes, by full name.
    pub xattrs: Vec<(&'static str, Vec<u8>)>,
    /// Major and minor number.
    pub device: (u32, u32),
    /// What a header has no room for goes into GNU's extensions, not into PAX's.
    pub is_gnu: bool,
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (flag, name) = (char::from(self.flag), self.name.escape_ascii());
        write!(f, "{flag} {name} {:04o} {}:{}", self.mode, self.owner.0, self.owner.1)?;
        write!(f, " {}.{:09}", self.mtime.0, self.mtime.1)?;
        if let Some((seconds, nanos)) = self.atime {
            write!(f, " read {seconds}.{nanos:09}")?;
        }
        if !self.link.is_empty() {
            write!(f, " -> {}", self.link.escape_ascii())?;
        }
        if self.device != (0, 0) {
            write!(f, " {:?}", self.device)?;
        }
        if !self.content.is_empty() {
            write!(f, " {:?}", String::from_utf8_lossy(&self.content))?;
        }
        for (name, value) in &self.xattrs {
            write!(f, " {name}={}", value.escape_ascii())?;
        }
        if self.is_gnu { write!(f, " gnu") } else { Ok(()) }
    }
}

/// A stack's entries as a person reads them.
pub fn show(stack: &[Vec<Item>]) -> String {
    let mut text = String::new();
    for (i, layer) in stack.iter().enumerate() {
        text += &format!("  layer {i}\n");
        for item in layer {
            text += &format!("    {item}\n");
        }
    }
    text
}

/// A layer's tar.
pub fn tar(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        item.write(&mut out);
    }
    out.extend([0; 2 * BLOCK]);
    out
}

impl Item {
    fn write(&self, out: &mut Vec<u8>) {
        if self.flag == b'g' {
            return block(out, &self.header(), &record("comment", b"of nobody"));
        }
        let mut header = self.header();
        if self.is_gnu {
            for (text, flag) in [(&self.name, b'L'), (&self.link, b'K')] {
                if text.len() > 100 {
                    let mut long = Self { name: b"././@LongLink".to_vec(), flag, ..plain() }.header();
                    let data = [text, &b"\0"[..]].concat();
                    octal(&mut long[124..136], data.len() as u64);
                    sum(&mut long);
                    block(out, &long, &data);
                }
            }
        } else {
            let mut records = Vec::new();
            if self.name.len() > 100 {
                records.extend(record("path", &self.name));
            }
            if self.link.len() > 100 {
                records.extend(record("linkpath", &self.link));
            }
            let (seconds, nanos) = self.mtime;
            if nanos != 0 {
                records.extend(record("mtime", decimal(seconds, nanos).as_bytes()));
            } else if !fits(seconds) {
                records.extend(record("mtime", seconds.to_string().as_bytes()));
            }
            if let Some((seconds, nanos)) = self.atime {
                records.extend(record("atime", decimal(seconds, nanos).as_bytes()));
            }
            for (key, id) in [("uid", self.owner.0), ("gid", self.owner.1)] {
                if id > 0o777_7777 {
                    records.extend(record(key, id.to_string().as_bytes()));
                }
            }
            for (name, value) in &self.xattrs {
                records.extend(record(&format!("SCHILY.xattr.{name}"), value));
            }
            if !records.is_empty() {
                let mut extended = Self { name: b"PaxHeaders.0/x".to_vec(), flag: b'x', ..plain() }.header();
                octal(&mut extended[124..136], records.len() as u64);
                sum(&mut extended);
                block(out, &extended, &records);
            }
        }
        sum(&mut header);
        block(out, &header, &self.content);
    }

    fn header(&self) -> [u8; BLOCK] {
        let mut header = [0; BLOCK];
        let name = &self.name[..self.name.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        octal(&mut header[100..108], self.mode.into());
        for (at, id) in [(108, self.owner.0), (116, self.owner.1)] {
            if id <= 0o777_7777 {
                octal(&mut header[at..at + 8], id.into());
            } else if self.is_gnu {
                binary(&mut header[at..at + 8], id.into());
            } else {
                octal(&mut header[at..at + 8], 0);
            }
        }
        let size = if self.flag == b'g' { record("comment", b"of nobody").len() } else { self.content.len() };
        octal(&mut header[124..136], size as u64);
        match u64::try_from(self.mtime.0) {
            Ok(seconds) if fits(self.mtime.0) => octal(&mut header[136..148], seconds),
            _ if self.is_gnu => binary(&mut header[136..148], self.mtime.0),
            _ => octal(&mut header[136..148], 0),
        }
        header[156] = self.flag;
        let link = &self.link[..self.link.len().min(100)];
        header[157..157 + link.len()].copy_from_slice(link);
        header[257..265].copy_from_slice(if self.is_gnu { b"ustar  \0" } else { b"ustar\x0000" });
        octal(&mut header[329..337], self.device.0.into());
        octal(&mut header[337..345], self.device.1.into());
        sum(&mut header);
        header
    }
}

/// A file of root's with nothing in it.
pub(super) fn plain() -> Item {
    Item {
        name: Vec::new(),
        flag: b'0',
        link: Vec::new(),
        mode: 0o644,
        owner: (0, 0),
        content: Vec::new(),
        mtime: (1_600_000_000, 0),
        atime: None,
        xattrs: Vec::new(),
        device: (0, 0),
        is_gnu: false,
    }
}

fn fits(seconds: i64) -> bool {
    (0..1 << 33).contains(&seconds)
}

/// A time as PAX writes it: the sign stands before seconds and fraction both.
fn decimal(seconds: i64, nanos: u32) -> String {
    if seconds < 0 {
        format!("-{}.{:09}", -(seconds + 1), 1_000_000_000 - nanos)
    } else {
        format!("{seconds}.{nanos:09}")
    }
}

fn octal(field: &mut [u8], value: u64) {
    let text = format!("{value:0width$o}\0", width = field.len() - 1);
    field.copy_from_slice(text.as_bytes());
}

fn binary(field: &mut [u8], value: i64) {
    let wide = [[if value < 0 { 0xff } else { 0 }; 8], value.to_be_bytes()].concat();
    field.copy_from_slice(&wide[wide.len() - field.len()..]);
    field[0] |= 0x80;
}

fn sum(header: &mut [u8; BLOCK]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn block(out: &mut Vec<u8>, header: &[u8], data: &[u8]) {
    out.extend(header);
    out.extend(data);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

/// A PAX record, which tells its own length.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    [len.to_string().as_bytes(), b" ", key.as_bytes(), b"=", value, b"\n"].concat()
}
