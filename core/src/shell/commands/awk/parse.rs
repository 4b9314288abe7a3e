//! From an awk program's words to its rules (POSIX, `awk`, "Grammar").

use super::ast::{Expr, Pattern, Rule, Stmt};
use super::lex::{Token, tokens};
use crate::shell::commands::common::refusal::Refusal;

/// How deep expressions and statements may nest.
const DEEPEST: usize = 40;

/// Reads a program.
///
/// # Errors
/// What is wrong, or what this awk has not.
pub(super) fn program(text: &[u8]) -> Result<Vec<Rule>, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, prints: false };
    let mut rules = Vec::new();
    loop {
        parser.skip(&[Token::Line, Token::Mark(";")]);
        if *parser.peek() == Token::End {
            return Ok(rules);
        }
        rules.push(parser.rule()?);
    }
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    pub(super) at: usize,
    depth: usize,
    /// In the list of a `print`, where `>` is no comparison.
    pub(super) prints: bool,
}

pub(super) type Parsed<T> = Result<T, Refusal>;

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, mark: &'static str) -> bool {
        *self.peek() == Token::Mark(mark)
    }

    pub(super) fn take(&mut self, mark: &'static str) -> bool {
        let there = self.is(mark);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, word: &'static str) -> bool {
        let there = *self.peek() == Token::Word(word);
        self.at += usize::from(there);
        there
    }

    pub(super) fn want(&mut self, mark: &'static str) -> Parsed<()> {
        if self.take(mark) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn unexpected(&self) -> Refusal {
        let shown = match self.peek() {
            Token::End => "the end of the program".to_owned(),
            Token::Line => "the end of the line".to_owned(),
            Token::Mark(mark) => (*mark).to_owned(),
            Token::Word(word) => (*word).to_owned(),
            Token::Name(name, _) => name.clone(),
            Token::Number(number) => number.to_string(),
            Token::Text(text) => format!("\"{}\"", String::from_utf8_lossy(text)),
            Token::Expression(text) => format!("/{}/", String::from_utf8_lossy(text)),
        };
        format!("syntax error at or near {shown}").into()
    }

    pub(super) fn skip(&mut self, tokens: &[Token]) {
        while tokens.contains(self.peek()) {
            self.at += 1;
        }
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            return Err(format!("a program nests {DEEPEST} levels deep at most").into());
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn rule(&mut self) -> Parsed<Rule> {
        if self.word("function") {
            return Err(Refusal::lacks("awk has no functions of the program's own here"));
        }
        let pattern = if self.word("BEGIN") {
            Pattern::Begin
        } else if self.word("END") {
            Pattern::End
        } else if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expr()?;
            if self.take(",") {
                self.skip(&[Token::Line]);
                Pattern::Between(first, self.expr()?)
            } else {
                Pattern::When(first)
            }
        };
        let action = if self.is("{") { Some(self.block()?) } else { None };
        if action.is_none() && matches!(pattern, Pattern::Begin | Pattern::End) {
            return Err(self.unexpected());
        }
        Ok(Rule { pattern, action })
    }

    fn block(&mut self) -> Parsed<Stmt> {
        self.want("{")?;
        let mut list = Vec::new();
        loop {
            self.skip(&[Token::Line, Token::Mark(";")]);
            if self.take("}") {
                return Ok(Stmt::Block(list));
            }
            list.push(self.statement()?);
        }
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        self.deeper(Self::any_statement)
    }

    /// The statement behind `if`, `while` and their like: it may be empty, and stand on a line of its own.
    fn body(&mut self) -> Parsed<Box<Stmt>> {
        self.skip(&[Token::Line]);
        if self.take(";") {
            return Ok(Box::new(Stmt::Block(Vec::new())));
        }
        Ok(Box::new(self.statement()?))
    }

    fn any_statement(&mut self) -> Parsed<Stmt> {
        if self.is("{") {
            return self.block();
        }
        let Token::Word(word) = *self.peek() else {
            let simple = self.simple()?;
            return self.ended(simple);
        };
        if matches!(word, "print" | "printf" | "delete") {
            let simple = self.simple()?;
            return self.ended(simple);
        }
        self.at += 1;
        match word {
            "if" => {
                let test = self.test()?;
                let then = self.body()?;
                let back = self.at;
                self.skip(&[Token::Line, Token::Mark(";")]);
                if self.word("else") {
                    return Ok(Stmt::If(test, then, Some(self.body()?)));
                }
                self.at = back;
                Ok(Stmt::If(test, then, None))
            }
            "while" => {
                let test = self.test()?;
                Ok(Stmt::While(test, self.body()?))
            }
            "do" => {
                let body = self.body()?;
                self.skip(&[Token::Line, Token::Mark(";")]);
                if !self.word("while") {
                    return Err(self.unexpected());
                }
                let test = self.test()?;
                self.ended(Stmt::Do(body, test))
            }
            "for" => self.for_loop(),
            "next" => self.ended(Stmt::Next),
            "break" => self.ended(Stmt::Break),
            "continue" => self.ended(Stmt::Continue),
            "exit" => {
                let ends = matches!(self.peek(), Token::Line | Token::End) || self.is(";") || self.is("}");
                let status = if ends { None } else { Some(self.expr()?) };
                self.ended(Stmt::Exit(status))
            }
            "getline" | "nextfile" => Err(Refusal::lacks(format!("awk has no {word} here"))),
            _ => {
                self.at -= 1;
                Err(self.unexpected())
            }
        }
    }

    /// The end of a simple statement.
    fn ended(&mut self, statement: Stmt) -> Parsed<Stmt> {
        if self.take(";") || self.is("}") || *self.peek() == Token::End {
            return Ok(statement);
        }
        if *self.peek() == Token::Line {
            self.at += 1;
            return Ok(statement);
        }
        Err(self.unexpected())
    }

    fn test(&mut self) -> Parsed<Expr> {
        self.want("(")?;
        let test = self.expr()?;
        self.want(")")?;
        Ok(test)
    }

    fn for_loop(&mut self) -> Parsed<Stmt> {
        self.want("(")?;
        if let [Token::Name(name, _), Token::Word("in"), Token::Name(array, _), Token::Mark(")"), ..] =
            &self.tokens[self.at.min(self.tokens.len())..]
        {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            return Ok(Stmt::ForIn(name, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.want(";")?;
        self.skip(&[Token::Line]);
        let test = if self.is(";") { None } else { Some(self.expr()?) };
        self.want(";")?;
        self.skip(&[Token::Line]);
        let last = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.want(")")?;
        Ok(Stmt::For(first, test, last, self.body()?))
    }

    fn simple(&mut self) -> Parsed<Stmt> {
        if self.word("delete") {
            let Token::Name(name, _) = self.next() else { return Err(self.unexpected()) };
            let keys = if self.take("[") { Some(self.list("]")?) } else { None };
            return Ok(Stmt::Delete(name, keys));
        }
        let formatted = self.word("printf");
        if !formatted && !self.word("print") {
            return Ok(Stmt::Expr(self.expr()?));
        }
        self.prints = true;
        let list = self.printed();
        self.prints = false;
        let list = list?;
        let to_stderr = self.redirected()?;
        if formatted && list.is_empty() {
            return Err(self.unexpected());
        }
        Ok(if formatted { Stmt::Printf(list, to_stderr) } else { Stmt::Print(list, to_stderr) })
    }

    fn printed(&mut self) -> Parsed<Vec<Expr>> {
        let ends = matches!(self.peek(), Token::Line | Token::End)
            || [";", "}", ">", ">>", "|"].iter().any(|mark| self.is(mark));
        if ends {
            return Ok(Vec::new());
        }
        let mut list = vec![self.expr()?];
        while self.take(",") {
            self.skip(&[Token::Line]);
            list.push(self.expr()?);
        }
        match list.as_slice() {
            [Expr::List(inner)] => Ok(inner.clone()),
            _ => Ok(list),
        }
    }

    fn redirected(&mut self) -> Parsed<bool> {
        if !(self.is(">") || self.is(">>") || self.is("|")) {
            return Ok(false);
        }
        let mark = self.next();
        match (mark, self.next()) {
            (Token::Mark(">" | ">>"), Token::Text(name)) if name == b"/dev/stderr" => Ok(true),
            (Token::Mark(">" | ">>"), Token::Text(name)) if name == b"/dev/stdout" => Ok(false),
            _ => Err(Refusal::lacks("awk prints to standard output here; redirect it in the shell")),
        }
    }

    pub(super) fn list(&mut self, end: &'static str) -> Parsed<Vec<Expr>> {
        let prints = std::mem::take(&mut self.prints);
        let mut list = Vec::new();
        while !self.take(end) {
            list.push(self.expr()?);
            self.skip(&[Token::Line]);
            if !self.take(",") {
                self.want(end)?;
                break;
            }
            self.skip(&[Token::Line]);
        }
        self.prints = prints;
        Ok(list)
    }
}
