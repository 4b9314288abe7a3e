//! Filters as text (jq(1), "Basic Filters" and on): by precedence, with a limit on nesting.

use super::super::json::Json;
use super::filter::Filter;

/// How deep a filter may be nested. Each level takes machine stack.
const DEPTH: u32 = 60;

/// Binary operators by precedence, loosest first.
const LEVELS: &[&[&str]] =
    &[&["//"], &["or"], &["and"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// Words that end a filter.
const ENDS: &[&str] = &["then", "elif", "else", "end", "as", "and", "or"];

/// Where the text is no filter: the rest of it.
pub(super) type Wrong = String;

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Filter, Wrong> {
    let mut parser = Parser { rest: text, depth: 0 };
    if parser.skip().is_empty() {
        return Ok(Filter::Same);
    }
    let filter = parser.pipe()?;
    if parser.skip().is_empty() { Ok(filter) } else { Err(parser.wrong()) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn skip(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        while let Some(comment) = self.rest.strip_prefix('#') {
            self.rest = comment.find('\n').map_or("", |end| &comment[end..]).trim_start();
        }
        self.rest
    }

    fn wrong(&self) -> Wrong {
        self.rest.chars().take(40).collect()
    }

    fn take(&mut self, token: &str) -> bool {
        match self.skip().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), Wrong> {
        if self.take(token) { Ok(()) } else { Err(self.wrong()) }
    }

    /// The word at this place: a name, or a keyword.
    fn word(&mut self) -> &'a str {
        let rest = self.skip();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = self.word() == wanted;
        if found {
            self.rest = &self.rest[wanted.len()..];
        }
        found
    }

    fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        if self.depth >= DEPTH {
            return Err(self.wrong());
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn pipe(&mut self) -> Result<Filter, Wrong> {
        self.nested(|parser| {
            let left = parser.comma()?;
            if parser.take_word("as") {
                parser.expect("$")?;
                let name = parser.word().to_owned();
                parser.rest = &parser.rest[name.len()..];
                parser.expect("|")?;
                return Ok(Filter::As(Box::new(left), name, Box::new(parser.pipe()?)));
            }
            if parser.take("|") {
                return Ok(Filter::Pipe(Box::new(left), Box::new(parser.pipe()?)));
            }
            Ok(left)
        })
    }

    fn comma(&mut self) -> Result<Filter, Wrong> {
        let mut parts = vec![self.binary(0)?];
        while self.take(",") {
            parts.push(self.binary(0)?);
        }
        joined(parts, self, |a, b| Filter::Both(Box::new(a), Box::new(b)))
    }

    fn binary(&mut self, level: usize) -> Result<Filter, Wrong> {
        let Some(operators) = LEVELS.get(level) else { return self.postfix() };
        let mut left = self.binary(level + 1)?;
        let mut count = 0;
        while let Some(operator) = self.operator(operators) {
            count += 1;
            if count > DEPTH {
                return Err(self.wrong());
            }
            // `//` takes what stands right of it as a whole; the others go from left to right.
            let right =
                if operator == "//" { self.nested(|p| p.binary(level))? } else { self.binary(level + 1)? };
            left = Filter::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, among: &[&'static str]) -> Option<&'static str> {
        let rest = self.skip();
        let found = among.iter().find(|operator| {
            let word = operator.starts_with(|c: char| c.is_ascii_alphabetic());
            let longer = **operator == "/" && rest.starts_with("//");
            // `|=` and its kin change what they are given, which filters here do not.
            let assigns = rest[operator.len().min(rest.len())..].starts_with('=') && !among.contains(&"==");
            if word { self.word() == **operator } else { rest.starts_with(**operator) && !longer && !assigns }
        })?;
        self.rest = &self.rest[found.len()..];
        Some(found)
    }

    fn postfix(&mut self) -> Result<Filter, Wrong> {
        let mut filter = self.nested(Self::primary)?;
        let mut count = 0;
        loop {
            count += 1;
            if count > DEPTH {
                return Err(self.wrong());
            }
            let rest = self.rest;
            if rest.starts_with('?') && !rest.starts_with("?/") {
                self.rest = &rest[1..];
                filter = Filter::Try(Box::new(filter));
            } else if rest.starts_with('[') {
                filter = self.brackets(filter)?;
            } else if let Some(after) = rest.strip_prefix('.').filter(|after| !after.starts_with('.')) {
                self.rest = after;
                if after.starts_with('[') {
                    continue;
                }
                let key = self.key()?;
                filter = Filter::At(Box::new(filter), Box::new(key));
            } else {
                return Ok(filter);
            }
        }
    }

    /// What stands behind a point: a name, or a text.
    fn key(&mut self) -> Result<Filter, Wrong> {
        if self.rest.starts_with('"') {
            return self.nested(Self::text);
        }
        let name = if self.rest.starts_with(char::is_whitespace) { "" } else { self.word() };
        if name.is_empty() {
            return Err(self.wrong());
        }
        self.rest = &self.rest[name.len()..];
        Ok(Filter::Literal(Json::Text(name.to_owned())))
    }

    fn brackets(&mut self, base: Filter) -> Result<Filter, Wrong> {
        self.expect("[")?;
        let base = Box::new(base);
        if self.take("]") {
            return Ok(Filter::Each(base));
        }
        let from = if self.skip().starts_with(':') { None } else { Some(Box::new(self.pipe()?)) };
        if self.take(":") {
            let to = if self.skip().starts_with(']') { None } else { Some(Box::new(self.pipe()?)) };
            self.expect("]")?;
            return Ok(Filter::Slice(base, from, to));
        }
        self.expect("]")?;
        match from {
            Some(index) => Ok(Filter::At(base, index)),
            None => Err(self.wrong()),
        }
    }

    fn primary(&mut self) -> Result<Filter, Wrong> {
        let rest = self.skip();
        let Some(first) = rest.chars().next() else { return Err(self.wrong()) };
        match first {
            '.' if rest.starts_with("..") => {
                self.rest = &rest[2..];
                Ok(Filter::All)
            }
            '.' => {
                self.rest = &rest[1..];
                let named = self.rest.starts_with(|c: char| c == '"' || c == '_' || c.is_ascii_alphabetic());
                if !named {
                    return Ok(Filter::Same);
                }
                let key = self.key()?;
                Ok(Filter::At(Box::new(Filter::Same), Box::new(key)))
            }
            '(' => {
                self.rest = &rest[1..];
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            '[' => {
                self.rest = &rest[1..];
                if self.take("]") {
                    return Ok(Filter::List(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(Filter::List(Some(Box::new(inner))))
            }
            '{' => self.object(),
            '"' => self.text(),
            '-' => {
                self.rest = &rest[1..];
                Ok(Filter::Minus(Box::new(self.nested(Self::postfix)?)))
            }
            '$' => {
                self.rest = &rest[1..];
                let name = self.word().to_owned();
                self.rest = &self.rest[name.len()..];
                Ok(Filter::Var(name))
            }
            '0'..='9' => {
                let end =
                    rest.find(|c: char| !(c.is_ascii_digit() || ".eE".contains(c))).unwrap_or(rest.len());
                let number = serde_json::from_str(&rest[..end]).map_err(|_| self.wrong())?;
                self.rest = &rest[end..];
                Ok(Filter::Literal(Json::Number(number)))
            }
            _ => self.call(),
        }
    }

    fn call(&mut self) -> Result<Filter, Wrong> {
        let at = usize::from(self.rest.starts_with('@'));
        let whole = self.rest;
        self.rest = &self.rest[at..];
        let name = self.word();
        if name.is_empty() || ENDS.contains(&name) {
            self.rest = whole;
            return Err(self.wrong());
        }
        self.rest = &self.rest[name.len()..];
        match name {
            "null" => return Ok(Filter::Literal(Json::Null)),
            "true" | "false" => return Ok(Filter::Literal(Json::Bool(name == "true"))),
            "if" => return self.condition(),
            _ => {}
        }
        let mut args = Vec::new();
        if self.rest.starts_with('(') {
            self.rest = &self.rest[1..];
            args.push(self.pipe()?);
            while self.take(";") {
                args.push(self.pipe()?);
            }
            self.expect(")")?;
        }
        Ok(Filter::Call(whole[..at + name.len()].to_owned(), args))
    }

    /// The rest of `if`, which is taken.
    fn condition(&mut self) -> Result<Filter, Wrong> {
        let test = Box::new(self.pipe()?);
        if !self.take_word("then") {
            return Err(self.wrong());
        }
        let yes = Box::new(self.pipe()?);
        let no = if self.take_word("elif") {
            self.nested(Self::condition)?
        } else {
            let no = if self.take_word("else") { self.pipe()? } else { Filter::Same };
            if !self.take_word("end") {
                return Err(self.wrong());
            }
            no
        };
        Ok(Filter::If(test, yes, Box::new(no)))
    }

    fn object(&mut self) -> Result<Filter, Wrong> {
        self.expect("{")?;
        let mut fields = Vec::new();
        while !self.take("}") {
            if !fields.is_empty() {
                self.expect(",")?;
            }
            let rest = self.skip();
            let (key, short) = if rest.starts_with('(') {
                (self.primary()?, None)
            } else if rest.starts_with('"') {
                let key = self.text()?;
                (key.clone(), Some(Filter::At(Box::new(Filter::Same), Box::new(key))))
            } else if let Some(after) = rest.strip_prefix('$') {
                self.rest = after;
                let name = self.word().to_owned();
                self.rest = &self.rest[name.len()..];
                (Filter::Literal(Json::Text(name.clone())), Some(Filter::Var(name)))
            } else {
                let key = self.key()?;
                (key.clone(), Some(Filter::At(Box::new(Filter::Same), Box::new(key))))
            };
            let value = if self.take(":") {
                self.nested(|parser| parser.binary(0))?
            } else {
                short.ok_or_else(|| self.wrong())?
            };
            fields.push((key, value));
        }
        Ok(Filter::Object(fields))
    }

    fn text(&mut self) -> Result<Filter, Wrong> {
        let start = self.rest;
        self.expect("\"")?;
        let (mut parts, mut raw) = (Vec::new(), String::from("\""));
        loop {
            let mut chars = self.rest.chars();
            match (chars.next(), chars.clone().next()) {
                (Some('"'), _) => break,
                (Some('\\'), Some('(')) => {
                    parts.push(Filter::Literal(plain(&raw, start)?));
                    raw = String::from("\"");
                    self.rest = &self.rest[2..];
                    parts.push(self.pipe()?);
                    self.expect(")")?;
                }
                (Some('\\'), Some(next)) => {
                    raw.extend(['\\', next]);
                    self.rest = &self.rest[1 + next.len_utf8()..];
                }
                (Some(c), _) => {
                    raw.push(c);
                    self.rest = &self.rest[c.len_utf8()..];
                }
                (None, _) => return Err(start.to_owned()),
            }
        }
        self.rest = &self.rest[1..];
        let last = plain(&raw, start)?;
        if parts.is_empty() {
            return Ok(Filter::Literal(last));
        }
        parts.push(Filter::Literal(last));
        Ok(Filter::Text(parts))
    }
}

/// A text's plain part, whose escapes are JSON's.
fn plain(raw: &str, start: &str) -> Result<Json, Wrong> {
    let text: String = serde_json::from_str(&format!("{raw}\"")).map_err(|_| start.to_owned())?;
    Ok(Json::Text(text))
}

fn joined(
    parts: Vec<Filter>,
    parser: &Parser<'_>,
    join: impl Fn(Filter, Filter) -> Filter,
) -> Result<Filter, Wrong> {
    if parts.len() > DEPTH as usize {
        return Err(parser.wrong());
    }
    parts.into_iter().reduce(join).ok_or_else(|| parser.wrong())
}
