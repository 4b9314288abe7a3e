//! Running a template's tree.

use super::functions;
use super::go::{MAPS, POINTERS, SETS, members, structure, tag};
use super::parse::{Base, Kind, Node, Operand, Pipe};
use crate::docker::json::Json;

/// What stands behind the data, which decides Go's text for a field that is not there.
#[derive(Debug, Clone, Copy)]
pub(in crate::docker) enum Shape<'t> {
    /// A map out of JSON (`docker inspect`).
    Map,
    /// The methods of this Go type (`docker ps --format`).
    Type(&'t str),
    /// A struct of this Go type (`docker info --format`).
    Struct(&'t str),
    /// A table's heading: a name without heading is empty there.
    Heading,
}

struct Run<'t> {
    root: Json,
    shape: Shape<'t>,
    variables: Vec<(String, Json)>,
    out: String,
}

/// Runs a whole template.
pub(super) fn run(nodes: &[Node], data: &Json, shape: Shape<'_>) -> Result<String, String> {
    let variables = vec![(String::new(), data.clone())];
    let mut run = Run { root: data.clone(), shape, variables, out: String::new() };
    run.nodes(nodes, data)?;
    Ok(run.out)
}

impl Run<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Json) -> Result<(), String> {
        let scope = self.variables.len();
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Print(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.variables.is_empty() {
                        let text = show(&value, pipe);
                        self.out.push_str(&text);
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
        dot: &Json,
    ) -> Result<(), String> {
        if kind != Kind::Range {
            let value = self.pipe(pipe, dot)?;
            let inner = if kind == Kind::With { &value } else { dot };
            return if functions::truth(&value) {
                self.nodes(body, inner)
            } else {
                self.nodes(otherwise, dot)
            };
        }
        let value = self.commands(pipe, dot)?;
        let items: Vec<(Json, Json)> = match value {
            Json::List(items) => items.into_iter().enumerate().map(|(i, v)| ((i as i64).into(), v)).collect(),
            Json::Object(mut fields) => {
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                fields.into_iter().map(|(k, v)| (k.into(), v)).collect()
            }
            Json::Null => Vec::new(),
            other => {
                let operand = &pipe.commands[0][0];
                return Err(
                    self.error(operand, &format!("range can't iterate over {}", functions::show(&other)))
                );
            }
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

    fn set(&mut self, name: &str, value: &Json, declares: bool) {
        if !declares && let Some(slot) = self.variables.iter_mut().rev().find(|(n, _)| n == name) {
            slot.1 = value.clone();
        } else {
            self.variables.push((name.to_owned(), value.clone()));
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Json) -> Result<Json, String> {
        let value = self.commands(pipe, dot)?;
        for name in &pipe.variables {
            self.set(name, &value, pipe.declares);
        }
        Ok(value)
    }

    fn commands(&mut self, pipe: &Pipe, dot: &Json) -> Result<Json, String> {
        let mut last: Option<Json> = None;
        for command in &pipe.commands {
            let (first, rest) = command.split_first().expect("the parser leaves no empty command");
            last = Some(self.command(first, rest, last, dot)?);
        }
        Ok(last.unwrap_or(Json::Null))
    }

    fn command(
        &mut self,
        first: &Operand,
        rest: &[Operand],
        last: Option<Json>,
        dot: &Json,
    ) -> Result<Json, String> {
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
                    && matches!(args.first(), Some(Json::Text(_))) =>
            {
                Ok(args.swap_remove(0))
            }
            Base::Function(name) if name == "json" && matches!(args.as_slice(), [Json::Object(_)]) => {
                Ok(match self.shape {
                    // A row prints its own fields, through Go's encoder, which escapes what HTML would read.
                    Shape::Type(_) => escaped(&shown(&args[0]).line()).into(),
                    Shape::Heading => "".into(),
                    Shape::Map | Shape::Struct(_) => args[0].line().into(),
                })
            }
            Base::Function(name) => functions::call(name, &args).map_err(|why| {
                self.error_at(first.at, &call_of(first, rest), &format!("error calling {name}: {why}"))
            }),
            // A method with an argument: `.Label "key"`.
            Base::Dot if first.fields == ["Label"] && args.len() == 1 => {
                if matches!(self.shape, Shape::Heading) {
                    let name = functions::show(&args[0]);
                    let last = name.rsplit('.').next().unwrap_or_default();
                    return Ok(last.replace(['-', '_'], " ").into());
                }
                let labels = self.root.get("\u{0}labels").cloned().unwrap_or(Json::Null);
                Ok(labels.get(&functions::show(&args[0])).cloned().unwrap_or_else(|| "".into()))
            }
            _ if !args.is_empty() => {
                Err(self.error(first, &format!("can't give argument to non-function {}", name_of(first))))
            }
            _ => self.value(first, dot),
        }
    }

    fn value(&mut self, operand: &Operand, dot: &Json) -> Result<Json, String> {
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Literal(literal) => literal.clone(),
            Base::Function(name) => functions::call(name, &[]).map_err(|why| self.error(operand, &why))?,
            Base::Group(pipe) => self.commands(pipe, dot)?,
            Base::Variable(name) => {
                let found = self.variables.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                found.ok_or_else(|| {
                    super::lex::fail(operand.at.0, &format!("undefined variable \"${name}\""))
                })?
            }
        };
        // The last field, where it was left out: what stands below it is asked of Docker's JSON, which has no such key.
        let mut left_out = None;
        for (at, field) in operand.fields.iter().enumerate() {
            value = match (
                value.get(if matches!(self.shape, Shape::Struct(_)) { tag(field) } else { field }),
                self.shape,
            ) {
                (Some(value), _) => value.clone(),
                (None, Shape::Heading) => "".into(),
                // A key that the attributes of an event have not.
                (None, Shape::Type(_)) if at > 0 && operand.fields[at - 1] == "Attributes" => {
                    "<no value>".into()
                }
                (None, Shape::Type(name)) => {
                    return Err(self.error(operand, &format!("can't evaluate field {field} in type *{name}")));
                }
                (None, Shape::Struct(name))
                    if operand.fields.len() == 1 || structure(&operand.fields).is_some() =>
                {
                    let name = structure(&operand.fields).unwrap_or(name);
                    return Err(self.error(operand, &format!("can't evaluate field {field} in type {name}")));
                }
                (None, Shape::Map) if absent(operand, field, &value).is_some() => {
                    left_out = Some(field);
                    absent(operand, field, &value).unwrap_or(Json::Null)
                }
                (None, Shape::Map | Shape::Struct(_)) => {
                    let why = match &value {
                        Json::Object(_) => format!("map has no entry for key \"{field}\""),
                        Json::Null if at > 0 && MAPS.contains(&operand.fields[at - 1].as_str()) => {
                            value = "<no value>".into();
                            continue;
                        }
                        Json::Null if left_out.is_some() => {
                            format!("map has no entry for key \"{}\"", left_out.unwrap_or(field))
                        }
                        Json::Null => format!("nil pointer evaluating interface {{}}.{field}"),
                        other => {
                            format!("can't evaluate field {field} in type {}", functions::type_name(other))
                        }
                    };
                    return Err(self.error(operand, &why));
                }
            };
        }
        Ok(value)
    }

    fn error(&self, operand: &Operand, why: &str) -> String {
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
        Base::Literal(value) => value.line(),
        Base::Function(name) => name.clone(),
        Base::Group(_) => "(…)".to_owned(),
    };
    operand.fields.iter().fold(base, |name, field| format!("{name}.{field}"))
}

/// A row without what it keeps for `.Label` alone.
fn shown(row: &Json) -> Json {
    let Json::Object(fields) = row else { return row.clone() };
    Json::Object(fields.iter().filter(|(name, _)| !name.starts_with('\0')).cloned().collect())
}

fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// What a field of Docker's structures is where a document leaves it out: `docker inspect` tries the structure first.
/// `None` where there is no such field.
fn absent(operand: &Operand, field: &str, value: &Json) -> Option<Json> {
    let Json::Object(_) = value else { return None };
    let at = operand.fields.iter().position(|name| name == field)?;
    if at > 0 && MAPS.contains(&operand.fields[at - 1].as_str()) {
        // A key that a map has not.
        return (at + 1 == operand.fields.len()).then_some(Json::Null);
    }
    Some(match field {
        "Health" | "Healthcheck" | "StopTimeout" | "SizeRw" | "SizeRootFs" | "Node" | "Init" => Json::Null,
        "ExposedPorts" | "Tmpfs" | "Sysctls" | "StorageOpt" | "Shell" | "Mounts" | "Status" => Json::Null,
        "MacAddress" | "StopSignal" | "Variant" | "OsVersion" | "IPRange" | "Gateway" => "".into(),
        "NetworkDisabled" | "ArgsEscaped" => Json::Bool(false),
        _ => return None,
    })
}

/// Prints a value; what is empty prints by the type that the field has in Go.
fn show(value: &Json, pipe: &Pipe) -> String {
    if *value == Json::Null
        && let [command] = pipe.commands.as_slice()
        && let Some(field) = command[0].fields.last()
    {
        let fields = &command[0].fields;
        if fields.len() > 1 && MAPS.contains(&fields[fields.len() - 2].as_str()) {
            return "<no value>".to_owned();
        }
        return match field.as_str() {
            field if MAPS.contains(&field) => "map[]".to_owned(),
            field if POINTERS.contains(&field) => "<nil>".to_owned(),
            _ => "[]".to_owned(),
        };
    }
    match value {
        // A value of a set: Go's empty structure.
        Json::Object(fields) if fields.is_empty() && is_set_value(pipe) => "{}".to_owned(),
        Json::Object(_) if named(pipe).is_some_and(|name| members(name).is_some()) => {
            let members = named(pipe).and_then(members).unwrap_or_default();
            let one = |member: &&str| match value.get(member) {
                Some(Json::Null) | None if MAPS.contains(member) || *member == "Config" => "map[]".to_owned(),
                Some(member) => functions::show(member),
                None => String::new(),
            };
            format!("{{{}}}", members.iter().map(one).collect::<Vec<_>>().join(" "))
        }
        Json::Object(fields) if named(pipe).is_some_and(|name| SETS.contains(&name)) => {
            let mut names: Vec<String> = fields.iter().map(|(name, _)| format!("{name}:{{}}")).collect();
            names.sort();
            format!("map[{}]", names.join(" "))
        }
        value => functions::show(value),
    }
}

/// The field that a pipe of one operand reads.
fn named(pipe: &Pipe) -> Option<&str> {
    let [command] = pipe.commands.as_slice() else { return None };
    let [operand] = command.as_slice() else { return None };
    operand.fields.last().map(String::as_str)
}

/// Whether a pipe reads a value that has no name of its own: of a key, or of a turn of `range`.
fn is_set_value(pipe: &Pipe) -> bool {
    let [command] = pipe.commands.as_slice() else { return false };
    match &command[0].base {
        Base::Function(name) => name == "index",
        Base::Variable(_) | Base::Dot => command.len() == 1 && command[0].fields.is_empty(),
        _ => false,
    }
}
