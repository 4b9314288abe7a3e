//! A line editor's keys as pure functions: a text and a cursor in, a text and a cursor out. Cursors count bytes.

/// A line and where its cursor stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line {
    /// The text.
    pub(crate) text: String,
    /// The cursor, on a character boundary.
    pub(crate) cursor: usize,
}

/// What a key does to a line, as readline names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Ctrl-A.
    BeginningOfLine,
    /// Ctrl-E.
    EndOfLine,
    /// Ctrl-K.
    KillLine,
    /// Ctrl-U.
    UnixLineDiscard,
    /// Ctrl-W.
    UnixWordRubout,
}

impl Line {
    /// A text with the cursor at its end.
    pub(crate) fn at_end(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// A text with the cursor where a browser counts it, in UTF-16 units.
    pub(crate) fn at_utf16(text: String, units: usize) -> Self {
        let mut left = units;
        let cursor = text
            .char_indices()
            .find(|(_, c)| {
                let here = left == 0;
                left = left.saturating_sub(c.len_utf16());
                here
            })
            .map_or(text.len(), |(at, _)| at);
        Self { text, cursor }
    }

    /// The cursor as a browser counts it.
    pub(crate) fn cursor_utf16(&self) -> usize {
        self.text[..self.cursor].encode_utf16().count()
    }

    /// The line after a key.
    pub(crate) fn edited(&self, edit: Edit) -> Self {
        let (before, after) = self.text.split_at(self.cursor);
        match edit {
            Edit::BeginningOfLine => Self { text: self.text.clone(), cursor: 0 },
            Edit::EndOfLine => Self::at_end(self.text.clone()),
            Edit::KillLine => Self::at_end(before),
            Edit::UnixLineDiscard => Self { text: after.into(), cursor: 0 },
            Edit::UnixWordRubout => {
                let word = before.trim_end();
                let start = word
                    .rfind(char::is_whitespace)
                    .map_or(0, |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
                Self { text: format!("{}{after}", &before[..start]), cursor: start }
            }
        }
    }

    /// The line with the word from `start` to the cursor completed as far as all `words` agree; a single word is ended
    /// with a space, unless it is a directory or ends in `=`.
    pub(crate) fn completed(&self, start: usize, words: &[String]) -> Option<Self> {
        let typed = self.text.get(start..self.cursor)?;
        let mut word = common_prefix(words)?.to_owned();
        if words.len() == 1 && !word.ends_with(['/', '=', ' ']) {
            word.push(' ');
        }
        if word.len() <= typed.len() && words.len() > 1 {
            return None;
        }
        let text = format!("{}{word}{}", &self.text[..start], &self.text[self.cursor..]);
        Some(Self { cursor: start + word.len(), text })
    }
}

fn common_prefix(words: &[String]) -> Option<&str> {
    let (first, rest) = words.split_first()?;
    let len = rest.iter().fold(first.len(), |len, word| {
        let same = first[..len].chars().zip(word.chars()).take_while(|(a, b)| a == b);
        same.map(|(c, _)| c.len_utf8()).sum()
    });
    Some(&first[..len])
}

/// What a pasted or typed text with line feeds is: lines to run, and what stays at the prompt.
pub(crate) fn split_lines(text: &str) -> (Vec<String>, String) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match text.rsplit_once('\n') {
        Some((lines, rest)) => (lines.split('\n').map(str::to_owned).collect(), rest.to_owned()),
        None => (Vec::new(), text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, edit: Edit, want: &str) {
        // `|` is the cursor.
        let cursor = text.find('|').expect("a cursor");
        let line = Line { text: text.replace('|', ""), cursor };
        let mut got = line.edited(edit);
        got.text.insert(got.cursor, '|');
        assert_eq!(got.text, want);
    }

    #[test]
    fn keys() {
        check("docker p|s", Edit::BeginningOfLine, "|docker ps");
        check("docker p|s", Edit::EndOfLine, "docker ps|");
        check("docker p|s", Edit::KillLine, "docker p|");
        check("docker p|s", Edit::UnixLineDiscard, "|s");
        check("docker rm  web1 |x", Edit::UnixWordRubout, "docker rm  |x");
        check("目录 文件|", Edit::UnixWordRubout, "目录 |");
        check("|", Edit::UnixWordRubout, "|");
    }

    #[test]
    fn cursors_of_a_browser() {
        for (text, units, bytes) in [("aé😀b", 4, 7), ("abc", 9, 3), ("", 0, 0)] {
            assert_eq!(Line::at_utf16(text.into(), units).cursor, bytes, "{text}");
        }
        assert_eq!(Line { text: "aé😀b".into(), cursor: 7 }.cursor_utf16(), 4);
    }

    #[test]
    fn completion_goes_as_far_as_words_agree() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let line = Line::at_end("docker im");
        assert_eq!(line.completed(7, &words(&["image", "images"])), Some(Line::at_end("docker image")));
        assert_eq!(Line::at_end("docker image").completed(7, &words(&["image", "images"])), None);
        assert_eq!(line.completed(7, &words(&["import"])), Some(Line::at_end("docker import ")));
        assert_eq!(line.completed(7, &[]), None);
        assert_eq!(Line::at_end("cat /e").completed(4, &words(&["/etc/"])), Some(Line::at_end("cat /etc/")));
    }

    #[test]
    fn a_paste_runs_its_whole_lines() {
        assert_eq!(split_lines("a\r\nb\nc"), (vec!["a".into(), "b".into()], "c".into()));
        assert_eq!(split_lines("a"), (vec![], "a".into()));
        assert_eq!(split_lines("a\n"), (vec!["a".into()], String::new()));
    }
}
