//! The functions that templates may call: Go's own and those that Docker adds (`docker/cli/templates`).

use std::cmp::Ordering;

use crate::docker::columns;
use crate::docker::json::Json;

const NAMES: [&str; 26] = [
    "json", "split", "join", "title", "lower", "upper", "pad", "truncate", "println", "print", "printf",
    "index", "len", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "slice", "html", "urlquery",
    "js",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function; an error is the part of Go's text behind `error calling NAME: `.
pub(super) fn call(name: &str, args: &[Json]) -> Result<Json, String> {
    let need = |least: usize| {
        if args.len() < least {
            Err(format!("wrong number of args for {name}: want {least} got {}", args.len()))
        } else {
            Ok(())
        }
    };
    Ok(match name {
        "print" => print(args).into(),
        "println" => format!("{}\n", args.iter().map(show).collect::<Vec<_>>().join(" ")).into(),
        "printf" => {
            need(1)?;
            printf(&show(&args[0]), &args[1..]).into()
        }
        "and" | "or" => {
            need(1)?;
            let stop = |value: &&Json| truth(value) == (name == "or");
            args.iter().find(stop).or(args.last()).cloned().unwrap_or(Json::Null)
        }
        "not" => {
            need(1)?;
            Json::Bool(!truth(&args[0]))
        }
        "index" => {
            need(1)?;
            index(args)?
        }
        "len" => {
            need(1)?;
            length(&args[0])?
        }
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
            need(2)?;
            compare(name, args)?
        }
        "split" => {
            need(2)?;
            let (text, at) = (show(&args[0]), show(&args[1]));
            // Go cuts at the empty text into characters.
            if at.is_empty() {
                Json::List(text.chars().map(|c| Json::from(c.to_string())).collect())
            } else {
                Json::List(text.split(&at).map(Json::from).collect())
            }
        }
        "join" => {
            need(2)?;
            match &args[0] {
                Json::List(items) => items.iter().map(show).collect::<Vec<_>>().join(&show(&args[1])).into(),
                Json::Null => "".into(),
                other => {
                    return Err(format!("wrong type for value; expected []string; got {}", type_name(other)));
                }
            }
        }
        "truncate" => {
            need(2)?;
            show(&args[0]).chars().take(number(&args[1]) as usize).collect::<String>().into()
        }
        "pad" => {
            need(3)?;
            let spaces = |value: &Json| " ".repeat(number(value).clamp(0, 1000) as usize);
            format!("{}{}{}", spaces(&args[1]), show(&args[0]), spaces(&args[2])).into()
        }
        "slice" => {
            need(1)?;
            slice(args)
        }
        _ => {
            need(1)?;
            let text = show(&args[0]);
            match name {
                "json" => args[0].line().into(),
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

/// How Go prints a value with `%v`.
pub(super) fn show(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
        Json::Text(text) => text.clone(),
        Json::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Json::Object(fields) => {
            let mut pairs: Vec<String> = fields.iter().map(|(k, v)| format!("{k}:{}", show(v))).collect();
            pairs.sort();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

/// Whether Go takes a value for true: not zero, not empty.
pub(super) fn truth(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
        Json::Text(text) => !text.is_empty(),
        Json::List(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
    }
}

/// Go's name for the type of a value that came out of JSON.
pub(super) fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "nil",
        Json::Bool(_) => "bool",
        Json::Number(_) => "float64",
        Json::Text(_) => "string",
        Json::List(_) => "[]interface {}",
        Json::Object(_) => "map[string]interface {}",
    }
}

fn number(value: &Json) -> i64 {
    match value {
        Json::Number(number) => number.as_i64().unwrap_or_default(),
        _ => 0,
    }
}

fn index(args: &[Json]) -> Result<Json, String> {
    let mut value = args[0].clone();
    for key in &args[1..] {
        value = match (&value, key) {
            (Json::List(items), Json::Number(_)) => {
                let at = number(key);
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                item.cloned().ok_or_else(|| {
                    format!("reflect: slice index out of range: {at}").replace("reflect: slice ", "")
                })?
            }
            (Json::Object(_), key) => value.get(&show(key)).cloned().unwrap_or_else(|| "".into()),
            (Json::Null, _) => return Err("index of nil pointer".to_owned()),
            (other, _) => return Err(format!("can't index item of type {}", type_name(other))),
        };
    }
    Ok(value)
}

fn length(value: &Json) -> Result<Json, String> {
    let length = match value {
        Json::Text(text) => text.len(),
        Json::List(items) => items.len(),
        Json::Object(fields) => fields.len(),
        Json::Null => 0,
        other => return Err(format!("len of type {}", type_name(other))),
    };
    Ok((length as i64).into())
}

fn compare(name: &str, args: &[Json]) -> Result<Json, String> {
    let order = |a: &Json, b: &Json| -> Result<Option<Ordering>, String> {
        match (a, b) {
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
                return Ok(Json::Bool(true));
            }
        }
        return Ok(Json::Bool(false));
    }
    let order = order(&args[0], &args[1])?;
    Ok(Json::Bool(order.is_some_and(|order| match name {
        "ne" => order.is_ne(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    })))
}

fn slice(args: &[Json]) -> Json {
    let bound = |at: usize, default: usize| {
        args.get(at).map_or(default, |v| (number(v).max(0) as usize).min(default))
    };
    match &args[0] {
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
    }
}

/// Go's `fmt.Sprint`: a space between two operands where neither is a string.
fn print(args: &[Json]) -> String {
    let mut text = String::new();
    for (at, value) in args.iter().enumerate() {
        let is_text = |value: &Json| matches!(value, Json::Text(_));
        if at > 0 && !is_text(value) && !is_text(&args[at - 1]) {
            text.push(' ');
        }
        text.push_str(&show(value));
    }
    text
}

/// One operand by one verb of `printf`; what does not go together says so, as Go does.
fn verb_text(verb: char, precision: Option<usize>, value: &Json) -> String {
    let cut = |text: String| match precision {
        Some(count) => text.chars().take(count).collect(),
        None => text,
    };
    match (verb, value) {
        ('v', _) => show(value),
        ('s', Json::Text(text)) => cut(text.clone()),
        ('s', Json::List(_) | Json::Object(_)) => show(value),
        ('q', Json::Text(text)) => columns::quote(text),
        ('q', Json::List(items)) => {
            format!(
                "[{}]",
                items.iter().map(|item| columns::quote(&show(item))).collect::<Vec<_>>().join(" ")
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
        ('T', _) => go_name(value).to_owned(),
        (verb, Json::Null) => format!("%!{verb}(<nil>)"),
        (verb, value) => format!("%!{verb}({}={})", go_name(value), show(value)),
    }
}

/// The type that the value has in Docker's own structures.
fn go_name(value: &Json) -> &'static str {
    match value {
        Json::Number(number) if number.is_i64() || number.is_u64() => "int",
        Json::List(_) => "[]string",
        other => type_name(other),
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
fn printf(format: &str, args: &[Json]) -> String {
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
    let extra: Vec<String> = args.map(|value| format!("{}={}", go_name(value), show(value))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}
