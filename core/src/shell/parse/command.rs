//! Lists, pipelines, simple commands and redirections.

use super::{Parser, Syntax};
use crate::shell::ast::*;

impl Parser<'_> {
    /// Commands up to the end of the line, which is taken.
    pub(super) fn line(&mut self) -> Result<List, Syntax> {
        let mut list = List::new();
        loop {
            list.push(self.and_or()?);
            self.skip_blanks();
            match self.peek() {
                None => return Ok(list),
                Some(b'\n') => {
                    self.pos += 1;
                    return Ok(list);
                }
                Some(_) if self.separated => {}
                Some(_) => return Err(self.unexpected()),
            }
        }
    }

    /// Commands up to something that closes a compound command; line feeds separate too.
    pub(super) fn list(&mut self) -> Result<List, Syntax> {
        let mut list = List::new();
        loop {
            self.skip_newlines()?;
            let closes = self.at_end()
                || self.at_closing_word()
                || matches!(self.operator(), Some(b")" | b";;" | b";&"));
            if closes {
                return Ok(list);
            }
            list.push(self.and_or()?);
            self.skip_blanks();
            if !self.separated && self.peek() != Some(b'\n') {
                return Ok(list);
            }
        }
    }

    /// A list that must hold something.
    pub(super) fn body(&mut self) -> Result<List, Syntax> {
        let list = self.nested(Self::list)?;
        if list.is_empty() { Err(self.unexpected()) } else { Ok(list) }
    }

    fn and_or(&mut self) -> Result<AndOr, Syntax> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let join = match self.operator() {
                Some(b"&&") => Join::And,
                Some(b"||") => Join::Or,
                _ => break,
            };
            self.pos += 2;
            self.skip_newlines()?;
            rest.push((join, self.pipeline()?));
        }
        let background = self.take_operator(b"&");
        self.separated = background || self.take_operator(b";");
        let ends = if background { End::Background } else { End::Waited };
        Ok(AndOr { first, rest, ends })
    }

    fn pipeline(&mut self) -> Result<Pipeline, Syntax> {
        let mut negated = false;
        while self.take_reserved(b"!") {
            negated = !negated;
        }
        let mut commands = vec![self.command()?];
        while self.take_operator(b"|") {
            if self.is_bash() && self.peek() == Some(b'&') {
                // `|&`: what goes to standard error goes down the pipe too.
                self.pos += 1;
                let kind = RedirectKind::Duplicate(vec![Part::Plain("1".into())]);
                if let Some(command) = commands.last_mut() {
                    command.redirects.push(Redirect { fd: 2, kind });
                }
            }
            self.skip_newlines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { negated, commands })
    }

    fn command(&mut self) -> Result<Command, Syntax> {
        if let Some(kind) = self.compound()? {
            let mut redirects = Vec::new();
            while let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
            }
            return Ok(Command { kind, redirects });
        }
        self.simple()
    }

    fn simple(&mut self) -> Result<Command, Syntax> {
        let (mut assigns, mut words, mut redirects) = (Vec::new(), Vec::<Word>::new(), Vec::new());
        let mut arrays = Vec::new();
        loop {
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(assign) = self.assignment()?
            {
                assigns.push(assign);
                continue;
            }
            if !self.at_word() {
                break;
            }
            self.alias(words.is_empty())?;
            if self.is_bash()
                && is_declaration(words.first())
                && let Some(assign) = self.array_assignment()?
            {
                words.push(vec![Part::Plain(assign.name.clone())]);
                arrays.push(assign);
                continue;
            }
            words.push(self.word()?);
        }
        if assigns.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        let command = Command { kind: Kind::Simple { assigns, words }, redirects };
        if arrays.is_empty() {
            return Ok(command);
        }
        // `declare -A map=(…)`: the variable is declared, then it is set.
        let set = Kind::Simple { assigns: arrays, words: Vec::new() };
        let set = Command { kind: set, redirects: Vec::new() };
        Ok(Command { kind: Kind::Group(vec![alone(command), alone(set)]), redirects: Vec::new() })
    }

    /// `name=(…)` at this place.
    fn array_assignment(&mut self) -> Result<Option<Assign>, Syntax> {
        let rest = self.rest();
        let name = rest.iter().take_while(|b| is_name_byte(**b)).count();
        let sign = usize::from(rest.get(name) == Some(&b'+'));
        if rest.get(name + sign..name + sign + 2) == Some(b"=(") { self.assignment() } else { Ok(None) }
    }

    /// The assignment at this place, which is taken.
    fn assignment(&mut self) -> Result<Option<Assign>, Syntax> {
        self.skip_blanks();
        let (start, rest) = (self.pos, self.rest());
        let len = rest.iter().take_while(|b| is_name_byte(**b)).count();
        if !is_name(&rest[..len]) {
            return Ok(None);
        }
        let name = rest[..len].into();
        self.pos += len;
        let mut subscript = None;
        if self.is_bash() && self.peek() == Some(b'[') {
            match self.subscript() {
                Ok(word) => subscript = Some(word),
                Err(_) => {
                    self.pos = start;
                    return Ok(None);
                }
            }
        }
        let append = self.is_bash() && self.peek() == Some(b'+');
        self.pos += usize::from(append);
        if self.peek() != Some(b'=') {
            self.pos = start;
            return Ok(None);
        }
        self.pos += 1;
        let value = if self.is_bash() && self.peek() == Some(b'(') {
            Given::List(self.elements()?)
        } else {
            Given::Word(self.word_with_tildes()?)
        };
        Ok(Some(Assign { name, subscript, append, value }))
    }

    /// The elements between `(` and `)`; both are taken.
    fn elements(&mut self) -> Result<Vec<(Option<Word>, Word)>, Syntax> {
        self.pos += 1;
        let mut elements = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.at_end() {
                return Err(Syntax::Incomplete(Some(')')));
            }
            if self.take_operator(b")") {
                return Ok(elements);
            }
            if !self.at_word() {
                return Err(self.unexpected());
            }
            let start = self.pos;
            if self.peek() == Some(b'[')
                && let Ok(subscript) = self.subscript()
                && self.peek() == Some(b'=')
            {
                self.pos += 1;
                elements.push((Some(subscript), self.word_with_tildes()?));
                continue;
            }
            self.pos = start;
            elements.push((None, self.word()?));
        }
    }

    /// A redirection at this place, if there is one.
    fn redirect(&mut self) -> Result<Option<Redirect>, Syntax> {
        self.skip_blanks();
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let number = (1..=3).contains(&digits) && matches!(self.peek_at(digits), Some(b'<' | b'>'));
        let start = self.pos;
        let fd = number.then(|| self.rest()[..digits].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')));
        if number {
            self.pos += digits;
        }
        let Some(operator) = self.operator().filter(|op| op.iter().any(|b| b"<>".contains(b))) else {
            self.pos = start;
            return Ok(None);
        };
        self.pos += operator.len();
        if self.at_end() {
            // The line is whole: no line that follows could name the file (bash 5.2).
            return Err(Syntax::Unexpected("newline".into()));
        }
        if self.is_bash() && self.peek() == Some(b'(') && matches!(operator, b"<" | b">") {
            return Err(Syntax::Lacks("(".into(), super::NO_PROCESS_FILES));
        }
        if !self.at_word() {
            return Err(self.unexpected());
        }
        let word = self.word()?;
        let (default, kind) = match operator {
            b"<" => (0, RedirectKind::Read(word)),
            b">" => (1, RedirectKind::Write(word)),
            b">|" => (1, RedirectKind::Clobber(word)),
            b">>" => (1, RedirectKind::Append(word)),
            b"<>" => (0, RedirectKind::ReadWrite(word)),
            b"<&" => (0, RedirectKind::Duplicate(word)),
            b"<<" => (0, RedirectKind::Here(self.note_here(&word, false))),
            b"<<-" => (0, RedirectKind::Here(self.note_here(&word, true))),
            b"<<<" => (0, RedirectKind::HereString(word)),
            b">&" if fd.is_none() && !is_descriptor(&word) => (1, RedirectKind::Both { word, append: false }),
            b">&" => (1, RedirectKind::Duplicate(word)),
            _ => (1, RedirectKind::Both { word, append: operator == b"&>>" }),
        };
        Ok(Some(Redirect { fd: fd.unwrap_or(default), kind }))
    }
}

/// A command with nothing before or after it.
fn alone(command: Command) -> AndOr {
    let first = Pipeline { negated: false, commands: vec![command] };
    AndOr { first, rest: Vec::new(), ends: End::Waited }
}

/// Whether a command's first word is one that declares variables.
fn is_declaration(word: Option<&Word>) -> bool {
    let Some([Part::Plain(name)]) = word.map(|word| &word[..]) else { return false };
    matches!(&name[..], b"declare" | b"typeset" | b"local" | b"readonly" | b"export")
}

/// Whether `>&word` means a descriptor rather than a file.
fn is_descriptor(word: &Word) -> bool {
    match &word[..] {
        [Part::Plain(text)] => &text[..] == b"-" || text.iter().all(u8::is_ascii_digit),
        parts => parts.iter().any(|part| matches!(part, Part::Parameter { .. })),
    }
}

/// Whether these bytes are a variable's name.
pub(in crate::shell) fn is_name(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|b| !b.is_ascii_digit()) && bytes.iter().all(|b| is_name_byte(*b))
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
