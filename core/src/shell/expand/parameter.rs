//! Parameter expansion (2.6.2).

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::ast::*;
use crate::shell::code::Op;
use crate::shell::live::{Shell, Step};
use crate::shell::pattern::Pattern;

impl Shell<'_, '_> {
    /// Runs an instruction that expands a parameter.
    pub(super) fn parameter(&mut self, op: &Op) -> Step {
        let (value, quoted) = match op {
            Op::Value { name, quoted } if is_all(name) => {
                self.all_parameters(name, *quoted);
                return ControlFlow::Continue(());
            }
            Op::Value { name, quoted } => {
                let value = self.value(name);
                (self.required(name, value)?, *quoted)
            }
            Op::Length { name, quoted } if name.is_empty() || is_all(name) => {
                (self.state.params.len().to_string().into(), *quoted)
            }
            Op::Length { name, quoted } => {
                let value = self.value(name);
                let value = self.required(name, value)?;
                (String::from_utf8_lossy(&value).chars().count().to_string().into(), *quoted)
            }
            Op::Instead { name, when, act, quoted, end } => {
                self.instead(name, *when, *act, *quoted, *end);
                return ControlFlow::Continue(());
            }
            Op::Assign { name, quoted } => {
                let text = self.pop_text();
                self.assign(name, text.clone())?;
                (text, *quoted)
            }
            Op::Fail { name, when, empty } => {
                let mut text = self.pop_text();
                if *empty {
                    let unset = *when == When::Unset;
                    text = if unset { "parameter not set" } else { "parameter null or not set" }.into();
                }
                return self.abort(&[name, &b": "[..], &text].concat());
            }
            Op::Strip { name, suffix, longest, quoted } => {
                let pattern = self.pop_pattern();
                let value = self.value(name);
                let value = self.required(name, value)?;
                (strip(&value, &pattern, *suffix, *longest), *quoted)
            }
            Op::Replace { name, all, quoted } => {
                let with = self.pop_text();
                let pattern = self.pop_pattern();
                let value = self.value(name);
                let value = self.required(name, value)?;
                (replace(&value, &pattern, &with, *all), *quoted)
            }
            Op::Slice { name, length, quoted } => {
                let length = length.then(|| self.pop_number());
                let offset = self.pop_number();
                let value = self.value(name);
                let value = self.required(name, value)?;
                (slice(&value, offset, length), *quoted)
            }
            other => unreachable!("no instruction of a word: {other:?}"),
        };
        self.fields().expanded(&value, quoted);
        ControlFlow::Continue(())
    }

    /// Decides whether `${name:-word}` takes its word; otherwise the value is added, or nothing, and `end` comes next.
    fn instead(&mut self, name: &ByteString, when: When, act: Act, quoted: bool, end: usize) {
        if is_all(name) {
            if self.state.params.is_empty() != (act == Act::Use) {
                self.all_parameters(name, quoted);
                self.vm.pc = end;
            }
            return;
        }
        let value = self.value(name);
        if quoted {
            // In double quotes there is a field, however empty.
            self.fields().quoted(b"");
        }
        let missing = value.as_ref().is_none_or(|v| when == When::UnsetOrEmpty && v.is_empty());
        match (act, missing) {
            (Act::UseIfSet, false) | (Act::Use | Act::Assign | Act::Fail, true) => {}
            (Act::UseIfSet, true) => self.vm.pc = end,
            (_, false) => {
                self.fields().expanded(&value.unwrap_or_default(), quoted);
                self.vm.pc = end;
            }
        }
    }

    /// `$@` and `$*`.
    fn all_parameters(&mut self, name: &[u8], quoted: bool) {
        let params = self.state.params.clone();
        let star = name == b"*";
        let fields = self.fields();
        if quoted && star || !fields.splits() {
            let joiner: Vec<u8> = if star { fields.joiner().into_iter().collect() } else { b" ".to_vec() };
            let parts: Vec<&[u8]> = params.iter().map(ByteString::as_bytes).collect();
            fields.expanded(&parts.join(&joiner[..]), quoted);
            return;
        }
        for (at, param) in params.iter().enumerate() {
            if at > 0 {
                fields.next_field();
            }
            fields.expanded(param, quoted);
        }
    }

    /// The value of any parameter but `@` and `*`.
    fn value(&mut self, name: &[u8]) -> Option<ByteString> {
        let state = &*self.state;
        match name {
            b"?" => Some(state.status.to_string().into()),
            b"#" => Some(state.params.len().to_string().into()),
            b"$" => Some(self.state.pid.to_string().into()),
            b"!" => state.background.map(|pid| pid.to_string().into()),
            b"-" => Some(state.options.letters().collect::<String>().into()),
            b"0" => Some(state.name.clone()),
            [b'1'..=b'9', ..] => {
                let number: usize = std::str::from_utf8(name).ok()?.parse().ok()?;
                state.params.get(number - 1).cloned()
            }
            _ => state.get(name).cloned().or_else(|| self.special(name)),
        }
    }

    /// The value, or nothing; under `set -u` a missing one ends the command.
    fn required(&mut self, name: &[u8], value: Option<ByteString>) -> Step<ByteString> {
        match value {
            None if self.state.options.has('u') && !name.is_empty() => {
                let text: &[u8] = if self.is_bash() { b": unbound variable" } else { b": parameter not set" };
                self.abort(&[name, text].concat())
            }
            value => ControlFlow::Continue(value.unwrap_or_default()),
        }
    }
}

fn is_all(name: &[u8]) -> bool {
    matches!(name, b"@" | b"*")
}

fn strip(value: &[u8], pattern: &Pattern, suffix: bool, longest: bool) -> ByteString {
    let cuts: Vec<usize> = (0..=value.len()).collect();
    // A long prefix is a late cut, a long suffix an early one.
    let ordered: Box<dyn Iterator<Item = &usize>> =
        if suffix == longest { Box::new(cuts.iter()) } else { Box::new(cuts.iter().rev()) };
    for cut in ordered {
        let (head, tail) = value.split_at(*cut);
        if suffix && pattern.matches(tail) {
            return head.into();
        }
        if !suffix && pattern.matches(head) {
            return tail.into();
        }
    }
    value.into()
}

fn replace(value: &[u8], pattern: &Pattern, with: &[u8], all: bool) -> ByteString {
    let mut out = Vec::new();
    let mut at = 0;
    while at < value.len() {
        let found = (at + 1..=value.len()).rev().find(|end| pattern.matches(&value[at..*end]));
        match found {
            Some(end) => {
                out.extend_from_slice(with);
                at = end;
                if !all {
                    break;
                }
            }
            None => {
                out.push(value[at]);
                at += 1;
            }
        }
    }
    out.extend_from_slice(&value[at..]);
    out.into()
}

fn slice(value: &[u8], offset: i64, length: Option<i64>) -> ByteString {
    let text = String::from_utf8_lossy(value);
    let chars: Vec<char> = text.chars().collect();
    let count = chars.len() as i64;
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let end = match length {
        None => count,
        Some(length) if length < 0 => (count + length).max(start),
        Some(length) => start.saturating_add(length).min(count),
    };
    chars[start as usize..end as usize].iter().collect::<String>().into()
}
