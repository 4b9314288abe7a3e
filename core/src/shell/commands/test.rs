//! `test` and `[`: conditions (POSIX.1-2017, `test`, with `-a`, `-o` and brackets).

use super::common::flavour::{Words, fill};
use crate::kernel::{Access, ByteString, FileType, Stat};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "test", summary: "check a condition", scope: Scope::Everywhere, main };
pub(super) const BRACKET: Program =
    Program { name: "[", summary: "check a condition", scope: Scope::Everywhere, main };

/// How deep brackets and `!` may be nested.
const DEPTH: u32 = 40;

pub(in crate::shell) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let name = process.name().to_vec();
    let mut args = process.args[1..].to_vec();
    if name == b"[" && args.pop().is_none_or(|last| last != "]") {
        return fail(system, process, "missing `]'");
    }
    let mut test = Test { system, process, args, at: 0, depth: 0 };
    let result = test.evaluate();
    match result {
        Ok(holds) => Flow::Exit(u8::from(!holds)),
        Err(message) => fail(system, process, &message),
    }
}

fn fail(system: &mut System<'_>, process: &mut Process, message: &str) -> Flow {
    let text = [process.speaker(), b": ", message.as_bytes(), b"\n"].concat();
    process.complain(system, text);
    Flow::Exit(2)
}

struct Test<'a, 's> {
    system: &'a mut System<'s>,
    process: &'a mut Process,
    args: Vec<ByteString>,
    at: usize,
    depth: u32,
}

type Holds = Result<bool, String>;

impl Test<'_, '_> {
    /// POSIX decides by the number of arguments up to four; more are an expression.
    fn evaluate(&mut self) -> Holds {
        let args = self.args.clone();
        match &args[..] {
            [] => Ok(false),
            [only] => Ok(!only.is_empty()),
            [not, only] if *not == "!" => Ok(only.is_empty()),
            [left, op, right] if is_binary(op) => self.binary(left, op, right),
            [not, rest @ ..] if *not == "!" && rest.len() <= 3 => {
                self.args = rest.to_vec();
                self.evaluate().map(|holds| !holds)
            }
            [open, only, close] if *open == "(" && *close == ")" => Ok(!only.is_empty()),
            _ => {
                let holds = self.either()?;
                match self.args.get(self.at) {
                    None => Ok(holds),
                    Some(_) => Err("too many arguments".to_owned()),
                }
            }
        }
    }

    fn peek(&self) -> Option<&ByteString> {
        self.args.get(self.at)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|arg| *arg == word);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Holds {
        let mut holds = self.both()?;
        while self.take("-o") {
            holds |= self.both()?;
        }
        Ok(holds)
    }

    fn both(&mut self) -> Holds {
        let mut holds = self.not()?;
        while self.take("-a") {
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Holds {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression is nested too deeply".to_owned());
        }
        let holds = if self.take("!") { self.not().map(|holds| !holds) } else { self.primary() };
        self.depth -= 1;
        holds
    }

    fn primary(&mut self) -> Holds {
        let Some(first) = self.peek().cloned() else { return Err("argument expected".to_owned()) };
        if let (Some(op), Some(right)) =
            (self.args.get(self.at + 1).cloned(), self.args.get(self.at + 2).cloned())
            && is_binary(&op)
        {
            self.at += 3;
            return self.binary(&first, &op, &right);
        }
        self.at += 1;
        if first == "(" {
            let holds = self.either()?;
            return if self.take(")") { Ok(holds) } else { Err("`)' expected".to_owned()) };
        }
        match (&first[..], self.peek().cloned()) {
            ([b'-', letter], Some(operand)) if b"bcdefghknprstuwxzGLNOS".contains(letter) => {
                self.at += 1;
                Ok(self.unary(*letter, &operand))
            }
            ([b'-', _], Some(_)) => Err(format!("{first}: unary operator expected")),
            _ => Ok(!first.is_empty()),
        }
    }

    fn stat(&mut self, file: &[u8]) -> Option<Stat> {
        self.system.kernel.stat(&self.process.task, file).ok()
    }

    fn unary(&mut self, letter: u8, operand: &[u8]) -> bool {
        let task = &self.process.task;
        let kind = |stat: Option<Stat>, kind: FileType| stat.is_some_and(|s| s.kind == kind);
        match letter {
            b'z' => operand.is_empty(),
            b'n' => !operand.is_empty(),
            b't' => {
                operand.len() == 1
                    && b"012".contains(&operand[0])
                    && self.process.terminal == crate::program::Terminal::Yes
            }
            b'h' | b'L' => self.system.kernel.lstat(task, operand).is_ok_and(|s| s.kind == FileType::Symlink),
            b'r' => self.system.kernel.access(task, operand, Access::READ).is_ok(),
            b'w' => self.system.kernel.access(task, operand, Access::WRITE).is_ok(),
            b'x' => self.system.kernel.access(task, operand, Access::EXECUTE).is_ok(),
            b'O' => self.stat(operand).is_some_and(|s| s.uid == self.process.task.uid),
            b'G' => self.stat(operand).is_some_and(|s| s.gid == self.process.task.gid),
            b'f' => kind(self.stat(operand), FileType::File),
            b'd' => kind(self.stat(operand), FileType::Dir),
            b'p' => kind(self.stat(operand), FileType::Fifo),
            b'c' => kind(self.stat(operand), FileType::Char),
            b'b' => kind(self.stat(operand), FileType::Block),
            b'S' => kind(self.stat(operand), FileType::Socket),
            b's' => self.stat(operand).is_some_and(|s| s.size > 0),
            b'u' => self.stat(operand).is_some_and(|s| s.mode & 0o4000 != 0),
            b'g' => self.stat(operand).is_some_and(|s| s.mode & 0o2000 != 0),
            b'k' => self.stat(operand).is_some_and(|s| s.mode & 0o1000 != 0),
            b'N' => self.stat(operand).is_some_and(|s| s.mtime > s.atime),
            _ => self.stat(operand).is_some(),
        }
    }

    fn binary(&mut self, left: &[u8], op: &[u8], right: &[u8]) -> Holds {
        match op {
            b"=" | b"==" => return Ok(left == right),
            b"!=" => return Ok(left != right),
            b"<" => return Ok(left < right),
            b">" => return Ok(left > right),
            b"-a" => return Ok(!left.is_empty() && !right.is_empty()),
            b"-o" => return Ok(!left.is_empty() || !right.is_empty()),
            b"-nt" | b"-ot" | b"-ef" => {
                let (a, b) = (self.stat(left), self.stat(right));
                return Ok(match (op, a, b) {
                    (b"-nt", Some(a), Some(b)) => a.mtime > b.mtime,
                    (b"-ot", Some(a), Some(b)) => a.mtime < b.mtime,
                    (b"-ef", Some(a), Some(b)) => (a.dev, a.ino) == (b.dev, b.ino),
                    (b"-nt", Some(_), None) | (b"-ot", None, Some(_)) => true,
                    _ => false,
                });
            }
            _ => {}
        }
        let (left, right) = (self.integer(left)?, self.integer(right)?);
        Ok(match op {
            b"-eq" => left == right,
            b"-ne" => left != right,
            b"-lt" => left < right,
            b"-le" => left <= right,
            b"-gt" => left > right,
            _ => left >= right,
        })
    }

    fn integer(&self, text: &[u8]) -> Result<i64, String> {
        let shown = String::from_utf8_lossy(text);
        shown.trim().parse().map_err(|_| {
            let message = Words::of(self.process.flavour).not_an_integer;
            String::from_utf8_lossy(&fill(message, &[shown.as_bytes()], <[u8]>::to_vec)).into_owned()
        })
    }
}

fn is_binary(op: &[u8]) -> bool {
    const OPS: &[&[u8]] = &[
        b"=", b"==", b"!=", b"<", b">", b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge", b"-nt", b"-ot",
        b"-ef", b"-a", b"-o",
    ];
    OPS.contains(&op)
}
