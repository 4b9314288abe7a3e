//! The structures of Docker's API behind the data: names, order and types of their fields, which decide how a template
//! prints them (moby 20.10.24, `api/types`; the client's own of `docker info` and `docker version`).
//!
//! A type is written as in Go: `string`, `*int`, `[]types.MountPoint`, `map[string]string`. `empty` is `struct{}`, and
//! `any` is a value out of plain JSON.

use crate::docker::json::Json;

/// One block a structure: its name, then a line for each field. A line is `NAME TYPE`, or `NAME:KEY TYPE` where the document
/// calls the field KEY. `+ TYPE` embeds a structure.
const TYPES: &str = include_str!("types.txt");
/// The type of what comes out of plain JSON.
pub(super) const ANY: &str = "any";
/// The type of what a map has not.
pub(super) const MISSING: &str = "missing";

/// A field of a structure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    /// Its name in the document.
    pub key: &'static str,
    pub go_type: &'static str,
    /// Its own fields are fields of the structure too.
    pub is_embedded: bool,
}

/// The fields of a structure in Go's order; `None` where the type is no structure.
pub(super) fn fields(go_type: &str) -> Option<impl Iterator<Item = Field>> {
    let block = TYPES.split("\n\n").find_map(|block| {
        let (name, fields) = block.split_once('\n')?;
        (name == go_type).then_some(fields)
    })?;
    Some(block.lines().filter_map(|line| {
        let (name, go_type) = line.split_once(' ')?;
        let (name, key) = name.split_once(':').unwrap_or((name, name));
        Some(Field { name, key, go_type, is_embedded: name == "+" })
    }))
}

/// Finds a field by its name in Go, in embedded structures too.
pub(super) fn field(go_type: &str, name: &str) -> Option<Field> {
    fields(go_type)?.find_map(|field| {
        if field.is_embedded {
            return self::field(pointed(field.go_type).unwrap_or(field.go_type), name);
        }
        (field.name == name).then_some(field)
    })
}

/// What a pointer points to.
pub(super) fn pointed(go_type: &'static str) -> Option<&'static str> {
    go_type.strip_prefix('*')
}

/// The type of a slice's or an array's items.
pub(super) fn item(go_type: &'static str) -> Option<&'static str> {
    go_type.starts_with('[').then(|| go_type.split_once(']').map(|(_, item)| item))?
}

/// The type of a map's values.
pub(super) fn value(go_type: &'static str) -> Option<&'static str> {
    go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')).map(|(_, value)| value)
}

/// The type of a map's keys.
pub(super) fn key(go_type: &'static str) -> Option<&'static str> {
    go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')).map(|(key, _)| key)
}

/// What a field holds where the document leaves it out.
pub(super) fn zero(go_type: &str) -> Json {
    match go_type {
        "string" => "".into(),
        "int" | "time.Duration" => 0.into(),
        "bool" => Json::Bool(false),
        "time.Time" => crate::oci::time::ZERO.into(),
        "empty" => Json::Object(Vec::new()),
        _ if fields(go_type).is_some() => Json::Object(Vec::new()),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The innermost type.
    fn core(go_type: &'static str) -> &'static str {
        pointed(go_type).or_else(|| value(go_type)).or_else(|| item(go_type)).map_or(go_type, core)
    }

    #[test]
    fn every_type_that_a_field_names_is_there() {
        let simple = ["string", "int", "bool", "any", "empty", "time.Time", "time.Duration", "units.Ulimit"];
        for block in TYPES.split("\n\n") {
            let name = block.lines().next().unwrap();
            let mut count = 0;
            for field in fields(name).unwrap() {
                count += 1;
                let inner = core(field.go_type);
                assert!(simple.contains(&inner) || fields(inner).is_some(), "{name}.{}: {inner}", field.name);
            }
            assert_eq!(count, block.trim_end().lines().count() - 1, "{name}");
        }
    }

    #[test]
    fn fields_are_found_where_they_are_embedded() {
        let found = field("types.ContainerJSON", "HostConfig").unwrap();
        assert_eq!((found.key, found.go_type), ("HostConfig", "*container.HostConfig"));
        let found = field("container.HostConfig", "NanoCPUs").unwrap();
        assert_eq!((found.key, found.go_type), ("NanoCpus", "int"));
        assert!(field("types.ContainerJSON", "Id").is_none());
    }
}
