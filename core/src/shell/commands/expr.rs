//! `expr` (POSIX).

use super::common::regex::{Case, Regex, Syntax};
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::commands::common::refusal::Refusal;

pub(super) const PROGRAM: Program =
    Program { name: "expr", summary: "evaluate an expression", scope: Scope::Everywhere, main };

/// How deep parentheses may nest.
const DEEPEST: usize = 40;

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<ByteString> =
        run.process.args[1..].iter().skip_while(|word| **word == "--").cloned().collect();
    if words.is_empty() {
        run.warn("missing operand\nTry 'expr --help' for more information.");
        return Flow::Exit(2);
    }
    if words == ["--help"] {
        run.print(
            "Usage: expr EXPRESSION\nPrint the value of EXPRESSION: | & = != < <= > >= + - * / % : match substr index length ( )\n",
        );
        return Flow::OK;
    }
    let mut reader = Reader { words: &words, at: 0, depth: 0 };
    let value = reader.level(0).and_then(|value| {
        if reader.at == words.len() {
            return Ok(value);
        }
        let shown = String::from_utf8_lossy(&run.curly(&words[reader.at])).into_owned();
        Err(format!("syntax error: unexpected argument {shown}").into())
    });
    match value {
        Ok(value) => {
            run.print([&value[..], b"\n"].concat());
            Flow::Exit(u8::from(is_null(&value)))
        }
        Err(refusal) => {
            refusal.tell(&mut run);
            Flow::Exit(2)
        }
    }
}

/// Empty or zero.
fn is_null(value: &[u8]) -> bool {
    value.is_empty() || integer(value) == Some(0)
}

fn integer(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    if text.starts_with('+') { None } else { text.parse().ok() }
}

struct Reader<'w> {
    words: &'w [ByteString],
    at: usize,
    depth: usize,
}

type Value = Result<Vec<u8>, Refusal>;

impl Reader<'_> {
    fn next(&mut self) -> Result<&[u8], Refusal> {
        let before = self.at.checked_sub(1).and_then(|at| self.words.get(at));
        let missing = || {
            let last = before.map(ByteString::to_text).unwrap_or_default();
            format!("syntax error: missing argument after ‘{last}’")
        };
        let word = self.words.get(self.at).ok_or_else(missing)?;
        self.at += 1;
        Ok(word)
    }

    fn take(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let word = self.words.get(self.at)?;
        let found = words.iter().find(|known| *word == **known)?;
        self.at += 1;
        Some(found)
    }

    /// The operators of a level bind closer than those of the level before.
    fn level(&mut self, level: usize) -> Value {
        const LEVELS: [&[&str]; 6] =
            [&["|"], &["&"], &["=", "==", "!=", "<", "<=", ">", ">="], &["+", "-"], &["*", "/", "%"], &[":"]];
        let Some(operators) = LEVELS.get(level) else { return self.operand() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.take(operators) {
            let right = self.level(level + 1)?;
            left = apply(operator, &left, &right)?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Value {
        if self.take(&["("]).is_some() {
            if self.depth == DEEPEST {
                return Err(format!("parentheses nest {DEEPEST} levels deep at most").into());
            }
            self.depth += 1;
            let value = self.level(0)?;
            self.depth -= 1;
            return match self.take(&[")"]) {
                Some(_) => Ok(value),
                None => Err("syntax error: expecting ')'".into()),
            };
        }
        match self.take(&["match", "substr", "index", "length", "+"]) {
            Some("length") => {
                let text = self.next()?.to_vec();
                Ok(String::from_utf8_lossy(&text).chars().count().to_string().into_bytes())
            }
            Some("match") => {
                let text = self.next()?.to_vec();
                let pattern = self.next()?.to_vec();
                matched(&text, &pattern)
            }
            Some("index") => {
                let text = String::from_utf8_lossy(self.next()?).into_owned();
                let set = String::from_utf8_lossy(self.next()?).into_owned();
                let at = text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1);
                Ok(at.to_string().into_bytes())
            }
            Some("substr") => {
                let text = String::from_utf8_lossy(self.next()?).into_owned();
                let place = integer(self.next()?).unwrap_or(0);
                let length = integer(self.next()?).unwrap_or(0);
                if place < 1 || length < 1 {
                    return Ok(Vec::new());
                }
                let part: String = text.chars().skip(place as usize - 1).take(length as usize).collect();
                Ok(part.into_bytes())
            }
            _ => Ok(self.next()?.to_vec()),
        }
    }
}

fn apply(operator: &str, left: &[u8], right: &[u8]) -> Value {
    let flag = |is: bool| if is { b"1".to_vec() } else { b"0".to_vec() };
    Ok(match operator {
        "|" => {
            let chosen = if is_null(left) { right } else { left };
            if is_null(chosen) { b"0".to_vec() } else { chosen.to_vec() }
        }
        "&" => {
            if is_null(left) || is_null(right) {
                b"0".to_vec()
            } else {
                left.to_vec()
            }
        }
        ":" => return matched(left, right),
        "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {
            let order = match (integer(left), integer(right)) {
                (Some(left), Some(right)) => left.cmp(&right),
                _ => left.cmp(right),
            };
            flag(match operator {
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                _ => order.is_eq(),
            })
        }
        operator => {
            let number = |text: &[u8]| integer(text).ok_or_else(|| "non-integer argument".to_owned());
            let (left, right) = (number(left)?, number(right)?);
            if right == 0 && matches!(operator, "/" | "%") {
                return Err("division by zero".into());
            }
            let result = match operator {
                "+" => left.checked_add(right),
                "-" => left.checked_sub(right),
                "*" => left.checked_mul(right),
                "/" => left.checked_div(right),
                _ => left.checked_rem(right),
            };
            result.ok_or("Numerical result out of range")?.to_string().into_bytes()
        }
    })
}

/// `TEXT : PATTERN`, from the start: the first group, or the number of characters.
fn matched(text: &[u8], pattern: &[u8]) -> Value {
    let has_group = pattern.windows(2).any(|pair| pair == b"\\(");
    let pattern = [b"^", pattern.strip_prefix(b"^").unwrap_or(pattern)].concat();
    let found = Regex::new(&pattern, Syntax::Basic, Case::Kept)?.all(text);
    let groups = found.first();
    if has_group {
        let group = groups.and_then(|groups| groups.get(1).copied().flatten());
        return Ok(group.map(|(from, to)| text[from..to].to_vec()).unwrap_or_default());
    }
    let whole = groups.and_then(|groups| groups.first().copied().flatten());
    let count = whole.map_or(0, |(from, to)| String::from_utf8_lossy(&text[from..to]).chars().count());
    Ok(count.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn expressions() {
        crate::shell::tests::check(
            r"
            $ expr 1 + 2 \* 3; expr \( 1 + 2 \) \* 3; expr 7 / 2; expr 7 % 4; expr 5 \> 10; echo $?
            7
            9
            3
            3
            0
            1
            $ expr abc : 'a\(.\)'; expr abc : '.*'; expr length hello; expr substr hello 2 3; expr index hello l; expr a = a
            b
            3
            5
            ell
            3
            1
            $ expr '' \| x; expr 0 \& 1; expr 1 +; echo $?; expr a + 1; expr 1 / 0; expr 1 2
            x
            0
            expr: syntax error: missing argument after ‘+’
            2
            expr: non-integer argument
            expr: division by zero
            expr: syntax error: unexpected argument ‘2’
            ",
        );
    }
}
