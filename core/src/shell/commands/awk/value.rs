//! Values of awk: texts, numbers, and input that is both where it looks like a number (POSIX, `awk`, "Expressions in awk").

use super::lex::number_length;
use crate::shell::commands::printf::{float, once};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Never set: an empty text and zero.
    Unset,
    Number(f64),
    Text(Vec<u8>),
    /// Input that looks like a number.
    Both(Vec<u8>, f64),
}

impl Value {
    /// A piece of input.
    pub(super) fn input(text: &[u8]) -> Self {
        let trimmed = text.trim_ascii();
        if !trimmed.is_empty() && number_length(trimmed) == trimmed.len() {
            return Self::Both(text.to_vec(), number(trimmed));
        }
        Self::Text(text.to_vec())
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(number) | Self::Both(_, number) => *number,
            Self::Text(text) => number(text),
        }
    }

    /// As text; `format` is that of numbers with a fraction, `%.6g` as a rule.
    pub(super) fn text(&self, format: &[u8]) -> Vec<u8> {
        match self {
            Self::Unset => Vec::new(),
            Self::Text(text) | Self::Both(text, _) => text.clone(),
            Self::Number(number) => shown(*number, format),
        }
    }

    /// How many bytes it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Unset | Self::Number(_) => 8,
            Self::Text(text) | Self::Both(text, _) => text.len(),
        }
    }

    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Unset => false,
            Self::Number(number) | Self::Both(_, number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// Whether it is compared as a number.
    pub(super) fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }
}

/// The number that a text begins with.
fn number(text: &[u8]) -> f64 {
    let text = text.trim_ascii_start();
    String::from_utf8_lossy(&text[..number_length(text)]).parse().unwrap_or(0.0)
}

fn shown(number: f64, format: &[u8]) -> Vec<u8> {
    if number.fract() == 0.0 && number.abs() < 1e16 {
        return format!("{}", number as i64).into_bytes();
    }
    if !number.is_finite() {
        return format!("{number}").to_lowercase().into_bytes();
    }
    if format != b"%.6g" {
        return once(format, vec![number.to_string().into_bytes()]);
    }
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", float(number.abs(), b'g', 6)).into_bytes()
}
