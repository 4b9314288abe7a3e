//! Running a template's tree.

use super::functions::{self, Wrong};
use super::parse::{Base, Kind, Node, Operand, Pipe};
use super::types::{self, ANY, MISSING};
use super::value::Value;
use crate::docker::json::Json;

/// What stands behind the data, which decides Go's text for a field that is not there.
#[derive(Debug, Clone, Copy)]
pub(in crate::docker) enum Shape<'t> {
    /// A map out of JSON (`docker inspect`, where the structure fails).
    Map,
    /// The methods of a Go type (`docker ps --format`).
    Type {
        /// The type.
        name: &'t str,
        /// What its method `.Label "key"` looks into: an object, or `Null`.
        labels: &'t Json,
    },
    /// A structure of this Go type (`docker info --format`; `docker inspect` at first).
    Struct(&'static str),
    /// A table's heading: a name without heading is empty there.
    Heading,
}

struct Run<'t> {
    shape: Shape<'t>,
    variables: Vec<(String, Value)>,
    out: String,
}

/// Runs a whole template: what it printed, and the error that ended it.
pub(super) fn run(nodes: &[Node], data: &Json, shape: Shape<'_>) -> (String, Result<(), String>) {
    let go_type = if let Shape::Struct(name) = shape { name } else { ANY };
    let data = Value::new(data.clone(), go_type);
    let mut run = Run { shape, variables: vec![(String::new(), data.clone())], out: String::new() };
    let result = run.nodes(nodes, &data);
    (run.out, result)
}

impl Run<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        let scope = self.variables.len();
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Print(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.variables.is_empty() {
                        self.out.push_str(&value.printed());
                    }
                }
                Node::Block { kind, pipe, body, otherwise } => {
                    let scope = self.variables.len();
                    self.block(*kind, pipe, body, otherwise, dot)?;
                    self.variables.truncate(scope);
                }
            }
        }
        self.variables.truncate(scope);
        Ok(())
    }

    fn block(
        &mut self,
        kind: Kind,
        pipe: &Pipe,
        body: &[Node],
        otherwise: &[Node],
        dot: &Value,
    ) -> Result<(), String> {
        if kind != Kind::Range {
            let value = self.pipe(pipe, dot)?;
            let inner = if kind == Kind::With { &value } else { dot };
            return if value.is_true() { self.nodes(body, inner) } else { self.nodes(otherwise, dot) };
        }
        let value = self.commands(pipe, dot)?;
        let value = value.pointed();
        let shown = value.shown();
        let Some(items) = value.items() else {
            let operand = &pipe.commands[0][0];
            return Err(self.error(operand, &format!("range can't iterate over {shown}")));
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, item) in items {
            let scope = self.variables.len();
            match pipe.variables.as_slice() {
                [value] => self.set(value, &item, pipe.declares),
                [index, value, ..] => {
                    self.set(index, &key, pipe.declares);
                    self.set(value, &item, pipe.declares);
                }
                [] => {}
            }
            self.nodes(body, &item)?;
            self.variables.truncate(scope);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Value, declares: bool) {
        if !declares && let Some(slot) = self.variables.iter_mut().rev().find(|(n, _)| n == name) {
            slot.1 = value.clone();
        } else {
            self.variables.push((name.to_owned(), value.clone()));
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Value) -> Result<Value, String> {
        let value = self.commands(pipe, dot)?;
        for name in &pipe.variables {
            self.set(name, &value, pipe.declares);
        }
        Ok(value)
    }

    fn commands(&mut self, pipe: &Pipe, dot: &Value) -> Result<Value, String> {
        let mut last: Option<Value> = None;
        for command in &pipe.commands {
            let (first, rest) = command.split_first().expect("the parser leaves no empty command");
            last = Some(self.command(first, rest, last, dot)?);
        }
        Ok(last.unwrap_or(Json::Null.into()))
    }

    fn command(
        &mut self,
        first: &Operand,
        rest: &[Operand],
        last: Option<Value>,
        dot: &Value,
    ) -> Result<Value, String> {
        let mut args = Vec::new();
        for operand in rest {
            args.push(self.value(operand, dot)?);
        }
        args.extend(last);
        match &first.base {
            // In a heading the functions that change a text leave it as it is (`templates.HeaderFunctions`).
            Base::Function(name)
                if matches!(self.shape, Shape::Heading)
                    && matches!(
                        name.as_str(),
                        "json" | "lower" | "upper" | "title" | "truncate" | "split" | "join"
                    )
                    && matches!(args.first(), Some(Value { json: Json::Text(_), .. })) =>
            {
                Ok(args.swap_remove(0))
            }
            Base::Function(name)
                if name == "json" && matches!(args.as_slice(), [Value { json: Json::Object(_), .. }]) =>
            {
                Ok(match self.shape {
                    // A row prints its own fields, through Go's encoder, which escapes what HTML would read.
                    Shape::Type { .. } => escaped(&args[0].json.line()).into(),
                    Shape::Heading => "".into(),
                    Shape::Map | Shape::Struct(_) => args[0].json.line().into(),
                })
            }
            Base::Function(name) => functions::call(name, &args).map_err(|why| match why {
                Wrong::Argument(at, why) => match rest.get(at) {
                    Some(operand) => self.error(operand, &why),
                    None => self.error(first, &why),
                },
                Wrong::Call(why) => {
                    self.error_at(first.at, &call_of(first, rest), &format!("error calling {name}: {why}"))
                }
            }),
            Base::Literal(Json::Null) => Err(self.error(first, "nil is not a command")),
            // A method with an argument: `.Label "key"`.
            Base::Dot if first.fields == ["Label"] && args.len() == 1 => {
                if matches!(self.shape, Shape::Heading) {
                    let name = args[0].shown();
                    let last = name.rsplit('.').next().unwrap_or_default();
                    return Ok(last.replace(['-', '_'], " ").into());
                }
                let found = match self.shape {
                    Shape::Type { labels, .. } => labels.get(&args[0].shown()),
                    _ => None,
                };
                Ok(found.cloned().unwrap_or_else(|| "".into()).into())
            }
            _ if !args.is_empty() && matches!(self.shape, Shape::Map | Shape::Struct(_)) => {
                let name = first.fields.last().cloned().unwrap_or_else(|| name_of(first));
                Err(self.error(first, &format!("{name} is not a method but has arguments")))
            }
            _ if !args.is_empty() => {
                Err(self.error(first, &format!("can't give argument to non-function {}", name_of(first))))
            }
            _ => self.value(first, dot),
        }
    }

    fn value(&mut self, operand: &Operand, dot: &Value) -> Result<Value, String> {
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Literal(literal) => Value::of_go(literal.clone()),
            Base::Function(name) => {
                functions::call(name, &[]).map_err(|why| self.error(operand, &why.to_string()))?
            }
            Base::Group(pipe) => self.commands(pipe, dot)?,
            Base::Variable(name) => {
                let found = self.variables.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                found.ok_or_else(|| {
                    super::lex::fail(operand.at.0, &format!("undefined variable \"${name}\""))
                })?
            }
        };
        for (at, name) in operand.fields.iter().enumerate() {
            let found = match self.shape {
                Shape::Heading => Ok(value.json.get(name).cloned().unwrap_or_else(|| "".into()).into()),
                // A key that the attributes of an event have not.
                Shape::Type { .. } if at > 0 && operand.fields[at - 1] == "Attributes" => {
                    Ok(value.json.get(name).cloned().unwrap_or_else(|| "<no value>".into()).into())
                }
                Shape::Type { name: go_type, .. } => {
                    let found = value.json.get(name).cloned().map(Value::from);
                    found.ok_or_else(|| format!("can't evaluate field {name} in type *{go_type}"))
                }
                Shape::Map if value.go_type == MISSING => {
                    Err(format!("nil data; no entry for key \"{name}\""))
                }
                Shape::Map | Shape::Struct(_) => member(value, name),
            };
            value = found.map_err(|why| self.error(operand, &why))?;
        }
        Ok(value)
    }

    fn error(&self, operand: &Operand, why: &str) -> String {
        // Go names what it looked at last: within parentheses, the last operand there.
        if let Base::Group(pipe) = &operand.base
            && let Some(last) = pipe.commands.last().and_then(|command| command.last())
        {
            return self.error(last, why);
        }
        self.error_at(operand.at, &name_of(operand), why)
    }

    #[expect(clippy::unused_self, reason = "keeps the two forms of an error beside each other")]
    fn error_at(&self, (line, column): (usize, usize), what: &str, why: &str) -> String {
        format!("template: :{line}:{column}: executing \"\" at <{what}>: {why}")
    }
}

/// Writes a function call as the template spells it.
fn call_of(first: &Operand, rest: &[Operand]) -> String {
    std::iter::once(first).chain(rest).map(name_of).collect::<Vec<_>>().join(" ")
}

fn name_of(operand: &Operand) -> String {
    let base = match &operand.base {
        Base::Dot if operand.fields.is_empty() => ".".to_owned(),
        Base::Dot => String::new(),
        Base::Variable(name) => format!("${name}"),
        Base::Literal(Json::Null) => "nil".to_owned(),
        Base::Literal(value) => value.line(),
        Base::Function(name) => name.clone(),
        Base::Group(_) => "(…)".to_owned(),
    };
    operand.fields.iter().fold(base, |name, field| format!("{name}.{field}"))
}

fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Reads a field of a structure, or a key of a map.
fn member(value: Value, name: &str) -> Result<Value, String> {
    let go_type = value.type_name();
    if value.go_type == MISSING {
        return Ok(value);
    }
    if value.is_nil_pointer() {
        return Err(format!("nil pointer evaluating {go_type}.{name}"));
    }
    let value = value.pointed();
    if let Some(field) = types::field(value.go_type, name) {
        let json = value.json.get(field.key).cloned().filter(|json| *json != Json::Null);
        return Ok(Value::new(json.unwrap_or_else(|| types::zero(field.go_type)), field.go_type));
    }
    if types::key(value.go_type) == Some("string")
        && let Some(of_map) = types::value(value.go_type)
    {
        let found = value.json.get(name).cloned();
        return Ok(found.map_or(Value::new(Json::Null, MISSING), |json| Value::new(json, of_map)));
    }
    match &value.json {
        _ if value.go_type != ANY => Err(format!("can't evaluate field {name} in type {go_type}")),
        Json::Object(_) => {
            let found = value.json.get(name).cloned().map(Value::from);
            found.ok_or_else(|| format!("map has no entry for key \"{name}\""))
        }
        Json::Null => Err(format!("nil pointer evaluating interface {{}}.{name}")),
        _ => Err(format!("can't evaluate field {name} in type {go_type}")),
    }
}
