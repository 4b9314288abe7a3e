//! `find`'s expressions: parsing, and `-printf`.

use super::links::Follow;
use super::node::{Action, Compare, Limits, Node, Test, Time};
use crate::kernel::{Access, ByteString, FileType};
use crate::shell::commands::common::mode;
use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::regex::{Case, Regex, Syntax};
use crate::shell::commands::common::run::Run;
use crate::shell::commands::common::users::Users;
use crate::shell::pattern::Pattern;

/// The form of `-ls`.
pub(super) const LS: &[u8] = b"%9i %6k %M %3n %-8u %-8g %8s %Tb %Te %TH:%TM %p\n";
/// How deep brackets and `!` may be nested.
const DEPTH: u32 = 30;

/// Reads an expression.
pub(super) struct Parser<'a, 'r, 's> {
    run: &'a mut Run<'r, 's>,
    args: std::iter::Peekable<std::vec::IntoIter<ByteString>>,
    users: &'a Users,
    limits: Limits,
    acts: bool,
    depth: u32,
}

type Parsed<T> = Result<T, Refusal>;

impl<'a, 'r, 's> Parser<'a, 'r, 's> {
    pub(super) fn new(
        run: &'a mut Run<'r, 's>,
        args: Vec<ByteString>,
        users: &'a Users,
        follow: Follow,
    ) -> Self {
        let limits = Limits { least: 0, most: usize::MAX, depth_first: false, follow, one_device: false };
        Self { run, args: args.into_iter().peekable(), users, limits, acts: false, depth: 0 }
    }

    /// The expression, with `-print` where it does nothing else.
    pub(super) fn parse(&mut self) -> Parsed<(Node, Limits)> {
        let mut node = if self.args.peek().is_some() { self.either()? } else { Node::And(Vec::new()) };
        if let Some(extra) = self.args.next() {
            return Err(format!("paths must precede expression: `{extra}'").into());
        }
        if !self.acts {
            node = Node::And(vec![node, Node::Action(Action::Print(b'\n'))]);
        }
        Ok((node, self.limits))
    }

    fn take(&mut self, words: &[&str]) -> bool {
        self.args.next_if(|arg| words.iter().any(|word| *arg == *word)).is_some()
    }

    fn either(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("the expression is nested too deeply".into());
        }
        let mut nodes = vec![self.both()?];
        while self.take(&["-o", "-or"]) {
            nodes.push(self.both()?);
        }
        self.depth -= 1;
        Ok(Node::Or(nodes))
    }

    fn both(&mut self) -> Parsed<Node> {
        let mut nodes = vec![self.not()?];
        loop {
            self.take(&["-a", "-and"]);
            match self.args.peek() {
                None => break,
                Some(arg) if matches!(&arg[..], b"-o" | b"-or" | b")") => break,
                Some(_) => nodes.push(self.not()?),
            }
        }
        Ok(Node::And(nodes))
    }

    fn not(&mut self) -> Parsed<Node> {
        let mut negated = false;
        while self.take(&["!", "-not"]) {
            negated = !negated;
        }
        let node = if self.take(&["("]) {
            let node = self.either()?;
            if !self.take(&[")"]) {
                return Err("invalid expression; expected to find a ')' but didn't see one.".into());
            }
            node
        } else {
            self.primary()?
        };
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }

    fn value(&mut self, name: &str) -> Parsed<ByteString> {
        self.args.next().ok_or_else(|| format!("missing argument to `{name}'").into())
    }

    fn number(&mut self, name: &str) -> Parsed<usize> {
        let text = self.value(name)?.to_text();
        text.parse().map_err(|_| {
            format!("Expected a positive decimal integer argument to {name}, but got ‘{text}’").into()
        })
    }

    fn compare(&mut self, name: &str) -> Parsed<Compare> {
        let text = self.value(name)?.to_text();
        compare(&text).ok_or_else(|| format!("invalid argument `{text}' to `{name}'").into())
    }

    fn primary(&mut self) -> Parsed<Node> {
        let Some(arg) = self.args.next() else { return Err("expected an expression".into()) };
        let name = arg.to_text();
        let constant = |holds| Ok(Node::Test(Test::Constant(holds)));
        let test = match name.as_str() {
            "-true" => return constant(true),
            "-false" => return constant(false),
            "-maxdepth" => {
                self.limits.most = self.number(&name)?;
                return constant(true);
            }
            "-mindepth" => {
                self.limits.least = self.number(&name)?;
                return constant(true);
            }
            "-depth" => {
                self.limits.depth_first = true;
                return constant(true);
            }
            "-follow" => {
                self.limits.follow = Follow::Always;
                return constant(true);
            }
            "-xdev" | "-mount" => {
                self.limits.one_device = true;
                return constant(true);
            }
            "-noleaf" => return constant(true),
            "-name" | "-iname" => Test::Name(self.pattern(&name)?, name == "-iname"),
            "-path" | "-wholename" | "-ipath" => Test::Path(self.pattern(&name)?, name == "-ipath"),
            "-lname" => Test::Target(self.pattern(&name)?),
            "-regex" | "-iregex" => {
                let case = if name == "-iregex" { Case::Ignored } else { Case::Kept };
                let text = self.value(&name)?;
                Test::Regex(Regex::new(&text, Syntax::Basic, case)?)
            }
            "-type" => Test::Kinds(kinds(&self.value(&name)?.to_text())?),
            "-size" => {
                let text = self.value(&name)?.to_text();
                let (digits, unit) = match text.chars().last() {
                    Some('c') => (&text[..text.len() - 1], 1),
                    Some('w') => (&text[..text.len() - 1], 2),
                    Some('b') => (&text[..text.len() - 1], 512),
                    Some('k') => (&text[..text.len() - 1], 1 << 10),
                    Some('M') => (&text[..text.len() - 1], 1 << 20),
                    Some('G') => (&text[..text.len() - 1], 1 << 30),
                    _ => (&text[..], 512),
                };
                Test::Size(compare(digits).ok_or_else(|| format!("invalid -size argument `{text}'"))?, unit)
            }
            "-links" => Test::Links(self.compare(&name)?),
            "-inum" => Test::Inode(self.compare(&name)?),
            "-mtime" => Test::Days(self.compare(&name)?, Time::Modified),
            "-ctime" => Test::Days(self.compare(&name)?, Time::Changed),
            "-atime" => Test::Days(self.compare(&name)?, Time::Read),
            "-mmin" => Test::Minutes(self.compare(&name)?, Time::Modified),
            "-cmin" => Test::Minutes(self.compare(&name)?, Time::Changed),
            "-amin" => Test::Minutes(self.compare(&name)?, Time::Read),
            "-newer" | "-cnewer" | "-anewer" => {
                let file = self.value(&name)?;
                let stat = self.run.stat(&file).map_err(|error| format!("‘{file}’: {error}"))?;
                let time = match name.as_str() {
                    "-cnewer" => Time::Changed,
                    "-anewer" => Time::Read,
                    _ => Time::Modified,
                };
                Test::Newer(stat.mtime, time)
            }
            "-user" | "-uid" => {
                let text = self.value(&name)?.to_text();
                let found = self.users.user(&text).map(|(uid, _)| uid).or_else(|| text.parse().ok());
                Test::User(found.ok_or_else(|| format!("‘{text}’ is not the name of a known user"))?)
            }
            "-group" | "-gid" => {
                let text = self.value(&name)?.to_text();
                let found = self.users.group(&text).or_else(|| text.parse().ok());
                Test::Group(found.ok_or_else(|| format!("‘{text}’ is not the name of an existing group"))?)
            }
            "-perm" => {
                let text = self.value(&name)?;
                let how = text.first().copied().filter(|b| b"-/".contains(b)).unwrap_or(0);
                let body = &text[usize::from(how != 0)..];
                let change = mode::parse(body).ok_or_else(|| format!("invalid mode ‘{text}’"))?;
                Test::Mode(mode::apply(&change, FileType::File, 0, 0), how)
            }
            "-empty" => Test::Empty,
            "-readable" => Test::Access(Access::READ),
            "-writable" => Test::Access(Access::WRITE),
            "-executable" => Test::Access(Access::EXECUTE),
            _ => return self.action(&name),
        };
        Ok(Node::Test(test))
    }

    fn pattern(&mut self, name: &str) -> Parsed<Pattern> {
        let text = self.value(name)?;
        let folded = name.starts_with("-i");
        Ok(Pattern::from_text(&if folded { text.to_ascii_lowercase() } else { text.into_vec() }))
    }

    fn action(&mut self, name: &str) -> Parsed<Node> {
        let action = match name {
            "-print" => Action::Print(b'\n'),
            "-print0" => Action::Print(0),
            "-printf" => Action::Printf(self.value(name)?.into_vec()),
            "-ls" => Action::Ls,
            "-prune" => return Ok(Node::Action(Action::Prune)),
            "-quit" => Action::Quit,
            "-delete" => {
                self.limits.depth_first = true;
                Action::Delete
            }
            "-exec" | "-execdir" | "-ok" => {
                let mut command = Vec::new();
                loop {
                    let arg = self.args.next().ok_or_else(|| format!("missing argument to `{name}'"))?;
                    if arg == ";" {
                        break Action::Exec(command);
                    }
                    if arg == "+" && command.last().is_some_and(|last: &ByteString| *last == "{}") {
                        break Action::ExecAll(command);
                    }
                    command.push(arg);
                }
            }
            _ => {
                let words = self.run.words();
                let message =
                    if name.starts_with('-') { words.find_unknown_test } else { words.find_late_path };
                let text = self.run.fill(message, &[name.as_bytes()]);
                return Err(String::from_utf8_lossy(&text).into_owned().into());
            }
        };
        self.acts = true;
        Ok(Node::Action(action))
    }
}

fn compare(text: &str) -> Option<Compare> {
    let sign = text.bytes().next().filter(|b| b"+-".contains(b)).unwrap_or(0);
    let number = text[usize::from(sign != 0)..].parse().ok()?;
    Some(Compare { sign, number })
}

fn kinds(text: &str) -> Parsed<Vec<FileType>> {
    text.split(',')
        .map(|letter| {
            Ok(match letter {
                "f" => FileType::File,
                "d" => FileType::Dir,
                "l" => FileType::Symlink,
                "p" => FileType::Fifo,
                "c" => FileType::Char,
                "b" => FileType::Block,
                "s" => FileType::Socket,
                other => return Err(format!("Unknown argument to -type: {other}").into()),
            })
        })
        .collect()
}
