//! A value of a template: data with the type that Go has for it, and how Go prints it.

use super::types::{self, ANY, MISSING, fields};
use crate::docker::json::Json;
use crate::oci::{Digest, time};

/// Data and its type.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub json: Json,
    pub go_type: &'static str,
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Self { json, go_type: ANY }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Json::Text(text).into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Json::from(text).into()
    }
}

impl Value {
    /// A value that a template spells, or that a function gives.
    pub(super) fn of_go(json: Json) -> Self {
        let go_type = match &json {
            Json::Bool(_) => "bool",
            Json::Number(number) if number.is_i64() || number.is_u64() => "int",
            Json::Number(_) => "float64",
            Json::Text(_) => "string",
            _ => ANY,
        };
        Self { json, go_type }
    }

    pub(super) fn new(json: Json, go_type: &'static str) -> Self {
        Self { json, go_type }
    }

    /// The value behind a pointer; the value itself where it is none or points nowhere.
    pub(super) fn pointed(self) -> Self {
        match types::pointed(self.go_type) {
            Some(go_type) if self.json != Json::Null => Self { go_type, ..self },
            _ => self,
        }
    }

    /// Whether this is a pointer to nothing.
    pub(super) fn is_nil_pointer(&self) -> bool {
        self.json == Json::Null && types::pointed(self.go_type).is_some()
    }

    /// What `{{.Field}}` prints.
    pub(super) fn printed(&self) -> String {
        match (&self.json, self.go_type) {
            (Json::Null, ANY | MISSING) => "<no value>".to_owned(),
            _ => self.clone().pointed().shown(),
        }
    }

    /// Go's `%v`.
    pub(super) fn shown(&self) -> String {
        match types::pointed(self.go_type) {
            // A pointer to a structure that is printed itself.
            Some(go_type) if self.json != Json::Null && fields(go_type).is_some() => {
                format!("&{}", show(&self.json, go_type))
            }
            _ => show(&self.json, self.go_type),
        }
    }

    /// Whether Go takes the value for true: not zero, not empty.
    pub(super) fn is_true(&self) -> bool {
        match &self.json {
            Json::Null => false,
            Json::Bool(value) => *value,
            Json::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
            Json::Text(text) => !text.is_empty(),
            Json::List(items) => !items.is_empty(),
            // A structure always is.
            Json::Object(members) => {
                !members.is_empty() || types::value(self.go_type).is_none() && self.go_type != ANY
            }
        }
    }

    /// Go's name for the type.
    pub(super) fn type_name(&self) -> &'static str {
        match (self.go_type, &self.json) {
            (ANY, Json::Null) => "nil",
            (ANY, Json::Bool(_)) => "bool",
            (ANY, Json::Number(_)) => "json.Number",
            (ANY, Json::Text(_)) => "string",
            (ANY, Json::List(_)) => "[]interface {}",
            (ANY, Json::Object(_)) => "map[string]interface {}",
            ("empty", _) => "struct {}",
            ("map[nat.Port]empty", _) => "nat.PortSet",
            ("map[nat.Port][]nat.PortBinding", _) => "nat.PortMap",
            ("map[string]empty", _) => "map[string]struct {}",
            (name, _) => name,
        }
    }

    /// The items of a list or of a map, in Go's order, with their keys; `None` for anything else.
    pub(super) fn items(self) -> Option<Vec<(Self, Self)>> {
        let of_list = types::item(self.go_type);
        let of_map = types::value(self.go_type);
        match self.json {
            Json::List(items) => {
                let go_type = of_list.unwrap_or(ANY);
                let item = |(at, json)| (Self::of_go((at as i64).into()), Self { json, go_type });
                Some(items.into_iter().enumerate().map(item).collect())
            }
            Json::Object(mut members) if of_map.is_some() || self.go_type == ANY => {
                let of_key = types::key(self.go_type).unwrap_or("string");
                let go_type = of_map.unwrap_or(ANY);
                members.sort_by(|a, b| a.0.cmp(&b.0));
                let item =
                    |(key, json): (String, Json)| (Self::new(key.into(), of_key), Self { json, go_type });
                Some(members.into_iter().map(item).collect())
            }
            Json::Null if of_list.is_some() || of_map.is_some() || self.go_type == ANY => Some(Vec::new()),
            _ => None,
        }
    }
}

fn show(json: &Json, go_type: &'static str) -> String {
    if go_type == "empty" {
        return "{}".to_owned();
    }
    if let Some(fields) = fields(go_type) {
        let members: Vec<String> = fields
            .map(|field| match (types::pointed(field.go_type), json.get(field.key)) {
                (Some(_), _) if field.is_embedded => address(json),
                (None, _) if field.is_embedded => show(json, field.go_type),
                (_, found) => inner(found.unwrap_or(&Json::Null), field.go_type),
            })
            .collect();
        return format!("{{{}}}", members.join(" "));
    }
    let (of_list, of_map) = (types::item(go_type), types::value(go_type));
    match json {
        Json::Null if of_list.is_some() => "[]".to_owned(),
        Json::Null if of_map.is_some() => "map[]".to_owned(),
        Json::Null => match types::zero(go_type) {
            Json::Null => "<nil>".to_owned(),
            zero => show(&zero, go_type),
        },
        Json::Bool(value) => value.to_string(),
        Json::Number(number) if go_type == "time.Duration" => span(number.as_i64().unwrap_or_default()),
        Json::Number(number) => number.to_string(),
        Json::Text(text) if go_type == "time.Time" => moment(text),
        Json::Text(text) => text.clone(),
        Json::List(items) => {
            let item = of_list.unwrap_or(ANY);
            format!("[{}]", items.iter().map(|json| inner(json, item)).collect::<Vec<_>>().join(" "))
        }
        Json::Object(members) => {
            let value = of_map.unwrap_or(ANY);
            let mut members: Vec<&(String, Json)> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let pairs: Vec<String> =
                members.iter().map(|(key, json)| format!("{key}:{}", inner(json, value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

/// A value within another one: a pointer is an address there, but for a type that says how it is printed.
fn inner(json: &Json, go_type: &'static str) -> String {
    match types::pointed(go_type) {
        Some("units.Ulimit") => {
            let part = |name| json.get(name).map(|json| show(json, ANY)).unwrap_or_default();
            format!("{}={}:{}", part("Name"), part("Soft"), part("Hard"))
        }
        Some(_) if *json != Json::Null => address(json),
        _ => show(json, go_type),
    }
}

/// An address as Go's heap has them; the same for the same data.
fn address(json: &Json) -> String {
    let hash = Digest::of(json.line().as_bytes()).hex();
    format!("0xc000{}0", &hash[..5])
}

/// Go's `time.Time.String` for a time in UTC.
fn moment(text: &str) -> String {
    let Some(time) = time::parse(text) else { return text.to_owned() };
    let text = time::format(time);
    let (date, clock) = text.trim_end_matches('Z').split_once('T').unwrap_or((&text, ""));
    format!("{date} {clock} +0000 UTC")
}

/// Go's `time.Duration.String`.
fn span(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let decimal = |unit: u64, digits: usize| {
        let rest = format!("{:0digits$}", total % unit);
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        format!("{point}{rest}")
    };
    let seconds = total / 1_000_000_000;
    let text = match () {
        () if total == 0 => "0s".to_owned(),
        () if total < 1000 => format!("{total}ns"),
        () if total < 1_000_000 => format!("{}{}µs", total / 1000, decimal(1000, 3)),
        () if seconds == 0 => format!("{}{}ms", total / 1_000_000, decimal(1_000_000, 6)),
        () => {
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let hours_text = if hours > 0 { format!("{hours}h") } else { String::new() };
            let minutes_text = if seconds >= 60 { format!("{minutes}m") } else { String::new() };
            format!("{hours_text}{minutes_text}{}{}s", seconds % 60, decimal(1_000_000_000, 9))
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn spans_are_go_s() {
        for (span, want) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (2_000_000, "2ms"),
            (1_500_000_000, "1.5s"),
            (30_000_000_000, "30s"),
            (60_000_000_000, "1m0s"),
            (3_600_000_000_000, "1h0m0s"),
            (-5_400_000_000_000, "-1h30m0s"),
        ] {
            assert_eq!(super::span(span), want);
        }
    }
}
