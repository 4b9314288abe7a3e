//! From a Dockerfile's text to its logical lines: directives, comments, continuation, and the split of each line into
//! its instruction, its flags and the rest (Dockerfile reference, "Format", "Parser directives", "escape").

use super::{flags, json, words};

/// The longest line, in bytes; Docker's own limit.
const MAX_LINE: usize = 65535;

/// What parser directives say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directives {
    /// `escape`: a backslash, or a backtick.
    pub escape: char,
    /// `syntax`: the frontend that should read the file. The classic builder does not look at it.
    pub syntax: Option<String>,
}

/// One instruction as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The instruction, in small letters.
    pub name: String,
    /// The whole logical line, as steps of a build are named.
    pub original: String,
    /// Flags, `--from=x`.
    pub flags: Vec<String>,
    /// What stands behind them.
    pub args: Args,
    /// The first line of the file that it takes, from 1.
    pub line: usize,
    /// The last one.
    pub end: usize,
}

/// An instruction's arguments, as its kind is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Args {
    /// Words, or one string.
    Words(Vec<String>),
    /// A list in JSON.
    Json(Vec<String>),
    /// Names and values; `None` where an `ARG` has no `=`.
    Pairs(Vec<(String, Option<String>)>),
    /// The instruction behind `ONBUILD`.
    Trigger(Option<Box<Node>>),
    /// `HEALTHCHECK`: its type, then a command in one of its two forms.
    Health(Option<(String, Box<Args>)>),
}

impl Args {
    /// The words of a list or a line.
    pub fn words(&self) -> &[String] {
        match self {
            Self::Words(words) | Self::Json(words) => words,
            Self::Pairs(_) | Self::Trigger(_) | Self::Health(_) => &[],
        }
    }

    /// Whether they are a list in JSON.
    pub fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

/// A Dockerfile's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// Its instructions.
    pub nodes: Vec<Node>,
    /// Its directives.
    pub directives: Directives,
    /// What Docker warns of.
    pub warnings: Vec<String>,
}

/// Reads a Dockerfile's text.
///
/// # Errors
/// Docker's words for what is wrong.
pub fn parse(text: &str) -> Result<Lines, String> {
    let mut reader = Reader::new(text);
    let mut nodes = Vec::new();
    let mut warnings = Vec::new();
    while let Some((mut line, is_end)) = reader.first()? {
        let start = reader.number;
        if is_end && line.is_empty() {
            continue;
        }
        let mut has_blank = false;
        let mut is_end = is_end;
        while !is_end {
            match reader.more()? {
                None => break,
                Some(More::Comment) => {}
                Some(More::Blank) => has_blank = true,
                Some(More::Text(text, ends)) => {
                    line.push_str(&text);
                    is_end = ends;
                }
            }
        }
        if has_blank {
            warnings.push(format!("[WARNING]: Empty continuation line found in:\n    {line}"));
        }
        nodes.push(node(&line, &reader.directives, start, reader.number)?);
    }
    if !warnings.is_empty() {
        let text = "[WARNING]: Empty continuation lines will become errors in a future release.";
        warnings.push(text.to_owned());
    }
    if nodes.is_empty() {
        return Err("file with no instructions".to_owned());
    }
    Ok(Lines { nodes, directives: reader.directives, warnings })
}

/// What a line after the first of an instruction is.
enum More {
    Comment,
    Blank,
    Text(String, bool),
}

struct Reader<'t> {
    lines: std::str::Lines<'t>,
    number: usize,
    directives: Directives,
    /// Directives that were read; none follow once something else stood in a line.
    seen: Option<Vec<String>>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let directives = Directives { escape: '\\', syntax: None };
        Self { lines: text.lines(), number: 0, directives, seen: Some(Vec::new()) }
    }

    fn next(&mut self) -> Result<Option<&'t str>, String> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        if line.len() > MAX_LINE {
            return Err(format!("dockerfile line greater than maximum allowed size of {MAX_LINE}"));
        }
        self.number += 1;
        Ok(Some(line.trim_end_matches(['\r', '\n'])))
    }

    /// The first line of an instruction, and whether it is its last.
    fn first(&mut self) -> Result<Option<(String, bool)>, String> {
        let Some(line) = self.next()? else { return Ok(None) };
        let line = line.trim_start();
        self.directive(line)?;
        let line = if line.starts_with('#') { "" } else { line };
        Ok(Some(self.without_escape(line)))
    }

    fn more(&mut self) -> Result<Option<More>, String> {
        let Some(line) = self.next()? else { return Ok(None) };
        let start = line.trim_start();
        self.directive(line)?;
        if start.starts_with('#') {
            return Ok(Some(More::Comment));
        }
        if start.is_empty() {
            return Ok(Some(More::Blank));
        }
        let (text, ends) = self.without_escape(line);
        Ok(Some(More::Text(text, ends)))
    }

    /// Takes the escape character at the end off; says whether there was none.
    fn without_escape(&self, line: &str) -> (String, bool) {
        match line.trim_end_matches([' ', '\t']).strip_suffix(self.directives.escape) {
            Some(rest) => (rest.to_owned(), false),
            None => (line.to_owned(), true),
        }
    }

    fn directive(&mut self, line: &str) -> Result<(), String> {
        let Some(seen) = &mut self.seen else { return Ok(()) };
        let Some((name, value)) = directive(line) else {
            self.seen = None;
            return Ok(());
        };
        if seen.contains(&name) {
            return Err(format!("only one {name} parser directive can be used"));
        }
        match name.as_str() {
            "escape" => match value {
                "\\" => self.directives.escape = '\\',
                "`" => self.directives.escape = '`',
                other => return Err(format!("invalid escape token '{other}' does not match ` or \\")),
            },
            _ => self.directives.syntax = Some(value.to_owned()),
        }
        seen.push(name);
        Ok(())
    }
}

/// `# name=value` of a directive that there is.
fn directive(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim().to_lowercase(), value.trim());
    (matches!(name.as_str(), "escape" | "syntax") && !value.is_empty()).then_some((name, value))
}

/// Reads one logical line.
///
/// # Errors
/// Docker's words for what is wrong.
pub fn node(line: &str, directives: &Directives, start: usize, end: usize) -> Result<Node, String> {
    let trimmed = line.trim();
    let (name, rest) = match trimmed.find(is_blank) {
        Some(at) => (&trimmed[..at], trimmed[at..].trim_start_matches(is_blank)),
        None => (trimmed, ""),
    };
    let (flags, rest) = flags::take(rest);
    let name = name.to_lowercase();
    let rest = rest.trim();
    let escape = directives.escape;
    let args = match name.as_str() {
        "add" | "copy" | "volume" => match json::list(rest)? {
            Some(list) => Args::Json(list),
            None => Args::Words(words::plain(rest)),
        },
        "expose" | "from" => Args::Words(words::plain(rest)),
        "cmd" | "entrypoint" | "run" | "shell" => command(rest)?,
        "env" => Args::Pairs(words::pairs(rest, "ENV", escape)?),
        "label" => Args::Pairs(words::pairs(rest, "LABEL", escape)?),
        "arg" => Args::Pairs(
            words::quoted(rest, escape)
                .into_iter()
                .map(|word| match word.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (word, None),
                })
                .collect(),
        ),
        "healthcheck" => Args::Health(health(rest)?),
        "onbuild" => Args::Trigger(trigger(rest, directives, start, end)?),
        _ if rest.is_empty() => Args::Words(Vec::new()),
        _ => Args::Words(vec![rest.to_owned()]),
    };
    Ok(Node { name, original: line.to_owned(), flags, args, line: start, end })
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{c}' | '\r')
}

fn command(rest: &str) -> Result<Args, String> {
    Ok(match json::list(rest)? {
        Some(list) => Args::Json(list),
        None if rest.is_empty() => Args::Words(Vec::new()),
        None => Args::Words(vec![rest.to_owned()]),
    })
}

fn health(rest: &str) -> Result<Option<(String, Box<Args>)>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let at = rest.find(is_blank).unwrap_or(rest.len());
    let (kind, rest) = rest.split_at(at);
    Ok(Some((kind.to_owned(), Box::new(command(rest.trim_start())?))))
}

/// An instruction behind `ONBUILD`; a second `ONBUILD` is told apart before it is read, so this goes one level deep.
fn trigger(
    rest: &str,
    directives: &Directives,
    start: usize,
    end: usize,
) -> Result<Option<Box<Node>>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let name = rest.split(is_blank).next().unwrap_or_default();
    if name.eq_ignore_ascii_case("onbuild") {
        let args = Args::Trigger(None);
        let node = Node {
            name: "onbuild".to_owned(),
            original: rest.to_owned(),
            flags: Vec::new(),
            args,
            line: start,
            end,
        };
        return Ok(Some(Box::new(node)));
    }
    node(rest, directives, start, end).map(|node| Some(Box::new(node)))
}
