//! The words of a line: between blanks, with quotes and escapes left in them, and `name=value` pairs.

/// Words between blanks, as they stand.
pub(super) fn plain(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Words between blanks outside of quotes; quotes and escapes stay in the words.
pub(super) fn quoted(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_word = false;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            if is_word || !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            is_word = false;
            continue;
        }
        if c == escape && quote != Some('\'') {
            // One at the very end escapes nothing and is dropped.
            if let Some(next) = chars.next() {
                word.push(c);
                word.push(next);
            }
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => {
                quote = Some(c);
                is_word = true;
            }
            _ => {}
        }
        word.push(c);
    }
    if is_word || !word.is_empty() {
        words.push(word);
    }
    words
}

/// `a=b c="d e"`, or the old form `a b c`, in which everything behind the name is the value.
pub(super) fn pairs(
    text: &str,
    instruction: &str,
    escape: char,
) -> Result<Vec<(String, Option<String>)>, String> {
    let words = quoted(text, escape);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if !first.contains('=') {
        let Some((name, value)) = text.split_once(|c: char| c.is_ascii_whitespace()) else {
            return Err(format!("{instruction} must have two arguments"));
        };
        return Ok(vec![(name.to_owned(), Some(value.trim_start().to_owned()))]);
    }
    words
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), Some(value.to_owned()))),
            None => Err(format!(
                "Syntax error - can't find = in {}. Must be of the form: name=value",
                super::json::quote(&word)
            )),
        })
        .collect()
}
