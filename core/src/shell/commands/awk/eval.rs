//! Running an awk program's rules on one record after another.

use std::collections::BTreeMap;

use super::ast::Expr;
use super::text;
use super::value::Value;
use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::regex::{Case, Regex, Syntax};
use crate::shell::commands::common::run::Run;

/// How many fields a record may have.
const MOST_FIELDS: usize = 32_768;

/// A program at work.
pub(super) struct Awk {
    vars: BTreeMap<String, Value>,
    pub(super) arrays: BTreeMap<String, BTreeMap<Vec<u8>, Value>>,
    pub(super) record: Vec<u8>,
    fields: Vec<Vec<u8>>,
    /// The ranges that are open, by their rule's number.
    pub(super) open: Vec<bool>,
    pub(super) status: u8,
    /// How many bytes were put into variables so far.
    written: usize,
}

/// As many bytes may be put into variables before a program is taken for one that would not end.
const MOST_WRITTEN: usize = 1 << 28;

pub(super) type Result<T> = std::result::Result<T, Refusal>;

impl Awk {
    pub(super) fn new(rules: usize) -> Self {
        let mut awk = Self {
            vars: BTreeMap::new(),
            arrays: BTreeMap::new(),
            record: Vec::new(),
            fields: Vec::new(),
            open: vec![false; rules],
            status: 0,
            written: 0,
        };
        for (name, value) in [
            ("FS", " "),
            ("OFS", " "),
            ("ORS", "\n"),
            ("RS", "\n"),
            ("SUBSEP", "\u{1c}"),
            ("CONVFMT", "%.6g"),
            ("OFMT", "%.6g"),
        ] {
            awk.vars.insert(name.to_owned(), Value::Text(value.as_bytes().to_vec()));
        }
        awk
    }

    /// Fails where the program has put more into variables than [`MOST_WRITTEN`].
    pub(super) fn within_bounds(&self) -> Result<()> {
        if self.written < MOST_WRITTEN {
            return Ok(());
        }
        Err("out of memory\nLayerlab: an awk program may put 256 MiB into variables".into())
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.written = self.written.saturating_add(value.size());
        self.vars.insert(name.to_owned(), value);
    }

    pub(super) fn set_item(&mut self, array: &str, key: &[u8], value: Value) {
        self.written = self.written.saturating_add(value.size() + key.len());
        self.arrays.entry(array.to_owned()).or_default().insert(key.to_vec(), value);
    }

    /// A variable as text.
    pub(super) fn var(&self, name: &str) -> Vec<u8> {
        self.vars.get(name).map(|value| value.text(b"%.6g")).unwrap_or_default()
    }

    pub(super) fn convert(&self, value: &Value) -> Vec<u8> {
        match value {
            Value::Number(_) => value.text(&self.var("CONVFMT")),
            value => value.text(b""),
        }
    }

    /// Takes a record.
    pub(super) fn read(&mut self, record: &[u8]) -> Result<()> {
        self.record = record.to_vec();
        self.fields = text::fields(record, &self.var("FS"))?;
        self.count_fields();
        Ok(())
    }

    fn count_fields(&mut self) {
        self.vars.insert("NF".to_owned(), Value::Number(self.fields.len() as f64));
    }

    fn rebuild(&mut self) {
        self.record = self.fields.join(&self.var("OFS")[..]);
    }

    pub(super) fn values(&mut self, run: &mut Run<'_, '_>, list: &[Expr]) -> Result<Vec<Value>> {
        list.iter().map(|expr| self.value(run, expr)).collect()
    }

    pub(super) fn key(&mut self, run: &mut Run<'_, '_>, keys: &[Expr]) -> Result<Vec<u8>> {
        let values = self.values(run, keys)?;
        let parts: Vec<Vec<u8>> = values.iter().map(|value| self.convert(value)).collect();
        Ok(parts.join(&self.var("SUBSEP")[..]))
    }

    pub(super) fn text(&mut self, run: &mut Run<'_, '_>, expr: &Expr) -> Result<Vec<u8>> {
        let value = self.value(run, expr)?;
        Ok(self.convert(&value))
    }

    /// An expression as a pattern: one between slashes, or what a text says.
    pub(super) fn regex(&mut self, run: &mut Run<'_, '_>, expr: &Expr) -> Result<Regex> {
        match expr {
            Expr::Matches(regex) => Ok(regex.clone()),
            other => Regex::new(&self.text(run, other)?, Syntax::Extended, Case::Kept),
        }
    }

    pub(super) fn value(&mut self, run: &mut Run<'_, '_>, expr: &Expr) -> Result<Value> {
        let flag = |is: bool| Value::Number(f64::from(u8::from(is)));
        Ok(match expr {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Matches(regex) => flag(regex.is_match(&self.record)),
            Expr::Field(number) => {
                let number = field_number(&self.value(run, number)?)?;
                match number {
                    0 => Value::input(&self.record),
                    number => self.fields.get(number - 1).map_or(Value::Unset, |field| Value::input(field)),
                }
            }
            Expr::Var(name) => self.vars.get(name).cloned().unwrap_or(Value::Unset),
            Expr::Item(array, keys) => {
                let key = self.key(run, keys)?;
                // Asking for an item makes it.
                self.arrays.entry(array.clone()).or_default().entry(key).or_insert(Value::Unset).clone()
            }
            Expr::Assign(place, mark, value) => {
                let value = self.value(run, value)?;
                let value = match mark.strip_suffix('=') {
                    None | Some("") => value,
                    Some(operator) => {
                        let old = self.value(run, place)?.number();
                        Value::Number(arithmetic(operator, old, value.number())?)
                    }
                };
                self.assign(run, place, value.clone())?;
                value
            }
            Expr::Step(place, by, old_counts) => {
                let old = self.value(run, place)?.number();
                self.assign(run, place, Value::Number(old + by))?;
                Value::Number(if *old_counts { old } else { old + by })
            }
            Expr::Choice(parts) => {
                let [test, yes, no] = &**parts;
                let chosen = if self.value(run, test)?.truth() { yes } else { no };
                self.value(run, chosen)?
            }
            Expr::Unary(mark, inner) => {
                let value = self.value(run, inner)?;
                match *mark {
                    "!" => flag(!value.truth()),
                    "-" => Value::Number(-value.number()),
                    "+" => Value::Number(value.number()),
                    _ => value,
                }
            }
            Expr::Binary(mark, sides) => {
                let [left, right] = &**sides;
                match *mark {
                    "||" => flag(self.value(run, left)?.truth() || self.value(run, right)?.truth()),
                    "&&" => flag(self.value(run, left)?.truth() && self.value(run, right)?.truth()),
                    "~" | "!~" => {
                        let text = self.text(run, left)?;
                        flag(self.regex(run, right)?.is_match(&text) == (*mark == "~"))
                    }
                    "" => Value::Text([self.text(run, left)?, self.text(run, right)?].concat()),
                    "<" | "<=" | "==" | "!=" | ">" | ">=" => {
                        let (left, right) = (self.value(run, left)?, self.value(run, right)?);
                        flag(self.compare(mark, &left, &right))
                    }
                    mark => {
                        let (left, right) = (self.value(run, left)?, self.value(run, right)?);
                        Value::Number(arithmetic(mark, left.number(), right.number())?)
                    }
                }
            }
            Expr::Has(array, keys) => {
                let key = self.key(run, keys)?;
                flag(self.arrays.get(array).is_some_and(|items| items.contains_key(&key)))
            }
            Expr::Call(name, args) => self.call(run, name, args)?,
            Expr::List(_) => return Err("a list stands where a value should be".into()),
        })
    }

    fn compare(&self, mark: &str, left: &Value, right: &Value) -> bool {
        let order = if left.is_number() && right.is_number() {
            left.number().partial_cmp(&right.number())
        } else {
            Some(self.convert(left).cmp(&self.convert(right)))
        };
        order.is_some_and(|order| match mark {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            ">" => order.is_gt(),
            _ => order.is_ge(),
        })
    }

    pub(super) fn assign(&mut self, run: &mut Run<'_, '_>, place: &Expr, value: Value) -> Result<()> {
        match place {
            Expr::Var(name) if name == "NF" => {
                let count = (value.number().max(0.0) as usize).min(MOST_FIELDS);
                self.fields.resize(count, Vec::new());
                self.count_fields();
                self.rebuild();
            }
            Expr::Var(name) => self.set(name, value),
            Expr::Item(array, keys) => {
                let key = self.key(run, keys)?;
                self.set_item(array, &key, value);
            }
            Expr::Field(number) => {
                let number = field_number(&self.value(run, number)?)?;
                let text = self.convert(&value);
                if number == 0 {
                    return self.read(&text);
                }
                if number > self.fields.len() {
                    self.fields.resize(number, Vec::new());
                }
                self.fields[number - 1] = text;
                self.count_fields();
                self.rebuild();
            }
            _ => return Err("assignment to what is no variable".into()),
        }
        Ok(())
    }

    pub(super) fn replace_array(&mut self, name: &str, items: BTreeMap<Vec<u8>, Value>) {
        self.arrays.insert(name.to_owned(), items);
    }

    pub(super) fn array_length(&self, name: &str) -> Option<usize> {
        self.arrays.get(name).map(BTreeMap::len)
    }
}

fn field_number(value: &Value) -> Result<usize> {
    let number = value.number();
    if number < 0.0 || number >= MOST_FIELDS as f64 {
        return Err(format!("attempt to access field {number}").into());
    }
    Ok(number as usize)
}

fn arithmetic(mark: &str, left: f64, right: f64) -> Result<f64> {
    Ok(match mark {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" | "%" if right == 0.0 => return Err("division by zero".into()),
        "/" => left / right,
        "%" => left % right,
        _ => left.powf(right),
    })
}
