//! Arithmetic expansion (2.6.4): C's integer expressions on 64 bits, by precedence climbing.

use std::ops::ControlFlow;

use super::number::{based, number, raise};
use crate::kernel::ByteString;
use crate::program::Bound;
use crate::shell::live::{Shell, Step};
use crate::shell::parse::is_name;
use crate::shell::state::Dialect;

/// How deep brackets and operators may be nested.
const DEPTH: u32 = 40;

/// Binary operators by precedence, loosest first; longer ones stand before those that they start with.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Assignment operators; `=` last, since the others end in it.
const ASSIGN: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

impl Shell<'_, '_> {
    /// The value of an expression whose expansions are done.
    pub(in crate::shell) fn arithmetic(&mut self, text: &[u8]) -> Step<i64> {
        let mut evaluator = Evaluator { shell: self, text, pos: 0, depth: 0, dry: 0 };
        let value = match evaluator.comma() {
            Ok(value) if evaluator.token().is_empty() => Ok(value),
            Ok(_) => Err("syntax error"),
            Err(error) => Err(error),
        };
        match value {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => {
                let text = match (self.state.dialect, error) {
                    (Dialect::Bash, _) => [text.trim_ascii(), b": ", error.as_bytes()].concat(),
                    (Dialect::Ash, "division by 0") => b"divide by zero".to_vec(),
                    (Dialect::Ash, _) => b"arithmetic syntax error".to_vec(),
                    (Dialect::Dash, _) => [b"arithmetic ", error.as_bytes()].concat(),
                };
                self.abort(&text)
            }
        }
    }
}

type Value = Result<i64, &'static str>;

struct Evaluator<'a, 's, 'k> {
    shell: &'a mut Shell<'s, 'k>,
    text: &'a [u8],
    pos: usize,
    depth: u32,
    /// Above 0 where a short-circuit operator has decided: nothing is assigned or divided there.
    dry: u32,
}

impl Evaluator<'_, '_, '_> {
    fn token(&mut self) -> &[u8] {
        let rest = &self.text[self.pos..];
        self.pos += rest.len() - rest.trim_ascii_start().len();
        &self.text[self.pos..]
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.token().starts_with(token.as_bytes());
        if found {
            self.pos += token.len();
        }
        found
    }

    fn comma(&mut self) -> Value {
        if self.token().is_empty() {
            return Ok(0);
        }
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Value {
        if self.depth >= DEPTH {
            return Err("expression is nested too deeply");
        }
        self.depth += 1;
        let value = self.assignment_inner();
        self.depth -= 1;
        value
    }

    fn assignment_inner(&mut self) -> Value {
        let start = self.pos;
        if self.skip_place()
            && let Some(operator) = self.assigns()
        {
            let after = self.pos;
            self.pos = start;
            let Some(place) = self.place()? else { return Err("syntax error") };
            self.pos = after;
            let right = self.assignment()?;
            let value = match operator.strip_suffix('=') {
                Some("") | None => right,
                Some(operator) => {
                    let left = self.variable(&place)?;
                    self.apply(operator, left, right)?
                }
            };
            self.store(&place, value)?;
            return Ok(value);
        }
        self.pos = start;
        self.ternary()
    }

    /// The assignment operator at this place, which is taken.
    fn assigns(&mut self) -> Option<&'static str> {
        let operator = ASSIGN.iter().find(|operator| self.take(operator))?;
        (*operator != "=" || !self.token().starts_with(b"=")).then_some(*operator)
    }

    /// Goes over a variable, or an element of an array, and evaluates nothing: a subscript may have effects.
    fn skip_place(&mut self) -> bool {
        if self.name().is_none() {
            return false;
        }
        if self.has_subscript() {
            let mut open = 0usize;
            for byte in &self.text[self.pos..] {
                self.pos += 1;
                match byte {
                    b'[' => open += 1,
                    b']' if open == 1 => return true,
                    b']' => open -= 1,
                    _ => {}
                }
            }
        }
        true
    }

    fn has_subscript(&self) -> bool {
        self.shell.is_bash() && self.text.get(self.pos) == Some(&b'[')
    }

    /// The variable, or the element of an array, at this place, which is taken.
    fn place(&mut self) -> Result<Option<Place>, &'static str> {
        let Some(name) = self.name() else { return Ok(None) };
        if !self.has_subscript() {
            return Ok(Some(Place { name, key: None }));
        }
        self.pos += 1;
        let array = self.shell.state.vars.get(&name[..]).and_then(|var| var.array.as_ref());
        if array.is_some_and(|array| array.is_map()) {
            let rest = &self.text[self.pos..];
            let end = rest.iter().position(|b| *b == b']').ok_or("syntax error: missing `]'")?;
            let key = rest[..end].into();
            self.pos += end + 1;
            return Ok(Some(Place { name, key: Some(key) }));
        }
        let next = array.map_or(0, |array| array.next());
        let number = self.comma()?;
        if !self.take("]") {
            return Err("syntax error: missing `]'");
        }
        let number = if number < 0 { number.saturating_add_unsigned(next) } else { number };
        if number < 0 {
            return Err("bad array subscript");
        }
        Ok(Some(Place { name, key: Some(number.to_string().into()) }))
    }

    fn ternary(&mut self) -> Value {
        let test = self.binary(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        self.dry += u32::from(test == 0);
        let yes = self.assignment();
        self.dry -= u32::from(test == 0);
        let yes = yes?;
        if !self.take(":") {
            return Err("syntax error");
        }
        self.dry += u32::from(test != 0);
        let no = self.assignment();
        self.dry -= u32::from(test != 0);
        let no = no?;
        Ok(if test == 0 { no } else { yes })
    }

    fn binary(&mut self, level: usize) -> Value {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        'next: loop {
            let rest = self.token();
            for operator in *operators {
                let longer = |text: &str| rest.starts_with(text.as_bytes());
                let other = matches!(*operator, "*" if longer("**"))
                    || matches!(*operator, "|" if longer("||"))
                    || matches!(*operator, "&" if longer("&&"))
                    || matches!(*operator, "<" if longer("<<"))
                    || matches!(*operator, ">" if longer(">>"))
                    || rest.get(operator.len()) == Some(&b'=')
                        && !matches!(*operator, "==" | "!=" | "<=" | ">=");
                if rest.starts_with(operator.as_bytes()) && !other {
                    self.pos += operator.len();
                    let decided = matches!((*operator, left), ("||", 1.. | ..=-1) | ("&&", 0));
                    self.dry += u32::from(decided);
                    let right = self.binary(level + 1);
                    self.dry -= u32::from(decided);
                    left = self.apply(operator, left, right?)?;
                    continue 'next;
                }
            }
            return Ok(left);
        }
    }

    /// `a ** b`, which Bash and BusyBox have: from right to left, behind the signs.
    fn power(&mut self) -> Value {
        let base = self.unary()?;
        if self.shell.state.dialect == Dialect::Dash || !self.take("**") {
            return Ok(base);
        }
        self.depth += 1;
        let exponent = if self.depth < DEPTH { self.power() } else { Err("expression is nested too deeply") };
        self.depth -= 1;
        match u64::try_from(exponent?) {
            Ok(exponent) => Ok(raise(base, exponent)),
            Err(_) if self.dry > 0 => Ok(0),
            Err(_) => Err("exponent less than 0"),
        }
    }

    fn apply(&mut self, operator: &str, left: i64, right: i64) -> Value {
        Ok(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            _ if right == 0 && self.dry > 0 => 0,
            _ if right == 0 => return Err("division by 0"),
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }

    fn unary(&mut self) -> Value {
        if self.depth >= DEPTH {
            return Err("expression is nested too deeply");
        }
        self.depth += 1;
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Value {
        for (operator, step) in [("++", 1), ("--", -1)] {
            let start = self.pos;
            if self.take(operator) {
                if let Some(place) = self.place()? {
                    let value = self.variable(&place)?.wrapping_add(step);
                    self.store(&place, value)?;
                    return Ok(value);
                }
                self.pos = start;
            }
        }
        if self.take("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.take("+") {
            return self.unary();
        }
        if self.take("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.take("~") {
            return Ok(!self.unary()?);
        }
        self.primary()
    }

    fn primary(&mut self) -> Value {
        if self.take("(") {
            let value = self.comma()?;
            return if self.take(")") { Ok(value) } else { Err("syntax error: missing `)'") };
        }
        if let Some(place) = self.place()? {
            let value = self.variable(&place)?;
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.take(operator) {
                    self.store(&place, value.wrapping_add(step))?;
                    break;
                }
            }
            return Ok(value);
        }
        let has_bases = self.shell.state.dialect != Dialect::Dash;
        let rest = self.token();
        let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if has_bases && rest.get(len) == Some(&b'#') {
            let digit = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'_');
            let end = len + 1 + rest[len + 1..].iter().take_while(digit).count();
            let value = based(&rest[..len], &rest[len + 1..end])?;
            self.pos += end;
            return Ok(value);
        }
        let value = number(&rest[..len]).ok_or("syntax error: operand expected")?;
        self.pos += len;
        Ok(value)
    }

    /// The name at this place, which is taken.
    fn name(&mut self) -> Option<Vec<u8>> {
        let rest = self.token();
        let len = rest.iter().take_while(|b| **b == b'_' || b.is_ascii_alphanumeric()).count();
        let name = rest[..len].to_vec();
        is_name(&name).then(|| {
            self.pos += len;
            name
        })
    }

    fn variable(&mut self, Place { name, key }: &Place) -> Value {
        let value = match key {
            Some(key) => {
                let var = self.shell.state.vars.get(&name[..]);
                var.and_then(|var| match &var.array {
                    Some(array) => array.get(key).cloned(),
                    None => var.text().filter(|_| *key == "0").cloned(),
                })
            }
            None => self.shell.state.get(name).cloned().or_else(|| self.shell.special(name)),
        };
        let Some(value) = value else { return Ok(0) };
        let value = value.trim_ascii();
        if value.is_empty() {
            return Ok(0);
        }
        let (sign, digits) = value.strip_prefix(b"-").map_or((1, value), |digits| (-1, digits));
        number(digits).map(|n| n.wrapping_mul(sign)).ok_or("illegal number in a variable")
    }

    fn store(&mut self, Place { name, key }: &Place, value: i64) -> Result<(), &'static str> {
        if self.dry > 0 {
            return Ok(());
        }
        let Some(key) = key else {
            return self.shell.state.set(name, value.to_string()).map_err(|_| "readonly variable");
        };
        let most = self.shell.system.world.bounds.len(Bound::Value);
        let var = self.shell.state.vars.entry(name[..].into()).or_default();
        if var.readonly {
            return Err("readonly variable");
        }
        let array = var.as_array();
        if array.size() > most {
            return Err("an array would hold too much");
        }
        array.set(key, value.to_string().into());
        Ok(())
    }
}

/// What can be assigned to: a variable, or the element of an array that has this key.
struct Place {
    name: Vec<u8>,
    key: Option<ByteString>,
}
