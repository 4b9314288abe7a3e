//! `od` (POSIX) and `hexdump`: bytes in other writings.

use super::common::args::{Flag, Order, Usage, flag, parse, valued};
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "od",
    summary: "print bytes as numbers and characters",
    scope: Scope::Everywhere,
    main: od,
};
pub(super) const HEXDUMP: Program = Program {
    name: "hexdump",
    summary: "print bytes in hexadecimal",
    scope: Scope::Everywhere,
    main: hexdump,
};

/// Bytes a line.
const WIDTH: usize = 16;

const OD_USAGE: Usage = Usage {
    synopsis: "[-bcdoxv] [-A BASE] [-t TYPE] [-j SKIP] [-N COUNT] [FILE]...",
    about: "Print the bytes of the FILEs, or of standard input, as octal numbers or as TYPE says.",
    flags: OD_FLAGS,
    status: 1,
};
const OD_FLAGS: &[Flag] = &[
    valued('A', "address-radix", "places in d, o, x, or n: none"),
    valued('t', "format", "c, or d, o, u, x with a size: x1"),
    valued('j', "skip-bytes", "leave out so many first"),
    valued('N', "read-bytes", "so many at most"),
    flag('b', "", "the same as -t o1"),
    flag('c', "", "the same as -t c"),
    flag('d', "", "the same as -t u2"),
    flag('o', "", "the same as -t o2"),
    flag('x', "", "the same as -t x2"),
    flag('v', "output-duplicates", "print lines that are like the one before, too"),
];
const HEX_USAGE: Usage = Usage {
    synopsis: "[-bcCdovx] [-n COUNT] [-s SKIP] [FILE]...",
    about: "Print the bytes of the FILEs, or of standard input, in hexadecimal.",
    flags: HEX_FLAGS,
    status: 1,
};
const HEX_FLAGS: &[Flag] = &[
    flag('C', "canonical", "bytes, and the characters beside them"),
    flag('b', "one-byte-octal", "bytes in octal"),
    flag('c', "one-byte-char", "characters"),
    flag('d', "two-bytes-decimal", "pairs in decimal"),
    flag('o', "two-bytes-octal", "pairs in octal"),
    flag('x', "two-bytes-hex", "pairs in hexadecimal"),
    flag('v', "no-squeezing", "print lines that are like the one before, too"),
    valued('n', "length", "so many at most"),
    valued('s', "skip", "leave out so many first"),
];

/// A writing: its letter, how many bytes are one number, and how wide that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    letter: u8,
    size: usize,
    width: usize,
}

impl Kind {
    fn new(letter: u8, size: usize) -> Option<Self> {
        let widths: &[(usize, usize)] = match letter {
            b'c' | b'a' => &[(1, 3)],
            b'o' => &[(1, 3), (2, 6), (4, 11), (8, 22)],
            b'x' => &[(1, 2), (2, 4), (4, 8), (8, 16)],
            b'd' => &[(1, 4), (2, 6), (4, 11), (8, 20)],
            b'u' => &[(1, 3), (2, 5), (4, 10), (8, 20)],
            _ => return None,
        };
        widths.iter().find(|(known, _)| *known == size).map(|(_, width)| Self { letter, size, width: *width })
    }

    fn text(self, bytes: &[u8]) -> String {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let value = u64::from_le_bytes(wide);
        let width = self.width;
        match self.letter {
            b'c' => character(bytes[0]),
            b'a' => named(bytes[0]),
            b'o' => format!("{value:0width$o}"),
            b'x' => format!("{value:0width$x}"),
            b'u' => value.to_string(),
            _ => {
                let shift = 64 - self.size * 8;
                ((value << shift) as i64 >> shift).to_string()
            }
        }
    }
}

fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    }
}

/// The names of ASCII's characters, the high bit put aside (POSIX, `od -t a`).
fn named(byte: u8) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so",
        "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs",
        "rs", "us", "sp",
    ];
    match byte & 0x7f {
        0x7f => "del".to_owned(),
        low => {
            NAMES.get(usize::from(low)).map_or_else(|| char::from(low).to_string(), |name| (*name).to_owned())
        }
    }
}

/// `-t`: several writings may stand in one word, `x1c`.
fn kinds(text: &str) -> Result<Vec<Kind>, String> {
    let mut list = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((letter, tail)) = rest.split_first() {
        let digits = tail.iter().take_while(|b| b.is_ascii_digit()).count();
        let (size, after) = tail.split_at(digits);
        let size = match (letter, size, after.first()) {
            (b'c' | b'a', ..) => 1,
            (_, b"", Some(b'C')) => 1,
            (_, b"", Some(b'S')) => 2,
            (_, b"", Some(b'L')) => 8,
            (_, b"", _) => 4,
            (_, digits, _) => std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(0),
        };
        let kind = Kind::new(*letter, size);
        list.push(kind.ok_or_else(|| format!("invalid type string ‘{text}’"))?);
        let named = size > 0 && digits == 0 && matches!(after.first(), Some(b'C' | b'S' | b'L'));
        rest = &after[usize::from(named)..];
    }
    Ok(list)
}

/// A count: decimal, octal behind `0`, hexadecimal behind `0x`, with `k` or `m` for 1024 and its square.
fn count(text: &str) -> Option<usize> {
    let (digits, scale) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1024),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1), |digits| (digits, 1024 * 1024)),
    };
    let number = match digits.strip_prefix("0x") {
        Some(hex) => usize::from_str_radix(hex, 16),
        None if digits.len() > 1 && digits.starts_with('0') => usize::from_str_radix(digits, 8),
        None => digits.parse(),
    };
    number.ok()?.checked_mul(scale)
}

/// What the files hold, joined, without what is left out.
fn input(run: &mut Run<'_, '_>, files: &[ByteString], skip: usize, most: usize) -> Vec<u8> {
    let mut data = Vec::new();
    for file in files {
        match run.slurp(file) {
            Ok(more) => data.extend_from_slice(&more),
            Err(error) => run.warn_bare(file, error),
        }
    }
    data.drain(..skip.min(data.len()));
    data.truncate(most);
    data
}

fn od(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &OD_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut list = Vec::new();
    for (key, value) in &parsed.options {
        let text = match key.letter() {
            Some('b') => "o1".to_owned(),
            Some('c') => "c".to_owned(),
            Some('d') => "u2".to_owned(),
            Some('o') => "o2".to_owned(),
            Some('x') => "x2".to_owned(),
            Some('t') => value.as_ref().map(ByteString::to_text).unwrap_or_default(),
            _ => continue,
        };
        match kinds(&text) {
            Ok(more) => list.extend(more),
            Err(why) => {
                run.warn(why);
                return run.end();
            }
        }
    }
    if list.is_empty() {
        list.extend(Kind::new(b'o', 2));
    }
    let number = |key: char, usual: usize| match parsed.value(key).map(ByteString::to_text) {
        None => Some(usual),
        Some(text) => count(&text),
    };
    let (Some(skip), Some(most)) = (number('j', 0), number('N', usize::MAX)) else {
        run.warn("invalid count of bytes");
        return run.end();
    };
    let base = parsed.value('A').map_or_else(|| "o".to_owned(), ByteString::to_text);
    let place = |at: usize| match &base[..] {
        "n" => String::new(),
        "d" => format!("{at:07}"),
        "x" => format!("{at:06x}"),
        _ => format!("{at:07o}"),
    };
    if !["o", "d", "x", "n"].contains(&&base[..]) {
        run.warn(format!("invalid output address radix '{base}'; it must be one character from [doxn]"));
        return run.end();
    }
    let data = input(&mut run, &Run::or_stdin(parsed.operands.clone()), skip, most);
    let whole = list.iter().map(|kind| (kind.width + 1) * (WIDTH / kind.size)).max().unwrap_or_default();
    let mut out = String::new();
    let mut before: Option<&[u8]> = None;
    let mut starred = false;
    for (number, line) in data.chunks(WIDTH).enumerate() {
        if !parsed.has('v') && line.len() == WIDTH && before == Some(line) {
            if !std::mem::replace(&mut starred, true) {
                out.push_str("*\n");
            }
            continue;
        }
        (before, starred) = (Some(line), false);
        for (first, kind) in list.iter().enumerate() {
            let shown = place(skip + number * WIDTH);
            let room = shown.len();
            out.push_str(&if first == 0 { shown } else { " ".repeat(room) });
            let width = whole * kind.size / WIDTH;
            for bytes in line.chunks(kind.size) {
                out.push_str(&format!("{:>width$}", kind.text(bytes)));
            }
            out.push('\n');
        }
    }
    if base != "n" {
        out.push_str(&place(skip + data.len()));
        out.push('\n');
    }
    run.print(out);
    run.end()
}

fn hexdump(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &HEX_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let number = |key: char, usual: usize| match parsed.value(key).map(ByteString::to_text) {
        None => Some(usual),
        Some(text) => count(&text),
    };
    let (Some(skip), Some(most)) = (number('s', 0), number('n', usize::MAX)) else {
        run.warn("invalid count of bytes");
        return run.end();
    };
    let style = parsed.last_of("Cbcdox").unwrap_or(' ');
    let data = input(&mut run, &Run::or_stdin(parsed.operands.clone()), skip, most);
    let address = |at: usize| if style == 'C' { format!("{at:08x}") } else { format!("{at:07x}") };
    let mut out = String::new();
    let mut before: Option<&[u8]> = None;
    let mut starred = false;
    for (number, line) in data.chunks(WIDTH).enumerate() {
        if !parsed.has('v') && line.len() == WIDTH && before == Some(line) {
            if !std::mem::replace(&mut starred, true) {
                out.push_str("*\n");
            }
            continue;
        }
        (before, starred) = (Some(line), false);
        out.push_str(&address(skip + number * WIDTH));
        out.push_str(&dumped(line, style));
        out.push('\n');
    }
    if !data.is_empty() {
        out.push_str(&address(skip + data.len()));
        out.push('\n');
    }
    run.print(out);
    run.end()
}

/// A line of `hexdump` behind its address.
fn dumped(line: &[u8], style: char) -> String {
    let mut out = String::new();
    if style == 'C' {
        for (at, byte) in line.iter().enumerate() {
            out.push_str(if at % 8 == 0 { "  " } else { " " });
            out.push_str(&format!("{byte:02x}"));
        }
        let shown: String =
            line.iter().map(|b| if (b' '..=b'~').contains(b) { char::from(*b) } else { '.' }).collect();
        return format!("{out:<50}  |{shown}|");
    }
    let size = if matches!(style, 'b' | 'c') { 1 } else { 2 };
    let width = match style {
        'b' | 'c' => 4,
        ' ' => 5,
        _ => 8,
    };
    for bytes in line.chunks(size) {
        let value = u16::from_le_bytes([bytes[0], bytes.get(1).copied().unwrap_or_default()]);
        let text = match style {
            'b' => format!("{value:03o}"),
            'c' => character(bytes[0]),
            'd' => format!("{value:05}"),
            'o' => format!("{value:06o}"),
            _ => format!("{value:04x}"),
        };
        out.push_str(&format!("{text:>width$}"));
    }
    format!("{out:<room$}", room = width * WIDTH / size)
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_in_other_writings() {
        crate::shell::tests::check(
            r"
            $ printf 'tty\r\nx\r\n' | od -c | head -2
            |0000000   t   t   y  \r  \n   x  \r  \n
            0000010
            $ printf 'hi\n' | od; printf 'hi\n' | od -An -tx1; printf 'hi\n' | od -A d -t x1c
            0000000 064550 000012
            0000003
            | 68 69 0a
            |0000000  68  69  0a
            |          h   i  \n
            0000003
            $ printf 'ab' | od -x; head -c 64 /dev/zero | od -tx1 -j 1 -N 40; printf '\377\001' | od -An -td1
            0000000 6261
            0000002
            0000001 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            *
            0000041 00 00 00 00 00 00 00 00
            0000051
            |   -1    1
            $ printf 'hi\n' | hexdump -C; printf 'abc' | hexdump | tr -s ' '
            00000000  68 69 0a                                          |hi.|
            00000003
            |0000000 6261 0063 
            0000003
            $ od nosuch; echo $?
            od: nosuch: No such file or directory
            0000000
            1
            ",
        );
    }
}
