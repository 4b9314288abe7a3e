//! Figures in a sentence: `$(…)` and `$((…))` outside of code marks are shell substitutions, evaluated in the state that
//! the sentence speaks of ("c2's layer holds 8,388,615 bytes").

use super::shorthand::expand;

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Figure(&'a str),
}

/// The shell lines that print a text's figures, in order. A figure that is meant to be code stands between backticks and
/// is none.
pub fn figures(text: &str) -> Vec<String> {
    let figure = |piece: &Piece<'_>| match piece {
        Piece::Text(_) => None,
        // In double quotes, so that what is printed is the substitution itself.
        Piece::Figure(figure) => Some(format!("printf '%s\\n' \"{figure}\"")),
    };
    pieces(text).iter().filter_map(figure).collect()
}

/// The text with what its figures' lines printed in their place. A figure that printed nothing is a question mark; a
/// number of more than four digits is grouped by thousands.
pub fn fill(text: &str, printed: &[String]) -> String {
    let mut printed = printed.iter();
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Figure(_) => match printed.next().map(|figure| figure.trim()) {
                None | Some("") => out.push('?'),
                Some(figure) => out.push_str(&grouped(figure)),
            },
        }
    }
    out
}

/// The text with the short forms in its figures spelled out; what stands between backticks is left as it is.
pub(super) fn spelled(text: &str) -> String {
    // Every other part stands between backticks.
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(n, part)| if n % 2 == 0 { expand(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

/// The substitutions that stand between backticks, where none is evaluated.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    let parts = text.split('`').skip(1).step_by(2);
    parts.filter_map(|part| part.find("$(").map(|at| &part[at..])).collect()
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut from, mut at, mut is_code) = (0, 0, false);
    while let Some(c) = text[at..].chars().next() {
        let end = if !is_code && text[at..].starts_with("$(") { substitution(&text[at..]) } else { None };
        if let Some(length) = end {
            found.push(Piece::Text(&text[from..at]));
            found.push(Piece::Figure(&text[at..at + length]));
            at += length;
            from = at;
        } else {
            is_code ^= c == '`';
            at += c.len_utf8();
        }
    }
    found.push(Piece::Text(&text[from..]));
    found
}

/// The length of the substitution that the text begins with, up to the parenthesis that closes it.
fn substitution(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn grouped(figure: &str) -> String {
    if figure.len() < 5 || !figure.bytes().all(|byte| byte.is_ascii_digit()) {
        return figure.to_owned();
    }
    let mut out = String::new();
    for (n, digit) in figure.chars().enumerate() {
        if n > 0 && (figure.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_outside_of_code_and_filled_in() {
        let text = "`$(x)` holds $(wc -c < f | tr -d ')') bytes, $(( 1 + (2) )) more: $(ls";
        assert_eq!(
            figures(text),
            ["printf '%s\\n' \"$(wc -c < f | tr -d ')')\"", "printf '%s\\n' \"$(( 1 + (2) ))\""]
        );
        let printed = ["8388615\n".to_owned(), String::new()];
        assert_eq!(fill(text, &printed), "`$(x)` holds 8,388,615 bytes, ? more: $(ls");
        assert_eq!(fill("no figure", &[]), "no figure");
    }

    #[test]
    fn a_figure_between_backticks_is_found() {
        assert_eq!(quoted("`a` $(b) `c $(d)` $(e `f`) `{W g}`"), ["$(d)"]);
    }

    #[test]
    fn short_forms_are_spelled_out_in_figures_alone() {
        assert_eq!(spelled("`{W a}` is {W a}."), "`{W a}` is $(docker inspect -s -f '{{.SizeRw}}' a).");
    }
}
