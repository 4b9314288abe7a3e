//! The functions that templates may call: Go's own and those that Docker adds (`docker/cli/templates`).

use std::cmp::Ordering;

use super::types::{self, ANY, MISSING};
use super::value::Value;
use crate::docker::columns;
use crate::docker::json::Json;

/// Why a function gives no value.
#[derive(Debug)]
pub(super) enum Wrong {
    /// An argument, by its number, has a type that the function does not take.
    Argument(usize, String),
    /// The call failed.
    Call(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Argument(_, why) | Self::Call(why)) = self;
        f.write_str(why)
    }
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Self::Call(why)
    }
}

/// Functions of one type of argument, with that type.
fn takes(name: &str) -> Option<&'static str> {
    match name {
        "split" | "title" | "lower" | "upper" | "pad" | "truncate" => Some("string"),
        "join" => Some("[]string"),
        _ => None,
    }
}

const NAMES: [&str; 27] = [
    "call", "json", "split", "join", "title", "lower", "upper", "pad", "truncate", "println", "print",
    "printf", "index", "len", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "slice", "html",
    "urlquery", "js",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function.
pub(super) fn call(name: &str, args: &[Value]) -> Result<Value, Wrong> {
    if let (Some(wanted), Some(first)) = (takes(name), args.first()) {
        let got = first.type_name();
        if got != wanted {
            return Err(Wrong::Argument(0, format!("wrong type for value; expected {wanted}; got {got}")));
        }
    }
    let need = |least: usize| {
        if args.len() < least {
            Err(Wrong::Call(format!("wrong number of args for {name}: want {least} got {}", args.len())))
        } else {
            Ok(())
        }
    };
    Ok(match name {
        "call" => {
            need(1)?;
            return Err(Wrong::Call(format!("non-function of type {}", args[0].type_name())));
        }
        "print" => print(args).into(),
        "println" => format!("{}\n", args.iter().map(Value::shown).collect::<Vec<_>>().join(" ")).into(),
        "printf" => {
            need(1)?;
            printf(&args[0].shown(), &args[1..]).into()
        }
        "and" | "or" => {
            need(1)?;
            let stop = |value: &&Value| value.is_true() == (name == "or");
            args.iter().find(stop).or(args.last()).cloned().unwrap_or(Json::Null.into())
        }
        "not" => {
            need(1)?;
            Json::Bool(!args[0].is_true()).into()
        }
        "index" => {
            need(1)?;
            index(args)?
        }
        "len" => {
            need(1)?;
            length(args[0].clone())?
        }
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
            need(2)?;
            Json::Bool(compare(name, args)?).into()
        }
        "split" => {
            need(2)?;
            let (text, at) = (args[0].shown(), args[1].shown());
            // Go cuts at the empty text into characters.
            let parts = if at.is_empty() {
                text.chars().map(|c| Json::from(c.to_string())).collect()
            } else {
                text.split(&at).map(Json::from).collect()
            };
            Value::new(Json::List(parts), "[]string")
        }
        "join" => {
            need(2)?;
            let Json::List(items) = &args[0].json else { return Ok("".into()) };
            let texts: Vec<String> = items.iter().map(|item| Value::from(item.clone()).shown()).collect();
            texts.join(&args[1].shown()).into()
        }
        "truncate" => {
            need(2)?;
            args[0].shown().chars().take(number(&args[1]) as usize).collect::<String>().into()
        }
        "pad" => {
            need(3)?;
            let spaces = |value: &Value| " ".repeat(number(value).clamp(0, 1000) as usize);
            format!("{}{}{}", spaces(&args[1]), args[0].shown(), spaces(&args[2])).into()
        }
        "slice" => {
            need(1)?;
            slice(args)
        }
        _ => {
            need(1)?;
            let text = args[0].shown();
            match name {
                "json" => args[0].json.line().into(),
                "lower" => text.to_lowercase().into(),
                "upper" => text.to_uppercase().into(),
                "title" => title(&text).into(),
                "urlquery" => query(&text).into(),
                "js" => script(&text).into(),
                _ => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").into(),
            }
        }
    })
}

/// Go's `url.QueryEscape`.
fn query(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Go's `template.JSEscapeString`.
fn script(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

fn number(value: &Value) -> i64 {
    match &value.json {
        Json::Number(number) => number.as_i64().unwrap_or_default(),
        _ => 0,
    }
}

fn index(args: &[Value]) -> Result<Value, String> {
    let mut value = args[0].clone();
    if value.json == Json::Null && matches!(value.go_type, ANY | MISSING) && args.len() > 1 {
        return Err("index of untyped nil".to_owned());
    }
    for key in &args[1..] {
        if value.is_nil_pointer() || value.json == Json::Null && matches!(value.go_type, ANY | MISSING) {
            return Err("index of nil pointer".to_owned());
        }
        value = value.pointed();
        let (of_list, of_map) = (types::item(value.go_type), types::value(value.go_type));
        value = match (&value.json, &key.json) {
            (Json::List(_) | Json::Null, Json::Number(_)) if of_list.is_some() || value.go_type == ANY => {
                let at = number(key);
                let Json::List(items) = &value.json else {
                    return Err(format!("index out of range: {at}"));
                };
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                let item = item.cloned().ok_or_else(|| format!("index out of range: {at}"))?;
                Value::new(item, of_list.unwrap_or(ANY))
            }
            (Json::Text(text), Json::Number(_)) => {
                let at = number(key);
                let byte = usize::try_from(at).ok().and_then(|at| text.as_bytes().get(at));
                Value::of_go(i64::from(*byte.ok_or_else(|| format!("index out of range: {at}"))?).into())
            }
            (Json::Object(_) | Json::Null, _) if of_map.is_some() || value.go_type == ANY => {
                let of_key = types::key(value.go_type).unwrap_or("string");
                if of_key != key.type_name() && of_key != "string" {
                    return Err(format!("value has type {}; should be {of_key}", key.type_name()));
                }
                let go_type = of_map.unwrap_or(MISSING);
                match value.json.get(&key.shown()).cloned() {
                    Some(json) => Value::new(json, of_map.unwrap_or(ANY)),
                    None => Value::new(types::zero(go_type), go_type),
                }
            }
            _ => return Err(format!("can't index item of type {}", value.type_name())),
        };
    }
    Ok(value)
}

fn length(value: Value) -> Result<Value, String> {
    if value.is_nil_pointer() {
        return Err("len of nil pointer".to_owned());
    }
    let value = value.pointed();
    let length = match &value.json {
        Json::Text(text) => Some(text.len()),
        _ => value.clone().items().map(|items| items.len()),
    };
    let length = length.ok_or_else(|| format!("len of type {}", value.type_name()))?;
    Ok(Value::of_go((length as i64).into()))
}

fn compare(name: &str, args: &[Value]) -> Result<bool, String> {
    let order = |a: &Value, b: &Value| -> Result<Option<Ordering>, String> {
        // A number of a document is a text in Go (`json.Number`), which a text of the template can equal.
        let is_text = |value: &Value| value.go_type == ANY && matches!(value.json, Json::Number(_));
        match (&a.json, &b.json) {
            (Json::Number(n), Json::Text(text)) if is_text(a) => Ok(Some(n.to_string().cmp(text))),
            (Json::Text(text), Json::Number(n)) if is_text(b) => Ok(Some(text.as_str().cmp(&n.to_string()))),
            (Json::Number(_), Json::Number(_)) if a.type_name() != b.type_name() => {
                Err("incompatible types for comparison".to_owned())
            }
            (Json::Number(a), Json::Number(b)) => Ok(a.as_f64().partial_cmp(&b.as_f64())),
            (Json::Text(a), Json::Text(b)) => Ok(Some(a.cmp(b))),
            (Json::Bool(a), Json::Bool(b)) => Ok(Some(a.cmp(b))),
            (Json::Null, Json::Null) => Ok(Some(Ordering::Equal)),
            _ => Err("incompatible types for comparison".to_owned()),
        }
    };
    if name == "eq" {
        for other in &args[1..] {
            if order(&args[0], other)? == Some(Ordering::Equal) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let order = order(&args[0], &args[1])?;
    Ok(order.is_some_and(|order| match name {
        "ne" => order.is_ne(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn slice(args: &[Value]) -> Value {
    let bound = |at: usize, default: usize| {
        args.get(at).map_or(default, |v| (number(v).max(0) as usize).min(default))
    };
    let json = match &args[0].json {
        Json::Text(text) => {
            let (from, to) = (bound(1, text.len()), bound(2, text.len()));
            let from = if args.len() > 1 { from } else { 0 };
            text.get(from..to).unwrap_or_default().into()
        }
        Json::List(items) => {
            let (from, to) = (if args.len() > 1 { bound(1, items.len()) } else { 0 }, bound(2, items.len()));
            Json::List(items.get(from..to).unwrap_or_default().to_vec())
        }
        _ => Json::Null,
    };
    Value::new(json, args[0].go_type)
}

/// Go's `fmt.Sprint`: a space between two operands where neither is a string.
fn print(args: &[Value]) -> String {
    let mut text = String::new();
    for (at, value) in args.iter().enumerate() {
        let is_text = |value: &Value| matches!(value.json, Json::Text(_));
        if at > 0 && !is_text(value) && !is_text(&args[at - 1]) {
            text.push(' ');
        }
        text.push_str(&value.shown());
    }
    text
}

/// One operand by one verb of `printf`; what does not go together says so, as Go does.
fn verb_text(verb: char, precision: Option<usize>, value: &Value) -> String {
    let cut = |text: String| match precision {
        Some(count) => text.chars().take(count).collect(),
        None => text,
    };
    match (verb, &value.json) {
        ('v', _) => value.shown(),
        ('s', Json::Text(text)) => cut(text.clone()),
        ('s', Json::List(_) | Json::Object(_)) => value.shown(),
        ('q', Json::Text(text)) => columns::quote(text),
        ('q', Json::List(items)) => {
            format!(
                "[{}]",
                items
                    .iter()
                    .map(|item| columns::quote(&Value::from(item.clone()).shown()))
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        }
        ('d', Json::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
        ('x' | 'X', Json::Number(_)) => {
            let text = format!("{:x}", number(value));
            if verb == 'X' { text.to_uppercase() } else { text }
        }
        ('x' | 'X', Json::Text(text)) => {
            let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
            if verb == 'X' { hex.to_uppercase() } else { hex }
        }
        ('o', Json::Number(_)) => format!("{:o}", number(value)),
        ('b', Json::Number(_)) => format!("{:b}", number(value)),
        ('f', Json::Number(number)) => {
            format!("{:.*}", precision.unwrap_or(6), number.as_f64().unwrap_or_default())
        }
        ('t', Json::Bool(value)) => value.to_string(),
        ('T', _) => value.type_name().to_owned(),
        (verb, Json::Null) if value.go_type == ANY => format!("%!{verb}(<nil>)"),
        (verb, _) => format!("%!{verb}({}={})", value.type_name(), value.shown()),
    }
}

fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|c| {
            let upper = if start { c.to_ascii_uppercase() } else { c };
            start = !c.is_alphanumeric() && c != '_' && c != '\'';
            upper
        })
        .collect()
}

/// Go's `fmt.Sprintf` with the verbs that templates use, width and precision.
fn printf(format: &str, args: &[Value]) -> String {
    let mut out = String::new();
    let mut args = args.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"-.+ #".contains(c)).unwrap_or(rest.len());
        let (width, precision) = match rest[..end].split_once('.') {
            Some((width, digits)) => (width, Some(digits.parse().unwrap_or(0usize).min(1000))),
            None => (&rest[..end], None),
        };
        let Some(verb) = rest[end..].chars().next() else {
            out.push_str("%!(NOVERB)");
            return out;
        };
        rest = &rest[end + verb.len_utf8()..];
        if verb == '%' {
            out.push('%');
            continue;
        }
        let text = match args.next() {
            None => format!("%!{verb}(MISSING)"),
            Some(value) => verb_text(verb, precision, value),
        };
        let size =
            width.trim_start_matches(['-', '0', '+', ' ', '#']).parse::<usize>().unwrap_or(0).min(1000);
        let zeros = width.starts_with('0') && verb != 's' && verb != 'q';
        let pad = if zeros { "0" } else { " " }.repeat(size.saturating_sub(text.chars().count()));
        let parts = if width.starts_with('-') { [text, pad] } else { [pad, text] };
        out.extend(parts);
    }
    out.push_str(rest);
    let extra: Vec<String> = args.map(|value| format!("{}={}", value.type_name(), value.shown())).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}
