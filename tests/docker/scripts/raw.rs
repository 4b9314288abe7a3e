//! A tar as its blocks are: every field of every header, so that two writers can be held against each other.

use std::fmt::Write as _;

use layerlab_tests::listing::sha256;

const BLOCK: usize = 512;

/// Times that are a run's own, and not what a script or an image set.
const RUN: std::ops::Range<u64> = 1_650_000_000..1_900_000_000;

/// A header a line, in order; a body is a digest, that of a PAX header its records.
pub(crate) fn entries(tar: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(block) = tar.get(at..at + BLOCK) {
        if block.iter().all(|b| *b == 0) {
            lines.push(format!("{} bytes of zeros", tar.len() - at));
            break;
        }
        let text = |from: usize, to: usize| {
            let field = &block[from..to];
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).into_owned()
        };
        let size = usize::from_str_radix(text(124, 136).trim(), 8).unwrap_or_default();
        let body = tar.get(at + BLOCK..at + BLOCK + size).unwrap_or_default();
        let mut line = format!("{} {}", text(156, 157), text(345, 500) + "|" + &text(0, 100));
        for (name, from, to) in [("mode", 100, 108), ("uid", 108, 116), ("gid", 116, 124), ("size", 124, 136)]
        {
            let _ = write!(line, " {name}={}", text(from, to));
        }
        let _ = write!(line, " mtime={}", time(&text(136, 148)));
        for (name, from, to) in [
            ("link", 157, 257),
            ("magic", 257, 265),
            ("user", 265, 297),
            ("group", 297, 329),
            ("major", 329, 337),
            ("minor", 337, 345),
        ] {
            let _ = write!(line, " {name}={:?}", text(from, to));
        }
        match block[156] {
            b'x' | b'g' => {
                let _ = write!(line, " {:?}", String::from_utf8_lossy(body));
            }
            _ if size > 0 => line += &format!(" {}", &sha256(body)[..16]),
            _ => {}
        }
        lines.push(line);
        at += BLOCK + size.div_ceil(BLOCK) * BLOCK;
    }
    lines
}

fn time(octal: &str) -> String {
    match u64::from_str_radix(octal.trim(), 8) {
        Ok(at) if RUN.contains(&at) => "now".to_owned(),
        _ => octal.to_owned(),
    }
}
