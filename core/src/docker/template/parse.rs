//! From pieces to a tree.

use super::functions;
use super::lex::{Piece, Token, Word, fail};
use crate::docker::json::Json;

/// How deep blocks and parentheses may nest: far more than people write.
const DEPTH: usize = 64;

/// A part of a template.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Text(String),
    Print(Pipe),
    Block { kind: Kind, pipe: Pipe, body: Vec<Node>, otherwise: Vec<Node> },
}

/// The kinds of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    If,
    With,
    Range,
}

/// `$x := a | b c`.
#[derive(Debug, Clone)]
pub(super) struct Pipe {
    /// Variables that are set, and whether they are new (`:=`).
    pub variables: Vec<String>,
    pub declares: bool,
    /// Commands, left to right; each takes the value before it as its last argument.
    pub commands: Vec<Vec<Operand>>,
}

/// A value in a command, or the function that stands first in it.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub base: Base,
    /// `.A.B` behind it.
    pub fields: Vec<String>,
    /// Where Go says that it is.
    pub at: (usize, usize),
}

/// What an operand starts with.
#[derive(Debug, Clone)]
pub(super) enum Base {
    Dot,
    Variable(String),
    Literal(Json),
    Function(String),
    Group(Box<Pipe>),
}

/// Reads all pieces.
pub(super) fn nodes(pieces: &[Piece]) -> Result<Vec<Node>, String> {
    let mut parser = Parser { pieces, at: 0 };
    let (nodes, end) = parser.block(0)?;
    match end {
        None => Ok(nodes),
        Some((word, line)) => Err(fail(line, &format!("unexpected {{{{{word}}}}}"))),
    }
}

struct Parser<'p> {
    pieces: &'p [Piece],
    at: usize,
}

/// `end` or `else` that ended a block, with the words behind `else`, and the line.
type End = Option<(&'static str, usize)>;

impl Parser<'_> {
    /// Nodes up to `{{end}}`, `{{else …}}` or the template's end. The piece that ended it is the last one taken.
    fn block(&mut self, depth: usize) -> Result<(Vec<Node>, End), String> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            let (words, line) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text.clone()));
                    continue;
                }
                Piece::Action(words, line) => (words, *line),
            };
            let keyword = match words.first().map(|word| &word.token) {
                Some(Token::Name(name)) => name.as_str(),
                _ => "",
            };
            let kind = match keyword {
                "end" => return Ok((nodes, Some(("end", line)))),
                "else" => return Ok((nodes, Some(("else", line)))),
                "if" => Kind::If,
                "with" => Kind::With,
                "range" => Kind::Range,
                "define" | "template" | "block" | "break" | "continue" => {
                    let why = format!("the lab's templates have no {{{{{keyword}}}}}");
                    return Err(format!(
                        "{}\nLayerlab: {why}",
                        fail(line, &format!("unexpected {{{{{keyword}}}}}"))
                    ));
                }
                _ => {
                    nodes.push(Node::Print(pipe(words, line)?));
                    continue;
                }
            };
            nodes.push(self.control(kind, &words[1..], line, depth)?);
        }
        Ok((nodes, None))
    }

    fn control(&mut self, kind: Kind, words: &[Word], line: usize, depth: usize) -> Result<Node, String> {
        if depth > DEPTH {
            return Err(fail(line, "exceeded maximum template depth"));
        }
        if words.is_empty() {
            let name = format!("{kind:?}").to_lowercase();
            return Err(fail(line, &format!("missing value for {name}")));
        }
        let pipe = pipe(words, line)?;
        let (body, end) = self.block(depth + 1)?;
        let last_line = self.last_line();
        let otherwise = match end {
            None => return Err(fail(last_line, "unexpected EOF")),
            Some(("end", _)) => Vec::new(),
            Some((_, line)) => {
                let Some(Piece::Action(words, _)) = self.pieces.get(self.at - 1) else {
                    return Err(fail(line, "unexpected {{else}}"));
                };
                match words.get(1).map(|word| &word.token) {
                    Some(Token::Name(name)) if name == "if" && kind == Kind::If => {
                        vec![self.control(Kind::If, &words[2..], line, depth + 1)?]
                    }
                    _ => match self.block(depth + 1)? {
                        (nodes, Some(("end", _))) => nodes,
                        (_, Some((word, line))) => {
                            return Err(fail(line, &format!("expected end; found {{{{{word}}}}}")));
                        }
                        (_, None) => return Err(fail(self.last_line(), "unexpected EOF")),
                    },
                }
            }
        };
        Ok(Node::Block { kind, pipe, body, otherwise })
    }

    fn last_line(&self) -> usize {
        self.pieces
            .iter()
            .rev()
            .find_map(|piece| match piece {
                Piece::Action(_, line) => Some(*line),
                Piece::Text(_) => None,
            })
            .unwrap_or(1)
    }
}

fn pipe(words: &[Word], line: usize) -> Result<Pipe, String> {
    let mut rest = words;
    let mut variables = Vec::new();
    let mut declares = false;
    let sign = words.iter().position(|word| matches!(word.token, Token::Mark(":=" | "=")));
    if let Some(sign) = sign {
        for word in &words[..sign] {
            match &word.token {
                Token::Variable(name) => variables.push(name.clone()),
                Token::Mark(",") => {}
                other => return Err(fail(line, &format!("unexpected {other:?} in declaration"))),
            }
        }
        declares = words[sign].token == Token::Mark(":=");
        rest = &words[sign + 1..];
    }
    let mut at = 0;
    let commands = commands(rest, &mut at, line, 0)?;
    if at < rest.len() {
        return Err(fail(line, "unexpected right paren U+0029 ')'"));
    }
    Ok(Pipe { variables, declares, commands })
}

/// Commands up to the end or a closing parenthesis, which is left.
fn commands(words: &[Word], at: &mut usize, line: usize, depth: usize) -> Result<Vec<Vec<Operand>>, String> {
    if depth > DEPTH {
        return Err(fail(line, "exceeded maximum template depth"));
    }
    let mut commands = vec![Vec::new()];
    while let Some(word) = words.get(*at) {
        match &word.token {
            Token::Mark(")") => break,
            Token::Mark("|") => {
                *at += 1;
                commands.push(Vec::new());
            }
            _ => {
                let operand = operand(words, at, line, depth)?;
                commands.last_mut().expect("there is always one").push(operand);
            }
        }
    }
    if commands.iter().any(Vec::is_empty) {
        return Err(fail(line, "missing value for command"));
    }
    Ok(commands)
}

fn operand(words: &[Word], at: &mut usize, line: usize, depth: usize) -> Result<Operand, String> {
    let word = &words[*at];
    *at += 1;
    let mut place = word.at;
    let mut fields = Vec::new();
    let base = match &word.token {
        Token::Dot => Base::Dot,
        Token::Field(name) => {
            fields.push(name.clone());
            Base::Dot
        }
        Token::Variable(name) => Base::Variable(name.clone()),
        Token::Text(text) => Base::Literal(Json::Text(text.clone())),
        Token::Number(number) => Base::Literal(Json::Number(number.clone())),
        Token::Name(name) => match name.as_str() {
            "true" => Base::Literal(Json::Bool(true)),
            "false" => Base::Literal(Json::Bool(false)),
            "nil" => Base::Literal(Json::Null),
            name if functions::is_known(name) => Base::Function(name.to_owned()),
            name => return Err(fail(line, &format!("function {name:?} not defined"))),
        },
        Token::Mark("(") => {
            let inner = commands(words, at, line, depth + 1)?;
            if words.get(*at).map(|word| &word.token) != Some(&Token::Mark(")")) {
                return Err(fail(line, "unclosed left paren"));
            }
            *at += 1;
            Base::Group(Box::new(Pipe { variables: Vec::new(), declares: false, commands: inner }))
        }
        Token::Mark(mark) => return Err(fail(line, &format!("unexpected {mark:?} in operand"))),
    };
    while let Some(Word { token: Token::Field(name), at: next, spaced: false }) = words.get(*at) {
        // Go places a chain of fields at its second link.
        if fields.len() <= 1 {
            place = if fields.is_empty() && !matches!(base, Base::Dot) { place } else { *next };
        }
        fields.push(name.clone());
        *at += 1;
    }
    Ok(Operand { base, fields, at: place })
}
