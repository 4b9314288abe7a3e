//! What a filter is made of (jq(1)).

use super::super::json::Json;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// `.`
    Same,
    /// `..`
    All,
    /// `$name`
    Var(String),
    Literal(Json),
    /// `"…\(filter)…"`
    Text(Vec<Filter>),
    /// `f.name`, `f[filter]`
    At(Box<Filter>, Box<Filter>),
    /// `f[from:to]`
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    /// `f[]`
    Each(Box<Filter>),
    /// `f?`
    Try(Box<Filter>),
    /// `-f`
    Minus(Box<Filter>),
    /// `[f]`
    List(Option<Box<Filter>>),
    /// `{key: f}`
    Object(Vec<(Filter, Filter)>),
    /// `f | g`
    Pipe(Box<Filter>, Box<Filter>),
    /// `f, g`
    Both(Box<Filter>, Box<Filter>),
    /// `f as $name | g`
    As(Box<Filter>, String, Box<Filter>),
    /// `f + g` and its kin.
    Binary(&'static str, Box<Filter>, Box<Filter>),
    /// `if f then g else h end`
    If(Box<Filter>, Box<Filter>, Box<Filter>),
    /// `name(f; g)`
    Call(String, Vec<Filter>),
}
