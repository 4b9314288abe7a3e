//! Markdown for a terminal: code, strong and emphasis as colours and weights, lists with their indent, lines broken at
//! the terminal's width. Where the output is no terminal, the Markdown is printed as it is.

use std::io::IsTerminal;

use super::text;

/// The widest line that is comfortable to read.
const WIDEST: usize = 88;

/// How text is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Columns, where there is a terminal.
    width: Option<usize>,
}

/// An ANSI colour or weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Emphasis,
    Code,
    Good,
    Bad,
    Faint,
}

impl Style {
    fn codes(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Emphasis => "3",
            Self::Code => "36",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Faint => "2",
        }
    }
}

impl Pen {
    /// For standard output.
    pub(super) fn stdout() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = text::columns().unwrap_or(80).clamp(20, WIDEST);
        Self { width: (is_terminal && !is_dumb).then_some(width) }
    }

    /// Text in a style.
    pub(super) fn styled(self, style: Style, text: &str) -> String {
        match (self.width, style.codes()) {
            (Some(_), codes) if !codes.is_empty() => format!("\x1b[{codes}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    /// Blocks of Markdown, ending with a line feed.
    pub(super) fn markdown(self, markdown: &str) -> String {
        let Some(width) = self.width else { return format!("{}\n", markdown.trim()) };
        let mut out = String::new();
        let mut is_code = false;
        let mut paragraph: Option<String> = None;
        for line in markdown.trim().lines().chain([""]) {
            let begins =
                line.is_empty() || line.starts_with("```") || is_code || line.starts_with(['#', '-']);
            if begins && let Some(done) = paragraph.take() {
                let indent = if done.starts_with("- ") { 2 } else { 0 };
                out.push_str(&self.wrapped(&done, width, indent));
            }
            if line.starts_with("```") {
                is_code = !is_code;
            } else if is_code {
                out.push_str(&format!("    {}\n", self.styled(Style::Code, line)));
            } else if line.is_empty() {
                out.push('\n');
            } else if let Some(heading) = line.strip_prefix('#') {
                let heading = heading.trim_start_matches('#').trim();
                out.push_str(&format!("{}\n", self.styled(Style::Strong, heading)));
            } else {
                let text = paragraph.get_or_insert_default();
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(line.trim());
            }
        }
        format!("{}\n", out.trim_end())
    }

    /// Inline Markdown, broken at the width; lines after the first are indented.
    pub(super) fn inline(self, markdown: &str, indent: usize) -> String {
        match self.width {
            Some(width) => self.wrapped(markdown, width, indent).trim_end().to_owned(),
            None => markdown.to_owned(),
        }
    }

    fn wrapped(self, markdown: &str, width: usize, indent: usize) -> String {
        let (mut out, mut column) = (String::new(), 0);
        for word in words(markdown) {
            let wide = word.width();
            if column > 0 && column + usize::from(word.is_apart) + wide > width {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                column = indent;
            } else if word.is_apart && column > 0 {
                out.push(' ');
                column += 1;
            }
            for (style, text) in &word.parts {
                out.push_str(&self.styled(*style, text));
            }
            column += wide;
        }
        out.push('\n');
        out
    }
}

/// What is never broken: letters between spaces, or one Chinese character with the punctuation behind it.
#[derive(Debug, Default)]
struct Word {
    /// Whether a space stands before it.
    is_apart: bool,
    parts: Vec<(Style, String)>,
}

impl Word {
    fn width(&self) -> usize {
        self.parts.iter().flat_map(|(_, text)| text.chars()).map(|c| if is_wide(c) { 2 } else { 1 }).sum()
    }

    fn push(&mut self, style: Style, c: char) {
        match self.parts.last_mut() {
            Some((last, text)) if *last == style => text.push(c),
            _ => self.parts.push((style, c.to_string())),
        }
    }
}

fn words(markdown: &str) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let mut style = Style::Plain;
    let mut before = ' ';
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        let mark = [("`", Style::Code), ("**", Style::Strong), ("*", Style::Emphasis)];
        let mark = mark.into_iter().find(|(mark, marked)| {
            let tail = rest.strip_prefix(mark);
            tail.is_some_and(|tail| style == *marked || (style == Style::Plain && tail.contains(mark)))
        });
        if let Some((mark, marked)) = mark {
            style = if style == marked { Style::Plain } else { marked };
            rest = &rest[mark.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let can_break = is_wide(before) || is_wide(c);
        if c == ' ' {
            words.push(Word { is_apart: true, ..Word::default() });
        } else {
            if before != ' '
                && can_break
                && !"，。、；：！？）】」』”’".contains(c)
                && !"（【「『“‘".contains(before)
            {
                words.push(Word::default());
            }
            words.last_mut().expect("there is always one").push(style, c);
        }
        before = c;
    }
    words.retain(|word| !word.parts.is_empty());
    words
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::Pen;

    #[test]
    fn markdown_is_broken_at_the_width_and_drawn() {
        let pen = Pen { width: Some(20) };
        let drawn =
            pen.markdown("Run `rm -r /x` **now**: it is\nnot *so* easy.\n\n- one two three four five\n- six");
        assert_eq!(
            drawn,
            "Run \x1b[36mrm\x1b[0m \x1b[36m-r\x1b[0m \x1b[36m/x\x1b[0m \x1b[1mnow\x1b[0m: it\n\
             is not \x1b[3mso\x1b[0m easy.\n\n- one two three four\n  five\n- six\n"
        );
        assert_eq!(pen.markdown("删除只是遮住，并不释放空间。"), "删除只是遮住，并不释\n放空间。\n");
        assert_eq!(Pen { width: None }.markdown("`rm` **now**"), "`rm` **now**\n");
        assert_eq!(pen.inline("2 * 3", 0), "2 * 3");
    }
}
