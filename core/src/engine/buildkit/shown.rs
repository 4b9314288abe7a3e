//! An instruction as BuildKit names its step: with the variables that it knows, quotes and escapes as they stand.

use crate::dockerfile::expand;

/// The text of a step.
pub(super) fn text(code: &str, env: &[String], escape: char) -> String {
    let (word, rest) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
    let rest = rest.trim_start();
    let rest = replaced(rest, env, escape).unwrap_or_else(|| rest.to_owned());
    format!("{} {rest}", word.to_uppercase()).trim_end().to_owned()
}

/// Known variables put in; `None` where the text is no word for the shell's rules.
fn replaced(text: &str, env: &[String], escape: char) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut single = false;
    let mut double = false;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            c if c == escape && !single => {
                len += rest[len..].chars().next().map_or(0, char::len_utf8);
            }
            '$' if !single => {
                let (name, width) = variable(rest)?;
                let is_known = env.iter().any(|line| line.split('=').next() == Some(name));
                if is_known || rest[..width].contains(":-") || rest[..width].contains(":+") {
                    out.push_str(&expand::word(&rest[..width], env, escape).ok()?);
                } else {
                    out.push_str(&rest[..width]);
                }
                rest = &rest[width..];
                continue;
            }
            _ => {}
        }
        out.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    (!single && !double).then_some(out)
}

/// A variable at the start of a text: its name, and how long it is there.
fn variable(text: &str) -> Option<(&str, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(inner) = text.strip_prefix("${") else {
        let name = &text[1..];
        let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
        return Some((&name[..end], 1 + end));
    };
    let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
    let mut depth = 1;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inner[..end], 2 + at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::text;

    /// Recorded builds: bk-all, bk-fail-run, bk-workdir-user.
    #[test]
    fn known_variables_are_put_in_and_quotes_stay() {
        let env = ["A=1".to_owned()];
        assert_eq!(
            text("RUN echo run $A \"$A\" '$A' \\$A $B", &env, '\\'),
            "RUN echo run 1 \"1\" '$A' \\$A $B"
        );
        assert_eq!(text("run echo ${A}x ${B:-y} $$", &env, '\\'), "RUN echo 1x y $$");
        assert_eq!(text("RUN echo ${A", &env, '\\'), "RUN echo ${A");
        assert_eq!(text("RUN it's", &env, '\\'), "RUN it's");
    }
}
