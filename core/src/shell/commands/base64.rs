//! `base64`: encodes (RFC 4648, section 4) and, with `-d`, decodes.

use super::common::args::{Flag, Order, Usage, flag, parse, valued};
use super::common::run::Run;
use crate::kernel::base64_encode;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "base64", summary: "encode or decode base64", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('d', "decode", "decode"),
    flag('i', "ignore-garbage", "when decoding, skip other characters"),
    valued('w', "wrap", "characters a line; 0: one line"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]",
    about: "Base64 encode or decode FILE, or standard input, to standard output.",
    flags: FLAGS,
    status: 1,
};
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let file = parsed.operands.first().cloned().unwrap_or_else(|| "-".into());
    let data = match run.slurp(&file) {
        Ok(data) => data,
        Err(error) => {
            run.warn_bare(&file, error);
            return run.end();
        }
    };
    if parsed.has('d') {
        let (plain, whole) = decode(&data, parsed.has('i'));
        run.print(plain);
        if !whole {
            run.warn("invalid input");
        }
        return run.end();
    }
    let wrap = match parsed.value('w').map(|text| text.to_text().parse::<usize>()) {
        None => 76,
        Some(Ok(wrap)) => wrap,
        Some(Err(_)) => {
            let text = parsed.value('w').cloned().unwrap_or_default();
            run.warn([b"invalid wrap size: '", &text[..], b"'"].concat());
            return run.end();
        }
    };
    let mut text = base64_encode(&data).into_bytes();
    if wrap > 0 {
        let lines: Vec<&[u8]> = text.chunks(wrap).collect();
        let mut wrapped = lines.join(&b'\n');
        if !wrapped.is_empty() {
            wrapped.push(b'\n');
        }
        text = wrapped;
    }
    run.print(text);
    run.end()
}

/// What the text stands for, up to the first fault; whether there was none.
fn decode(text: &[u8], skip: bool) -> (Vec<u8>, bool) {
    let (mut out, mut word, mut letters, mut padding) = (Vec::new(), 0u32, 0, 0);
    for byte in text {
        match ALPHABET.iter().position(|letter| letter == byte) {
            Some(value) if padding == 0 => {
                word = word << 6 | value as u32;
                letters += 1;
                if letters == 4 {
                    out.extend_from_slice(&word.to_be_bytes()[1..]);
                    (word, letters) = (0, 0);
                }
            }
            None if *byte == b'=' && letters + padding < 4 && letters >= 2 => padding += 1,
            None if *byte == b'\n' || skip => {}
            _ => return (out, false),
        }
    }
    match letters {
        0 => (out, true),
        2 | 3 => {
            let bytes = (word << (6 * (4 - letters))).to_be_bytes();
            out.extend_from_slice(&bytes[1..letters]);
            (out, letters + padding == 4)
        }
        _ => (out, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64_encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded.as_bytes(), false), (plain.as_bytes().to_vec(), true));
        }
        assert_eq!(decode(b"Zm9v*", false), (b"foo".to_vec(), false));
        assert_eq!(decode(b"Zm9v*Zg==", true), (b"foof".to_vec(), true));
        assert_eq!(decode(b"Zm9vZ", false), (b"foo".to_vec(), false));
    }
}
