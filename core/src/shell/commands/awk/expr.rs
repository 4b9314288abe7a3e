//! Reading an awk program's expressions, by how close their operators bind (POSIX, `awk`, table 4-1).

use super::ast::{Expr, FUNCTIONS};
use super::lex::Token;
use super::parse::{Parsed, Parser};
use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::regex::{Case, Regex, Syntax};

impl Parser {
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Parsed<Expr> {
        let left = self.choice()?;
        let Token::Mark(mark @ ("=" | "+=" | "-=" | "*=" | "/=" | "%=" | "^=")) = *self.peek() else {
            return Ok(left);
        };
        if !matches!(left, Expr::Var(_) | Expr::Item(..) | Expr::Field(_)) {
            return Err(self.unexpected());
        }
        self.at += 1;
        self.skip(&[Token::Line]);
        let right = self.expr()?;
        Ok(Expr::Assign(Box::new(left), mark, Box::new(right)))
    }

    fn choice(&mut self) -> Parsed<Expr> {
        let test = self.binary(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        self.skip(&[Token::Line]);
        let yes = self.expr()?;
        self.skip(&[Token::Line]);
        self.want(":")?;
        self.skip(&[Token::Line]);
        let no = self.expr()?;
        Ok(Expr::Choice(Box::new([test, yes, no])))
    }

    /// The operator at hand if it binds at this level: 0 `||`, 1 `&&`, 2 `in`, 3 `~`, 4 comparisons, 5 side by side, 6 sums,
    /// 7 products.
    fn operator(&self, level: usize) -> Option<&'static str> {
        let marks: &[&'static str] = match level {
            0 => &["||"],
            1 => &["&&"],
            3 => &["~", "!~"],
            4 => &["<", "<=", "==", "!=", ">", ">="],
            6 => &["+", "-"],
            7 => &["*", "/", "%"],
            _ => &[],
        };
        match self.peek() {
            Token::Word("in") if level == 2 => Some("in"),
            Token::Mark(">") if self.prints => None,
            Token::Mark(mark) if marks.contains(mark) => Some(mark),
            Token::Mark("(" | "$" | "!" | "-" | "+" | "++" | "--") | Token::Number(_) | Token::Text(_)
                if level == 5 =>
            {
                // What stands side by side is joined; a sign was taken by the sum before.
                (!matches!(self.peek(), Token::Mark("!" | "-" | "+"))).then_some("")
            }
            Token::Name(..) if level == 5 => Some(""),
            _ => None,
        }
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        if level > 7 {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            if !operator.is_empty() {
                self.at += 1;
            }
            if matches!(operator, "&&" | "||") {
                self.skip(&[Token::Line]);
            }
            if operator == "in" {
                let Token::Name(array, _) = self.next() else { return Err(self.unexpected()) };
                let keys = if let Expr::List(keys) = left { keys } else { vec![left] };
                left = Expr::Has(array, keys);
                continue;
            }
            let right = self.binary(level + 1)?;
            left = Expr::Binary(operator, Box::new([left, right]));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        for mark in ["!", "-", "+"] {
            if self.take(mark) {
                let inner = self.deeper(Self::unary)?;
                return Ok(Expr::Unary(mark, Box::new(inner)));
            }
        }
        let base = self.postfix()?;
        if self.take("^") {
            let power = self.deeper(Self::unary)?;
            return Ok(Expr::Binary("^", Box::new([base, power])));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (mark, by) in [("++", 1.0), ("--", -1.0)] {
            if self.take(mark) {
                let inner = self.deeper(Self::postfix)?;
                return Ok(Expr::Step(Box::new(inner), by, false));
            }
        }
        let operand = self.operand()?;
        if matches!(operand, Expr::Var(_) | Expr::Item(..) | Expr::Field(_)) {
            for (mark, by) in [("++", 1.0), ("--", -1.0)] {
                if self.take(mark) {
                    return Ok(Expr::Step(Box::new(operand), by, true));
                }
            }
        }
        Ok(operand)
    }

    fn operand(&mut self) -> Parsed<Expr> {
        Ok(match self.next() {
            Token::Number(number) => Expr::Number(number),
            Token::Text(text) => Expr::Text(text),
            Token::Expression(text) => Expr::Matches(Regex::new(&text, Syntax::Extended, Case::Kept)?),
            Token::Mark("$") => {
                let inner = self.deeper(|parser| match parser.peek() {
                    Token::Mark("++" | "--") => parser.postfix(),
                    Token::Mark("-") => parser.unary(),
                    _ => parser.operand(),
                })?;
                Expr::Field(Box::new(inner))
            }
            Token::Mark("(") => {
                let mut list = self.deeper(|parser| parser.list(")"))?;
                match list.len() {
                    0 => return Err(self.unexpected()),
                    1 => Expr::Unary("(", Box::new(list.remove(0))),
                    _ => Expr::List(list),
                }
            }
            Token::Name(name, called) if FUNCTIONS.contains(&name.as_str()) => {
                let args = if called {
                    self.at += 1;
                    self.deeper(|parser| parser.list(")"))?
                } else if name == "length" {
                    Vec::new()
                } else {
                    return Err(self.unexpected());
                };
                Expr::Call(name, args)
            }
            Token::Name(name, true) => {
                return Err(Refusal::lacks(format!("awk has no function {name} here")));
            }
            Token::Name(name, false) => {
                if self.take("[") {
                    let keys = self.deeper(|parser| parser.list("]"))?;
                    Expr::Item(name, keys)
                } else {
                    Expr::Var(name)
                }
            }
            Token::Word("getline") => return Err(Refusal::lacks("awk has no getline here")),
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        })
    }
}
