//! Permission bits: as `ls -l` shows them and as `chmod` takes them.

use crate::kernel::{FileType, Stat};

/// The ten characters of `ls -l`.
pub(in crate::shell::commands) fn letters(stat: &Stat) -> String {
    let mut text = String::with_capacity(10);
    text.push(stat.kind.letter());
    for (shift, special, set, unset) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')]
    {
        let bits = stat.mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (stat.mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => set,
            (true, false) => unset,
        });
    }
    text
}

/// What `chmod` was told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::commands) enum ModeChange {
    /// An octal number.
    Absolute(u32),
    /// `u+x,go=r`
    Symbolic(Vec<Clause>),
}

/// One `who op perms` of a symbolic mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::commands) struct Clause {
    /// The bits that it may touch; 0 where nobody was named and the umask counts.
    who: u32,
    op: u8,
    perms: Vec<u8>,
}

/// Reads a mode; `None` where it is none.
pub(in crate::shell::commands) fn parse(text: &[u8]) -> Option<ModeChange> {
    if text.first().is_some_and(u8::is_ascii_digit) {
        let number = u32::from_str_radix(std::str::from_utf8(text).ok()?, 8).ok()?;
        return (number <= 0o7777).then_some(ModeChange::Absolute(number));
    }
    let mut clauses = Vec::new();
    for part in text.split(|b| *b == b',') {
        let split = part.iter().position(|b| b"+-=".contains(b))?;
        let mut who = 0;
        for letter in &part[..split] {
            who |= match letter {
                b'u' => 0o4700,
                b'g' => 0o2070,
                b'o' => 0o1007,
                b'a' => 0o7777,
                _ => return None,
            };
        }
        let mut rest = &part[split..];
        while let Some((op, tail)) = rest.split_first() {
            let end = tail.iter().position(|b| b"+-=".contains(b)).unwrap_or(tail.len());
            let perms = &tail[..end];
            let copies = perms.len() == 1 && b"ugo".contains(&perms[0]);
            if !copies && !perms.iter().all(|b| b"rwxXst".contains(b)) {
                return None;
            }
            clauses.push(Clause { who, op: *op, perms: perms.to_vec() });
            rest = &tail[end..];
        }
    }
    (!clauses.is_empty()).then_some(ModeChange::Symbolic(clauses))
}

impl Clause {
    /// The bits that its letters mean for everybody, on a file of this kind and mode.
    fn bits(&self, kind: FileType, mode: u32) -> u32 {
        let bit = |perm: &u8| match perm {
            b'r' => 0o444,
            b'w' => 0o222,
            b'x' => 0o111,
            b'X' if kind == FileType::Dir || mode & 0o111 != 0 => 0o111,
            b's' => 0o6000,
            b't' => 0o1000,
            b'u' => (mode >> 6 & 7) * 0o111,
            b'g' => (mode >> 3 & 7) * 0o111,
            b'o' => (mode & 7) * 0o111,
            _ => 0,
        };
        self.perms.iter().map(bit).fold(0, std::ops::BitOr::bitor)
    }
}

/// The mode that a file of this kind and mode gets. A number of fewer than five digits leaves a directory's set-id bits
/// alone, as GNU's does.
pub(in crate::shell::commands) fn apply(change: &ModeChange, kind: FileType, mode: u32, umask: u32) -> u32 {
    let clauses = match change {
        ModeChange::Absolute(number) if kind == FileType::Dir => return *number | mode & 0o6000,
        ModeChange::Absolute(number) => return *number,
        ModeChange::Symbolic(clauses) => clauses,
    };
    let mut result = mode;
    for clause in clauses {
        let (who, mask) = if clause.who == 0 { (0o7777, !umask) } else { (clause.who, 0o7777) };
        let mut bits = clause.bits(kind, result);
        let sticky = bits & 0o1000;
        bits &= who & (mask | 0o7000);
        if clause.who == 0 || clause.who & 0o1007 == 0o1007 {
            bits |= sticky;
        }
        result = match clause.op {
            b'+' => result | bits,
            b'-' => result & !bits,
            _ => {
                let keep = if kind == FileType::Dir { 0o6000 & !(who & 0o6000 & bits) & result } else { 0 };
                result & !(who & 0o7777) | bits | keep
            }
        };
    }
    result & 0o7777
}

/// The same by rules without exceptions for directories, and without a sticky bit of the others'.
pub(in crate::shell::commands) fn apply_evenly(
    change: &ModeChange,
    kind: FileType,
    mode: u32,
    umask: u32,
) -> u32 {
    let clauses = match change {
        ModeChange::Absolute(number) => return *number,
        ModeChange::Symbolic(clauses) => clauses,
    };
    let mut result = mode;
    for clause in clauses {
        let named = if clause.who == 0o7777 { clause.who } else { clause.who & !0o1000 };
        if clause.op == b'=' {
            result &= if clause.who == 0 { 0 } else { !named };
        }
        let mut bits = clause.bits(kind, result);
        bits &= if clause.who == 0 { !umask } else { named };
        result = if clause.op == b'-' { result & !bits } else { result | bits };
    }
    result & 0o7777
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbolic_modes() {
        for (text, before, want) in [
            ("u+x", 0o644, 0o744),
            ("go-rw", 0o666, 0o600),
            ("a=r", 0o777, 0o444),
            ("+x", 0o644, 0o755),
            ("u=rwx,g=u,o=", 0o604, 0o770),
            ("a+X", 0o644, 0o644),
            ("a+X", 0o744, 0o755),
            ("u+s", 0o755, 0o4755),
            ("+t", 0o755, 0o1755),
            ("755", 0o600, 0o755),
            ("=", 0o755, 0),
        ] {
            let change = parse(text.as_bytes()).expect(text);
            assert_eq!(apply(&change, FileType::File, before, 0o022), want, "{text} on {before:o}");
        }
        for bad in ["999", "u+z", "", "u", "77777"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
