//! Blanks, comments, operators, reserved words and here-documents.

use super::{Parser, Pending, Syntax};
use crate::kernel::ByteString;
use crate::shell::ast::*;

/// Control and redirection operators, longest first.
const OPERATORS: &[&[u8]] = &[
    b"&>>", b"<<-", b"<<<", b"&&", b"||", b";;", b";&", b"<<", b">>", b"<&", b">&", b"<>", b">|", b"&>",
    b"&", b"|", b";", b"<", b">", b"(", b")",
];

/// Words that mean something else where a command starts.
const RESERVED: &[&[u8]] = &[b"then", b"else", b"elif", b"fi", b"do", b"done", b"esac", b"}", b"in"];

impl<'a> Parser<'a> {
    /// Skips blanks, comments and continued lines; not line feeds.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.pos += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.pos += 2,
                Some(b'#') => {
                    self.pos += self.rest().iter().position(|b| *b == b'\n').unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    /// Skips line feeds too; each may be followed by the text of here-documents.
    pub(super) fn skip_newlines(&mut self) -> Result<(), Syntax> {
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.pos += 1;
            self.read_pending()?;
        }
    }

    /// The operator at this place, if there is one.
    pub(super) fn operator(&mut self) -> Option<&'static [u8]> {
        self.skip_blanks();
        OPERATORS.iter().find(|op| self.rest().starts_with(op)).copied()
    }

    /// Takes this operator if it stands here.
    pub(super) fn take_operator(&mut self, wanted: &[u8]) -> bool {
        let found = self.operator() == Some(wanted);
        if found {
            self.pos += wanted.len();
        }
        found
    }

    /// The unquoted word at this place, as far as it is plain text; what reserved words are recognised in.
    pub(super) fn plain_word(&mut self) -> &'a [u8] {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.iter().position(|b| b" \t\r\n;&|<>()".contains(b)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes this reserved word if it stands here.
    pub(super) fn take_reserved(&mut self, wanted: &[u8]) -> bool {
        let found = self.plain_word() == wanted;
        if found {
            self.pos += wanted.len();
        }
        found
    }

    /// Takes this reserved word, after any number of line feeds, or says what stands there instead.
    pub(super) fn expect_reserved(&mut self, wanted: &[u8]) -> Result<(), Syntax> {
        self.skip_newlines()?;
        if self.take_reserved(wanted) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Whether a word that closes something stands here.
    pub(super) fn at_closing_word(&mut self) -> bool {
        let word = self.plain_word();
        RESERVED.contains(&word) && word != b"in"
    }

    /// The error for what stands here.
    pub(super) fn unexpected(&mut self) -> Syntax {
        if let Some(operator) = self.operator() {
            return Syntax::Unexpected(operator.into());
        }
        match self.peek() {
            None => Syntax::Incomplete(None),
            Some(b'\n') => Syntax::Unexpected("newline".into()),
            Some(_) => Syntax::Unexpected(self.plain_word().into()),
        }
    }

    /// Notes a here-document; its text is read after the next line feed.
    pub(super) fn note_here(&mut self, delimiter: &Word, strip_tabs: bool) -> Word {
        let expand = delimiter.iter().all(|part| matches!(part, Part::Plain(_)));
        let text: ByteString = delimiter
            .iter()
            .flat_map(|part| match part {
                Part::Plain(text) | Part::Quoted(text) | Part::Tilde(text) => text.to_vec(),
                _ => Vec::new(),
            })
            .collect();
        let number = self.bodies.len();
        self.bodies.push(Vec::new());
        self.pending.push(Pending { delimiter: text, strip_tabs, expand, number });
        // A placeholder that names the document; fill_bodies puts its text there.
        vec![Part::Plain(number.to_string().into())]
    }

    /// Reads the texts of the here-documents noted so far; the parser stands at the start of a line.
    pub(super) fn read_pending(&mut self) -> Result<(), Syntax> {
        if self.pending.is_empty() {
            return Ok(());
        }
        for here in std::mem::take(&mut self.pending) {
            let mut body = Vec::new();
            loop {
                if self.at_end() {
                    self.open_here = true;
                    break;
                }
                let rest = self.rest();
                let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                let mut line = &rest[..end];
                self.pos += (end + 1).min(rest.len());
                if here.strip_tabs {
                    line = &line[line.iter().take_while(|b| **b == b'\t').count()..];
                }
                if line == here.delimiter.as_bytes() {
                    break;
                }
                body.extend_from_slice(line);
                body.push(b'\n');
            }
            self.bodies[here.number] = if here.expand {
                let mut inner = self.within(&body);
                inner.here_text()?
            } else {
                vec![Part::Quoted(body.into())]
            };
        }
        Ok(())
    }

    /// Puts the texts of here-documents where their placeholders stand.
    pub(super) fn fill_bodies(&mut self, list: &mut List) {
        if self.bodies.is_empty() {
            return;
        }
        for item in list {
            let pipelines = std::iter::once(&mut item.first).chain(item.rest.iter_mut().map(|(_, p)| p));
            for command in pipelines.flat_map(|pipeline| pipeline.commands.iter_mut()) {
                self.fill_command(command);
            }
        }
    }

    fn fill_command(&mut self, command: &mut Command) {
        for redirect in &mut command.redirects {
            if let RedirectKind::Here(word) = &mut redirect.kind
                && let [Part::Plain(number)] = &word[..]
                && let Ok(number) = number.to_text().parse::<usize>()
                && let Some(body) = self.bodies.get_mut(number)
            {
                *word = std::mem::take(body);
                // Never a lone plain part: that would be taken for a placeholder again.
                word.push(Part::Quoted(ByteString::new()));
            }
        }
        match &mut command.kind {
            Kind::Simple { .. } | Kind::Arithmetic(_) | Kind::Condition(_) => {}
            Kind::Group(list)
            | Kind::Subshell(list)
            | Kind::For { body: list, .. }
            | Kind::Count { body: list, .. } => {
                self.fill_bodies(list);
            }
            Kind::If { arms, otherwise } => {
                for (test, body) in arms {
                    self.fill_bodies(test);
                    self.fill_bodies(body);
                }
                if let Some(list) = otherwise {
                    self.fill_bodies(list);
                }
            }
            Kind::Loop { test, body, .. } => {
                self.fill_bodies(test);
                self.fill_bodies(body);
            }
            Kind::Case { arms, .. } => arms.iter_mut().for_each(|arm| self.fill_bodies(&mut arm.list)),
            Kind::Function { body, .. } => {
                if let Some(body) = std::sync::Arc::get_mut(body) {
                    self.fill_command(body);
                }
            }
        }
    }
}
