//! Values, and what is done with them without a filter.

use std::cmp::Ordering;

use super::super::json::Json;
use super::filter::Filter;
use super::order;

/// Why a filter stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// jq's own error: `?` and `//` go on after it.
    Error(String),
    /// What the lab's jq has not, or a limit.
    Lacks(String),
}

pub(super) type Answer<T = ()> = Result<T, Stop>;

pub(super) fn error<T>(text: impl Into<String>) -> Answer<T> {
    Err(Stop::Error(text.into()))
}

/// Runs filters.
pub(super) trait Evaluate {
    /// All values that a filter makes of one.
    fn all(&mut self, filter: &Filter, input: &Json) -> Answer<Vec<Json>>;

    /// The first value; nothing stands for null.
    fn one(&mut self, filter: &Filter, input: &Json) -> Answer<Json> {
        Ok(self.all(filter, input)?.into_iter().next().unwrap_or(Json::Null))
    }
}

/// Sets a field; one that is there keeps its place.
pub(super) fn put(object: &mut Vec<(String, Json)>, name: &str, value: Json) {
    match object.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => object.push((name.to_owned(), value)),
    }
}

pub(super) fn truth(value: &Json) -> bool {
    !matches!(value, Json::Null | Json::Bool(false))
}

pub(super) fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::Text(_) => "string",
        Json::List(_) => "array",
        Json::Object(_) => "object",
    }
}

/// A text as it stands, anything else as JSON.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => other.line(),
    }
}

/// A number; whole ones without a point.
pub(super) fn number(value: f64) -> Json {
    let whole = value.fract() == 0.0 && value.abs() < 1e17;
    let number = if whole { Some((value as i64).into()) } else { serde_json::Number::from_f64(value) };
    number.map_or(Json::Null, Json::Number)
}

pub(super) fn float(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// `value[key]`
pub(super) fn at(value: &Json, key: &Json) -> Answer<Json> {
    match (value, key) {
        (Json::Null, Json::Text(_) | Json::Number(_) | Json::Null) => Ok(Json::Null),
        (Json::Object(_), Json::Text(name)) => Ok(value.get(name).cloned().unwrap_or(Json::Null)),
        (Json::List(items), Json::Number(number)) => {
            let index = number.as_f64().unwrap_or_default().floor() as i64;
            let index = if index < 0 { index + items.len() as i64 } else { index };
            let found = usize::try_from(index).ok().and_then(|index| items.get(index));
            Ok(found.cloned().unwrap_or(Json::Null))
        }
        (value, Json::Text(name)) => error(format!("Cannot index {} with \"{name}\"", kind(value))),
        (value, key) => error(format!("Cannot index {} with {}", kind(value), kind(key))),
    }
}

/// The items of a list, or the values of an object.
pub(super) fn each(value: Json) -> Answer<Vec<Json>> {
    match value {
        Json::List(items) => Ok(items),
        Json::Object(fields) => Ok(fields.into_iter().map(|(_, value)| value).collect()),
        other => error(format!("Cannot iterate over {}", shown(&other))),
    }
}

/// A kind with its value, as errors name it.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        other => {
            let text: String = other.line().chars().take(11).collect();
            let cut = if other.line().chars().count() > 11 { "..." } else { "" };
            format!("{} ({text}{cut})", kind(other))
        }
    }
}

pub(super) fn slice(value: &Json, from: Option<i64>, to: Option<i64>) -> Answer<Json> {
    let range = |count: usize| {
        let place = |at: i64| (if at < 0 { at + count as i64 } else { at }).clamp(0, count as i64) as usize;
        let start = from.map_or(0, place);
        start..to.map_or(count, place).max(start)
    };
    match value {
        Json::Null => Ok(Json::Null),
        Json::List(items) => Ok(Json::List(items[range(items.len())].to_vec())),
        Json::Text(text) => {
            let chars: Vec<char> = text.chars().collect();
            Ok(Json::Text(chars[range(chars.len())].iter().collect()))
        }
        other => error(format!("Cannot index {} with object", kind(other))),
    }
}

pub(super) fn binary(operator: &str, left: &Json, right: &Json) -> Answer<Json> {
    let ordering = order::compare(left, right);
    let compared = match operator {
        "==" => Some(ordering == Ordering::Equal),
        "!=" => Some(ordering != Ordering::Equal),
        "<" => Some(ordering == Ordering::Less),
        "<=" => Some(ordering != Ordering::Greater),
        ">" => Some(ordering == Ordering::Greater),
        ">=" => Some(ordering != Ordering::Less),
        _ => None,
    };
    if let Some(holds) = compared {
        return Ok(Json::Bool(holds));
    }
    let verb = match operator {
        "+" => "added",
        "-" => "subtracted",
        "*" => "multiplied",
        _ => "divided",
    };
    match (operator, left, right) {
        ("+", Json::Null, other) | ("+", other, Json::Null) => Ok(other.clone()),
        ("+", Json::Text(a), Json::Text(b)) => Ok(Json::Text(a.clone() + b)),
        ("+", Json::List(a), Json::List(b)) => Ok(Json::List(a.iter().chain(b).cloned().collect())),
        ("+" | "*", Json::Object(a), Json::Object(b)) => {
            let mut object = a.clone();
            for (name, value) in b {
                put(&mut object, name, value.clone());
            }
            Ok(Json::Object(object))
        }
        ("-", Json::List(a), Json::List(b)) => {
            let gone = |item: &&Json| !b.iter().any(|other| order::compare(other, item) == Ordering::Equal);
            Ok(Json::List(a.iter().filter(gone).cloned().collect()))
        }
        ("/", Json::Text(a), Json::Text(b)) => Ok(split(a, b)),
        (_, Json::Number(_), Json::Number(_)) => {
            let (a, b) = (float(left).unwrap_or_default(), float(right).unwrap_or_default());
            if matches!(operator, "/" | "%") && b == 0.0 {
                return error(format!(
                    "{} and {} cannot be divided because the divisor is zero",
                    shown(left),
                    shown(right)
                ));
            }
            Ok(number(match operator {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "/" => a / b,
                _ => (a as i64).checked_rem(b as i64).unwrap_or_default() as f64,
            }))
        }
        _ => error(format!("{} and {} cannot be {verb}", shown(left), shown(right))),
    }
}

/// The parts of a text.
pub(super) fn split(text: &str, at: &str) -> Json {
    if text.is_empty() {
        return Json::List(Vec::new());
    }
    let parts: Vec<String> = if at.is_empty() {
        text.chars().map(String::from).collect()
    } else {
        text.split(at).map(str::to_owned).collect()
    };
    Json::List(parts.into_iter().map(Json::Text).collect())
}
