//! The functions that filters may call (jq(1), "Builtin operators and functions").

use std::cmp::Ordering;

use super::super::json::Json;
use super::filter::Filter;
use super::order;
use super::values::{
    Answer, Evaluate, Stop, binary, each, error, float, kind, number, plain, put, shown, split, truth,
};

/// What a function gives for one value.
pub(super) fn call(on: &mut dyn Evaluate, name: &str, args: &[Filter], input: &Json) -> Answer<Vec<Json>> {
    match (name, args) {
        ("empty", []) => Ok(Vec::new()),
        ("map", [filter]) => {
            let mut made = Vec::new();
            for item in each(input.clone())? {
                made.extend(on.all(filter, &item)?);
            }
            Ok(vec![Json::List(made)])
        }
        ("select", [filter]) => {
            let tests = on.all(filter, input)?;
            Ok(tests.iter().filter(|test| truth(test)).map(|_| input.clone()).collect())
        }
        ("recurse", []) => on.all(&Filter::All, input),
        ("range", [to]) => {
            let mut out = Vec::new();
            for to in on.all(to, input)? {
                let to = float(&to).unwrap_or_default().clamp(0.0, 1e6) as i64;
                out.extend((0..to).map(|at| number(at as f64)));
            }
            Ok(out)
        }
        ("error", [filter]) => error(plain(&on.one(filter, input)?)),
        ("values", []) => Ok(kept(input, *input != Json::Null)),
        ("nulls", []) => Ok(kept(input, *input == Json::Null)),
        ("strings", []) => Ok(kept(input, kind(input) == "string")),
        ("numbers", []) => Ok(kept(input, kind(input) == "number")),
        ("booleans", []) => Ok(kept(input, kind(input) == "boolean")),
        ("arrays", []) => Ok(kept(input, kind(input) == "array")),
        ("objects", []) => Ok(kept(input, kind(input) == "object")),
        ("first", [filter]) => Ok(on.all(filter, input)?.into_iter().take(1).collect()),
        ("last", [filter]) => Ok(on.all(filter, input)?.pop().into_iter().collect()),
        ("any" | "all", [filter]) => {
            let mut tests = Vec::new();
            for item in each(input.clone())? {
                tests.extend(on.all(filter, &item)?);
            }
            let holds = if name == "any" { tests.iter().any(truth) } else { tests.iter().all(truth) };
            Ok(vec![Json::Bool(holds)])
        }
        ("with_entries", [filter]) => {
            let entries = plainly("to_entries", input, &[])?;
            let mut made = Vec::new();
            for entry in each(entries)? {
                made.extend(on.all(filter, &entry)?);
            }
            Ok(vec![plainly("from_entries", &Json::List(made), &[])?])
        }
        ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [filter]) => by(on, name, filter, input),
        (_, args) if args.len() <= 1 => {
            let mut out = Vec::new();
            let Some(arg) = args.first() else { return Ok(vec![plainly(name, input, &[])?]) };
            for value in on.all(arg, input)? {
                out.push(plainly(name, input, &[value])?);
            }
            Ok(out)
        }
        _ => Err(lacks(name, args.len())),
    }
}

fn lacks(name: &str, count: usize) -> Stop {
    Stop::Lacks(format!("{name}/{count}"))
}

fn kept(value: &Json, wanted: bool) -> Vec<Json> {
    if wanted { vec![value.clone()] } else { Vec::new() }
}

/// Functions that go by what a filter makes of each item.
fn by(on: &mut dyn Evaluate, name: &str, filter: &Filter, input: &Json) -> Answer<Vec<Json>> {
    let mut keyed = Vec::new();
    for item in items(input, "sorted")? {
        keyed.push((Json::List(on.all(filter, &item)?), item));
    }
    keyed.sort_by(|a, b| order::compare(&a.0, &b.0));
    let same = |a: &(Json, Json), b: &(Json, Json)| order::compare(&a.0, &b.0) == Ordering::Equal;
    let item = |(_, item): &(Json, Json)| item.clone();
    let groups = keyed.chunk_by(same);
    Ok(vec![match name {
        "group_by" => Json::List(groups.map(|group| Json::List(group.iter().map(item).collect())).collect()),
        "unique_by" => Json::List(groups.map(|group| item(&group[0])).collect()),
        "min_by" => keyed.first().map_or(Json::Null, item),
        "max_by" => keyed.last().map_or(Json::Null, item),
        _ => Json::List(keyed.iter().map(item).collect()),
    }])
}

fn items(value: &Json, verb: &str) -> Answer<Vec<Json>> {
    match value {
        Json::List(items) => Ok(items.clone()),
        other => error(format!("{} cannot be {verb}, as it is not an array", shown(other))),
    }
}

fn text<'v>(value: &'v Json, what: &str) -> Answer<&'v str> {
    match value {
        Json::Text(text) => Ok(text),
        other => error(format!("{} {what}", shown(other))),
    }
}

/// Functions whose arguments are values.
fn plainly(name: &str, input: &Json, args: &[Json]) -> Answer<Json> {
    let list = |items: Vec<Json>| Ok(Json::List(items));
    let words = |text: &str| Ok(Json::Text(text.to_owned()));
    match (name, args) {
        ("not", []) => Ok(Json::Bool(!truth(input))),
        ("length", []) => Ok(match input {
            Json::Null => number(0.0),
            Json::Bool(_) => return error(format!("{} has no length", shown(input))),
            Json::Number(_) => number(float(input).unwrap_or_default().abs()),
            Json::Text(text) => number(text.chars().count() as f64),
            Json::List(items) => number(items.len() as f64),
            Json::Object(fields) => number(fields.len() as f64),
        }),
        ("keys" | "keys_unsorted", []) => match input {
            Json::Object(fields) => {
                let mut names: Vec<&String> = fields.iter().map(|(name, _)| name).collect();
                if name == "keys" {
                    names.sort();
                }
                list(names.into_iter().map(|name| Json::Text(name.clone())).collect())
            }
            Json::List(items) => list((0..items.len()).map(|at| number(at as f64)).collect()),
            other => error(format!("{} has no keys", shown(other))),
        },
        ("has", [key]) => match (input, key) {
            (Json::Object(_), Json::Text(name)) => Ok(Json::Bool(input.get(name).is_some())),
            (Json::List(items), Json::Number(at)) => {
                Ok(Json::Bool(at.as_u64().is_some_and(|at| (at as usize) < items.len())))
            }
            _ => error(format!("Cannot check whether {} has a {} key", kind(input), kind(key))),
        },
        ("to_entries", []) => match input {
            Json::Object(fields) => list(
                fields
                    .iter()
                    .map(|(key, value)| {
                        Json::object([("key", Json::Text(key.clone())), ("value", value.clone())])
                    })
                    .collect(),
            ),
            other => error(format!("{} has no keys", shown(other))),
        },
        ("from_entries", []) => {
            let mut object = Vec::new();
            for entry in each(input.clone())? {
                let of = |names: &[&str]| names.iter().find_map(|name| entry.get(name)).cloned();
                let key = of(&["key", "k", "name", "Name", "Key"]).unwrap_or(Json::Null);
                put(&mut object, &plain(&key), of(&["value", "v", "Value"]).unwrap_or(Json::Null));
            }
            Ok(Json::Object(object))
        }
        ("add", []) => {
            let mut sum = Json::Null;
            for item in each(input.clone())? {
                sum = binary("+", &sum, &item)?;
            }
            Ok(sum)
        }
        ("any", []) => Ok(Json::Bool(each(input.clone())?.iter().any(truth))),
        ("all", []) => Ok(Json::Bool(each(input.clone())?.iter().all(truth))),
        ("sort" | "unique" | "min" | "max", []) => {
            let mut items = items(input, "sorted")?;
            items.sort_by(order::compare);
            match name {
                "unique" => items.dedup_by(|a, b| order::compare(a, b) == Ordering::Equal),
                "min" => return Ok(items.into_iter().next().unwrap_or(Json::Null)),
                "max" => return Ok(items.pop().unwrap_or(Json::Null)),
                _ => {}
            }
            list(items)
        }
        ("reverse", []) => match input {
            Json::Text(text) => Ok(Json::Text(text.chars().rev().collect())),
            _ => list(items(input, "reversed")?.into_iter().rev().collect()),
        },
        ("first", []) => Ok(items(input, "indexed")?.into_iter().next().unwrap_or(Json::Null)),
        ("last", []) => Ok(items(input, "indexed")?.pop().unwrap_or(Json::Null)),
        ("flatten", []) => {
            let (mut out, mut open) = (Vec::new(), vec![input.clone()]);
            while let Some(value) = open.pop() {
                match value {
                    Json::List(items) => open.extend(items.into_iter().rev()),
                    other => out.push(other),
                }
            }
            list(out)
        }
        ("join", [Json::Text(between)]) => {
            let parts = each(input.clone())?;
            let parts: Vec<String> = parts
                .iter()
                .map(|part| if *part == Json::Null { String::new() } else { plain(part) })
                .collect();
            Ok(Json::Text(parts.join(between)))
        }
        ("split", [Json::Text(at)]) => Ok(split(text(input, "cannot be split")?, at)),
        ("startswith" | "endswith", [Json::Text(part)]) => {
            let text = text(input, &format!("cannot be asked for {name}"))?;
            Ok(Json::Bool(if name == "startswith" { text.starts_with(part) } else { text.ends_with(part) }))
        }
        ("ltrimstr" | "rtrimstr", [part]) => Ok(match (input, part) {
            (Json::Text(text), Json::Text(part)) => {
                let cut = if name == "ltrimstr" { text.strip_prefix(part) } else { text.strip_suffix(part) };
                Json::Text(cut.unwrap_or(text).to_owned())
            }
            _ => input.clone(),
        }),
        ("test", [Json::Text(expression)]) => {
            let mut builder = regex_lite::RegexBuilder::new(expression);
            match builder.size_limit(1 << 20).nest_limit(50).build() {
                Ok(regex) => {
                    Ok(Json::Bool(regex.is_match(text(input, "cannot be matched, as it is not a string")?)))
                }
                Err(_) => error(format!("{expression} (at offset 0) is not a valid regex")),
            }
        }
        ("contains" | "inside", [other]) => {
            let (outer, inner) = if name == "contains" { (input, other) } else { (other, input) };
            Ok(Json::Bool(contains(outer, inner)?))
        }
        ("ascii_downcase", []) => words(&text(input, "cannot be lowercased")?.to_ascii_lowercase()),
        ("ascii_upcase", []) => words(&text(input, "cannot be uppercased")?.to_ascii_uppercase()),
        ("tostring", []) => Ok(Json::Text(plain(input))),
        ("tojson", []) => Ok(Json::Text(input.line())),
        ("fromjson", []) => {
            let text = text(input, "cannot be parsed as JSON")?;
            serde_json::from_str(text).or_else(|_| error(format!("{text} (while parsing '{text}')")))
        }
        ("tonumber", []) => match input {
            Json::Number(_) => Ok(input.clone()),
            other => match plain(other).trim().parse::<f64>() {
                Ok(value) => Ok(number(value)),
                Err(_) => error(format!("{} cannot be parsed as a number", shown(other))),
            },
        },
        ("floor" | "ceil" | "round" | "abs", []) => {
            let Some(value) = float(input) else { return error(format!("{} number required", shown(input))) };
            Ok(number(match name {
                "floor" => value.floor(),
                "ceil" => value.ceil(),
                "round" => value.round(),
                _ => value.abs(),
            }))
        }
        ("type", []) => words(kind(input)),
        ("error", []) => error(plain(input)),
        ("@text", []) => Ok(Json::Text(plain(input))),
        ("@json", []) => Ok(Json::Text(input.line())),
        ("@csv" | "@tsv", []) => row(name, input),
        _ => Err(lacks(name, args.len())),
    }
}

/// `@csv` and `@tsv`.
fn row(name: &str, input: &Json) -> Answer<Json> {
    let mut cells = Vec::new();
    for cell in items(input, "formatted as a row")? {
        cells.push(match &cell {
            Json::Null => String::new(),
            Json::Text(text) if name == "@csv" => format!("\"{}\"", text.replace('"', "\"\"")),
            Json::Text(text) => text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"),
            Json::List(_) | Json::Object(_) => {
                return error(format!("{} is not valid in a csv row", shown(&cell)));
            }
            other => other.line(),
        });
    }
    Ok(Json::Text(cells.join(if name == "@csv" { "," } else { "\t" })))
}

/// Whether one value holds another: parts of texts, items of lists, fields of objects.
fn contains(outer: &Json, inner: &Json) -> Answer<bool> {
    Ok(match (outer, inner) {
        (Json::Text(outer), Json::Text(inner)) => outer.contains(inner.as_str()),
        (Json::List(outer), Json::List(inner)) => inner.iter().all(|part| {
            outer.iter().any(|whole| match (whole, part) {
                (Json::Text(whole), Json::Text(part)) => whole.contains(part.as_str()),
                _ => order::compare(whole, part) == Ordering::Equal,
            })
        }),
        (Json::Object(_), Json::Object(inner)) => {
            inner.iter().all(|(name, part)| match (outer.get(name), part) {
                (Some(Json::Text(whole)), Json::Text(part)) => whole.contains(part.as_str()),
                (Some(whole), part) => order::compare(whole, part) == Ordering::Equal,
                (None, _) => false,
            })
        }
        _ if kind(outer) == kind(inner) => order::compare(outer, inner) == Ordering::Equal,
        _ => {
            return error(format!(
                "{} and {} cannot have their containment checked",
                shown(outer),
                shown(inner)
            ));
        }
    })
}
