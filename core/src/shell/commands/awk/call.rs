//! The functions of awk (POSIX, `awk`, "Functions").

use std::collections::BTreeMap;

use super::ast::Expr;
use super::eval::Awk;
use super::text;
use super::value::Value;
use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::run::Run;

type Result<T> = std::result::Result<T, Refusal>;

impl Awk {
    pub(super) fn call(&mut self, run: &mut Run<'_, '_>, name: &str, args: &[Expr]) -> Result<Value> {
        let least = match name {
            "length" => 0,
            "substr" | "index" | "split" | "sub" | "gsub" | "match" | "atan2" => 2,
            _ => 1,
        };
        if args.len() < least {
            return Err(format!("not enough arguments passed to {name}").into());
        }
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let first = args.first().unwrap_or(&whole);
        let number = |value: usize| Value::Number(value as f64);
        Ok(match name {
            "length" => match first {
                Expr::Var(array) if self.array_length(array).is_some() => {
                    number(self.array_length(array).unwrap_or_default())
                }
                expr => number(characters(&self.text(run, expr)?).len()),
            },
            "substr" => self.substr(run, args)?,
            "index" => {
                let (text, wanted) = (self.text(run, first)?, self.text(run, &args[1])?);
                let at = text.windows(wanted.len().max(1)).position(|part| part.starts_with(&wanted));
                number(at.map_or(0, |at| characters(&text[..at]).len() + 1))
            }
            "split" => {
                let text = self.text(run, first)?;
                let Expr::Var(array) = &args[1] else { return Err("split needs an array".into()) };
                let separator = match args.get(2) {
                    None => self.var("FS"),
                    Some(expr @ Expr::Matches(_)) => return self.split_at(run, &text, array, expr),
                    Some(expr) => self.text(run, expr)?,
                };
                let parts = text::fields(&text, &separator)?;
                self.keep_parts(array, parts)
            }
            "sub" | "gsub" => {
                let regex = self.regex(run, first)?;
                let with = self.text(run, &args[1])?;
                let place = args.get(2).unwrap_or(&whole);
                let old = self.text(run, place)?;
                let (new, count) = text::replace(&old, &regex, &with, name == "gsub");
                if count > 0 {
                    self.assign(run, place, Value::Text(new))?;
                }
                number(count)
            }
            "match" => {
                let text = self.text(run, first)?;
                let found = self.regex(run, &args[1])?.all(&text).first().and_then(|groups| groups[0]);
                let (start, length) = match found {
                    Some((from, to)) => (
                        (characters(&text[..from]).len() + 1) as f64,
                        characters(&text[from..to]).len() as f64,
                    ),
                    None => (0.0, -1.0),
                };
                self.set("RSTART", Value::Number(start));
                self.set("RLENGTH", Value::Number(length));
                Value::Number(start)
            }
            "toupper" => Value::Text(self.text(run, first)?.to_ascii_uppercase()),
            "tolower" => Value::Text(self.text(run, first)?.to_ascii_lowercase()),
            "sprintf" => {
                let format = self.text(run, first)?;
                let values = self.values(run, &args[1..])?;
                Value::Text(text::format(&format, &values))
            }
            name => {
                let value = self.value(run, first)?.number();
                Value::Number(match name {
                    "int" => value.trunc(),
                    "sqrt" => value.sqrt(),
                    "exp" => value.exp(),
                    "log" => value.ln(),
                    "sin" => value.sin(),
                    "cos" => value.cos(),
                    _ => value.atan2(self.value(run, &args[1])?.number()),
                })
            }
        })
    }

    fn substr(&mut self, run: &mut Run<'_, '_>, args: &[Expr]) -> Result<Value> {
        let text = self.text(run, &args[0])?;
        let letters = characters(&text);
        let start = self.value(run, &args[1])?.number().round();
        let end = match args.get(2) {
            Some(length) => start + self.value(run, length)?.number().round(),
            None => f64::INFINITY,
        };
        let bound = |at: f64| (at - 1.0).clamp(0.0, letters.len() as f64) as usize;
        let (from, to) = (bound(start), bound(end));
        Ok(Value::Text(letters.get(from..to).unwrap_or_default().concat()))
    }

    fn split_at(&mut self, run: &mut Run<'_, '_>, text: &[u8], array: &str, expr: &Expr) -> Result<Value> {
        let regex = self.regex(run, expr)?;
        let (mut parts, mut start) = (Vec::new(), 0);
        for groups in regex.all(text) {
            if let Some((from, to)) = groups.first().copied().flatten().filter(|(from, to)| from < to) {
                parts.push(text[start..from].to_vec());
                start = to;
            }
        }
        if !text.is_empty() {
            parts.push(text[start..].to_vec());
        }
        Ok(self.keep_parts(array, parts))
    }

    fn keep_parts(&mut self, array: &str, parts: Vec<Vec<u8>>) -> Value {
        let count = parts.len();
        let items: BTreeMap<Vec<u8>, Value> = parts
            .into_iter()
            .enumerate()
            .map(|(at, part)| ((at + 1).to_string().into_bytes(), Value::input(&part)))
            .collect();
        self.replace_array(array, items);
        Value::Number(count as f64)
    }
}

/// The characters of a text; what is not UTF-8 counts by bytes.
fn characters(text: &[u8]) -> Vec<&[u8]> {
    match std::str::from_utf8(text) {
        Ok(text) => text.split_inclusive(|_: char| true).map(str::as_bytes).collect(),
        Err(_) => text.chunks(1).collect(),
    }
}
