//! What filters make of values (jq(1)).

use std::collections::BTreeMap;

use super::super::json::Json;
use super::calls;
use super::filter::Filter;
use super::values::{
    Answer, Evaluate, Stop, at, binary, each, error, kind, number, plain, put, slice, truth,
};

/// How many values a filter may make, and how many steps it may take.
const STEPS: u32 = 1_000_000;

/// Variables, and the steps that are left.
#[derive(Debug)]
pub(super) struct Evaluator {
    pub(super) vars: BTreeMap<String, Json>,
    steps: u32,
}

impl Evaluator {
    pub(super) fn new(vars: BTreeMap<String, Json>) -> Self {
        Self { vars, steps: STEPS }
    }

    fn bound(&mut self, filter: Option<&Filter>, input: &Json) -> Answer<Option<i64>> {
        let Some(filter) = filter else { return Ok(None) };
        match self.one(filter, input)? {
            Json::Null => Ok(None),
            Json::Number(number) => Ok(number.as_f64().map(|number| number.floor() as i64)),
            _ => error("Start and end indices of an array slice must be numbers"),
        }
    }

    fn everything(&mut self, input: &Json, out: &mut Vec<Json>) -> Answer {
        let mut open = vec![input.clone()];
        while let Some(value) = open.pop() {
            self.steps = self.steps.checked_sub(1).ok_or_else(too_long)?;
            if let Ok(mut items) = each(value.clone()) {
                items.reverse();
                open.extend(items);
            }
            out.push(value);
        }
        Ok(())
    }

    fn objects(&mut self, fields: &[(Filter, Filter)], input: &Json) -> Answer<Vec<Json>> {
        let mut made = vec![Vec::new()];
        for (key, value) in fields {
            let (keys, values) = (self.all(key, input)?, self.all(value, input)?);
            let mut next = Vec::new();
            for object in &made {
                for value in &values {
                    for key in &keys {
                        let Json::Text(name) = key else {
                            return error(format!("Object keys must be strings, not {}", kind(key)));
                        };
                        let mut object: Vec<(String, Json)> = object.clone();
                        put(&mut object, name, value.clone());
                        next.push(object);
                    }
                }
            }
            made = next;
            self.steps = self.steps.checked_sub(made.len() as u32).ok_or_else(too_long)?;
        }
        Ok(made.into_iter().map(Json::Object).collect())
    }

    fn binary(&mut self, operator: &str, left: &Filter, right: &Filter, input: &Json) -> Answer<Vec<Json>> {
        let mut out = Vec::new();
        match operator {
            "//" => {
                let values = match self.all(left, input) {
                    Ok(values) => values,
                    Err(Stop::Error(_)) => Vec::new(),
                    Err(stop) => return Err(stop),
                };
                out.extend(values.into_iter().filter(truth));
                if out.is_empty() {
                    out = self.all(right, input)?;
                }
            }
            "and" | "or" => {
                for value in self.all(left, input)? {
                    if truth(&value) == (operator == "or") {
                        out.push(Json::Bool(operator == "or"));
                    } else {
                        out.extend(self.all(right, input)?.iter().map(|value| Json::Bool(truth(value))));
                    }
                }
            }
            _ => {
                for second in self.all(right, input)? {
                    for first in self.all(left, input)? {
                        out.push(binary(operator, &first, &second)?);
                    }
                }
            }
        }
        Ok(out)
    }
}

impl Evaluate for Evaluator {
    /// The parser's limit on nesting bounds the depth.
    fn all(&mut self, filter: &Filter, input: &Json) -> Answer<Vec<Json>> {
        self.steps = self.steps.checked_sub(1).ok_or_else(too_long)?;
        let mut out = Vec::new();
        match filter {
            Filter::Same => out.push(input.clone()),
            Filter::All => self.everything(input, &mut out)?,
            Filter::Literal(value) => out.push(value.clone()),
            Filter::Var(name) => match self.vars.get(name) {
                Some(value) => out.push(value.clone()),
                None => return Err(Stop::Lacks(format!("${name}"))),
            },
            Filter::Text(parts) => {
                let mut texts = vec![String::new()];
                for part in parts {
                    let values = self.all(part, input)?;
                    let with = |text: &String| {
                        let text = text.clone();
                        values.iter().map(move |value| text.clone() + &plain(value)).collect::<Vec<_>>()
                    };
                    texts = texts.iter().flat_map(with).collect();
                }
                out.extend(texts.into_iter().map(Json::Text));
            }
            Filter::At(base, index) => {
                for key in self.all(index, input)? {
                    for value in self.all(base, input)? {
                        out.push(at(&value, &key)?);
                    }
                }
            }
            Filter::Slice(base, from, to) => {
                let from = self.bound(from.as_deref(), input)?;
                let to = self.bound(to.as_deref(), input)?;
                for value in self.all(base, input)? {
                    out.push(slice(&value, from, to)?);
                }
            }
            Filter::Each(base) => {
                for value in self.all(base, input)? {
                    let items = each(value)?;
                    self.steps = self.steps.checked_sub(items.len() as u32).ok_or_else(too_long)?;
                    out.extend(items);
                }
            }
            Filter::Try(inner) => match self.all(inner, input) {
                Ok(values) => out = values,
                Err(Stop::Error(_)) => {}
                Err(stop) => return Err(stop),
            },
            Filter::Minus(inner) => {
                for value in self.all(inner, input)? {
                    out.push(binary("-", &number(0.0), &value)?);
                }
            }
            Filter::List(inner) => {
                let values = inner.as_ref().map_or(Ok(Vec::new()), |inner| self.all(inner, input))?;
                out.push(Json::List(values));
            }
            Filter::Object(fields) => out = self.objects(fields, input)?,
            Filter::Pipe(first, second) => {
                for value in self.all(first, input)? {
                    out.extend(self.all(second, &value)?);
                }
            }
            Filter::Both(first, second) => {
                out = self.all(first, input)?;
                out.extend(self.all(second, input)?);
            }
            Filter::As(source, name, body) => {
                for value in self.all(source, input)? {
                    let old = self.vars.insert(name.clone(), value);
                    let values = self.all(body, input);
                    match old {
                        Some(old) => self.vars.insert(name.clone(), old),
                        None => self.vars.remove(name),
                    };
                    out.extend(values?);
                }
            }
            Filter::If(test, yes, no) => {
                for value in self.all(test, input)? {
                    out.extend(self.all(if truth(&value) { yes } else { no }, input)?);
                }
            }
            Filter::Binary(operator, left, right) => out = self.binary(operator, left, right, input)?,
            Filter::Call(name, args) => out = calls::call(self, name, args, input)?,
        }
        if out.len() > STEPS as usize {
            return Err(too_long());
        }
        Ok(out)
    }
}

fn too_long() -> Stop {
    Stop::Lacks(format!("more than {STEPS} steps"))
}
