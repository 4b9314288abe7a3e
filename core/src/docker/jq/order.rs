//! The order of values (jq(1), `sort`).

use std::cmp::Ordering;

use super::super::json::Json;

/// What is still to be compared.
enum Open<'a> {
    Values(&'a Json, &'a Json),
    /// Decides where all before it was equal.
    Then(Ordering),
}

/// null, false, true, numbers, strings, arrays, objects; objects by their names first.
pub(super) fn compare(left: &Json, right: &Json) -> Ordering {
    // The next one stands last.
    let mut open = vec![Open::Values(left, right)];
    while let Some(next) = open.pop() {
        let ordering = match next {
            Open::Then(ordering) => ordering,
            Open::Values(Json::Number(a), Json::Number(b)) => {
                a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)
            }
            Open::Values(Json::Text(a), Json::Text(b)) => a.cmp(b),
            Open::Values(Json::List(a), Json::List(b)) => {
                open.push(Open::Then(a.len().cmp(&b.len())));
                open.extend(a.iter().zip(b).rev().map(|(a, b)| Open::Values(a, b)));
                Ordering::Equal
            }
            Open::Values(Json::Object(a), Json::Object(b)) => {
                let (x, y) = (by_name(a), by_name(b));
                open.extend(x.iter().zip(&y).rev().map(|(x, y)| Open::Values(&x.1, &y.1)));
                x.iter().map(|field| &field.0).cmp(y.iter().map(|field| &field.0))
            }
            Open::Values(left, right) => rank(left).cmp(&rank(right)),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// The fields of an object, sorted.
pub(super) fn by_name(fields: &[(String, Json)]) -> Vec<&(String, Json)> {
    let mut fields: Vec<&(String, Json)> = fields.iter().collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields
}

fn rank(value: &Json) -> u8 {
    match value {
        Json::Null => 0,
        Json::Bool(false) => 1,
        Json::Bool(true) => 2,
        Json::Number(_) => 3,
        Json::Text(_) => 4,
        Json::List(_) => 5,
        Json::Object(_) => 6,
    }
}
