//! Brace expansion, `{a,b}` and `{1..5}`: Bash's first expansion, of text alone (Bash reference manual, 3.5.1).
//!
//! BusyBox's shell has none, so a container's `sh` leaves braces as they are.

use super::ast::{Part, Word};
use crate::kernel::ByteString;

/// A word taken apart: plain text byte by byte, everything else as it is.
#[derive(Debug, Clone)]
enum Piece {
    Byte(u8),
    Part(Part),
}

/// The words that a word stands for, in order; itself where there is nothing to expand. Nothing where they are more than
/// `most`.
pub(in crate::shell) fn expand(word: &Word, most: usize) -> Option<Vec<Word>> {
    let has_brace = |part: &Part| matches!(part, Part::Plain(text) if text.contains(&b'{'));
    if !word.iter().any(has_brace) {
        return Some(vec![word.clone()]);
    }
    let mut open = vec![take_apart(word)];
    let mut done = Vec::new();
    while let Some(pieces) = open.pop() {
        if open.len() + done.len() >= most {
            return None;
        }
        match first_group(&pieces, most) {
            None => done.push(put_together(pieces)),
            Some((start, end, alternatives)) => open.extend(alternatives.into_iter().rev().map(|middle| {
                let mut whole = pieces[..start].to_vec();
                whole.extend(middle);
                whole.extend_from_slice(&pieces[end + 1..]);
                whole
            })),
        }
    }
    Some(done)
}

fn take_apart(word: &Word) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in word {
        match part {
            Part::Plain(text) => pieces.extend(text.iter().map(|byte| Piece::Byte(*byte))),
            other => pieces.push(Piece::Part(other.clone())),
        }
    }
    pieces
}

fn put_together(pieces: Vec<Piece>) -> Word {
    let mut word = Word::new();
    for piece in pieces {
        match (piece, word.last_mut()) {
            (Piece::Byte(byte), Some(Part::Plain(text))) => text.push(byte),
            (Piece::Byte(byte), _) => word.push(Part::Plain(ByteString::from(vec![byte]))),
            (Piece::Part(part), _) => word.push(part),
        }
    }
    word
}

/// The first group that is one: where it starts and ends, and what it stands for.
fn first_group(pieces: &[Piece], most: usize) -> Option<(usize, usize, Vec<Vec<Piece>>)> {
    let is = |at: usize, byte: u8| matches!(pieces[at], Piece::Byte(b) if b == byte);
    for start in (0..pieces.len()).filter(|at| is(*at, b'{')) {
        let (mut depth, mut commas) = (0usize, vec![start]);
        for at in start + 1..pieces.len() {
            if is(at, b'{') {
                depth += 1;
            } else if is(at, b',') && depth == 0 {
                commas.push(at);
            } else if is(at, b'}') && depth > 0 {
                depth -= 1;
            } else if is(at, b'}') {
                if commas.len() > 1 {
                    commas.push(at);
                    let alternatives = commas.windows(2).map(|w| pieces[w[0] + 1..w[1]].to_vec()).collect();
                    return Some((start, at, alternatives));
                }
                if let Some(sequence) = sequence(&pieces[start + 1..at], most) {
                    return Some((start, at, sequence));
                }
                break;
            }
        }
    }
    None
}

/// `1..5`, `05..10..2`, `a..e`: no more than one over `most`.
fn sequence(pieces: &[Piece], most: usize) -> Option<Vec<Vec<Piece>>> {
    let bytes = pieces.iter().map(|piece| match piece {
        Piece::Byte(byte) => Some(*byte),
        Piece::Part(_) => None,
    });
    let text = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
    let mut ends = text.split("..");
    let (from, to, step) = (ends.next()?, ends.next()?, ends.next());
    if ends.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| step.parse::<i64>().ok())?.unsigned_abs().max(1) as usize;
    let letter = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii_alphabetic() => Some(i64::from(*byte)),
        _ => None,
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let padded =
        |text: &str| text.trim_start_matches('-').len() > 1 && text.trim_start_matches('-').starts_with('0');
    let width = if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 };
    let (first, last, letters) = match (number(from), number(to)) {
        (Some(first), Some(last)) => (first, last, false),
        _ => (letter(from)?, letter(to)?, true),
    };
    let enough = most.saturating_add(2);
    let values: Vec<i64> = if first <= last {
        (first..=last).step_by(step).take(enough).collect()
    } else {
        (last..=first).rev().step_by(step).take(enough).collect()
    };
    let text = |value: i64| match u8::try_from(value).ok().filter(|_| letters) {
        Some(byte) => char::from(byte).to_string(),
        None => format!("{value:0width$}"),
    };
    Some(values.into_iter().map(|value| text(value).bytes().map(Piece::Byte).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, want: &str) {
        let words = expand(&vec![Part::Plain(word.into())], 10_000).unwrap_or_default();
        let text: Vec<String> = words
            .iter()
            .map(|word| match &word[..] {
                [] => String::new(),
                [Part::Plain(text)] => text.to_text(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(text.join(" "), want, "{word}");
    }

    #[test]
    fn as_bash_expands() {
        check("/o/{l,u,w}", "/o/l /o/u /o/w");
        check("{a,b{1,2}}{x,y}", "ax ay b1x b1y b2x b2y");
        check("{1..4}", "1 2 3 4");
        check("{03..1}", "03 02 01");
        check("{a..e..2}", "a c e");
        check("{a}", "{a}");
        check("x{,.bak}", "x x.bak");
        check("{}", "{}");
        check("{a,b", "{a,b");
        check("a{b,{c}", "a{b,{c}");
        assert_eq!(expand(&vec![Part::Plain("{1..10001}".into())], 10_000), None);
        assert_eq!(expand(&vec![Part::Plain("{1..4}{1..4}".into())], 15), None);
        assert_eq!(expand(&vec![Part::Plain("{1..4}{1..4}".into())], 16).map(|words| words.len()), Some(16));
    }
}
