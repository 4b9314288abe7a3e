//! Parameter expansion (2.6.2).

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::ast::*;
use crate::shell::code::{Of, Op, Which};
use crate::shell::live::{Shell, Step};
use crate::shell::pattern::Pattern;

impl Shell<'_, '_> {
    /// Runs an instruction that expands a parameter.
    pub(super) fn parameter(&mut self, op: &Op) -> Step {
        let (values, of, quoted) = match op {
            Op::Value { of, quoted } => (self.values_of(of)?, of, *quoted),
            Op::Length { of, quoted } if of.name.is_empty() => {
                (Values::one(self.state.params.len().to_string()), of, *quoted)
            }
            Op::Length { of, quoted } => {
                let length = match self.values_of(of)? {
                    Values::All(list) => list.len(),
                    Values::One(value) => {
                        let value = self.required(&of.name, value)?;
                        String::from_utf8_lossy(&value).chars().count()
                    }
                };
                (Values::one(length.to_string()), &ONLY, *quoted)
            }
            Op::Keys { of, quoted } => {
                let array = self.state.vars.get(&of.name).and_then(|var| var.array.as_ref());
                let keys = array.map(|array| array.keys());
                let is_set = self.state.get(&of.name).is_some();
                (
                    Values::All(keys.unwrap_or_else(|| is_set.then(|| "0".into()).into_iter().collect())),
                    of,
                    *quoted,
                )
            }
            Op::Indirect { of, quoted } => {
                let value = self.values_of(of)?.first();
                let name = self.required(&of.name, value)?;
                (Values::One(self.value(&name)), &ONLY, *quoted)
            }
            Op::Instead { of, when, act, quoted, end } => {
                return self.instead(of, *when, *act, *quoted, *end);
            }
            Op::Assign { of, quoted } => {
                let subscript = (of.which == Which::Element).then(|| self.pop_text());
                let text = self.pop_text();
                match subscript {
                    Some(subscript) => {
                        let key = self.key(&of.name, &subscript)?;
                        self.assign_element(&of.name, &key, text.clone(), false)?;
                    }
                    None => self.assign(&of.name, text.clone())?,
                }
                (Values::One(Some(text)), &ONLY, *quoted)
            }
            Op::Fail { name, when, empty } => {
                let mut text = self.pop_text();
                if *empty {
                    let unset = *when == When::Unset;
                    text = if unset { "parameter not set" } else { "parameter null or not set" }.into();
                }
                return self.abort(&[name, &b": "[..], &text].concat());
            }
            Op::Strip { of, suffix, longest, quoted } => {
                let pattern = self.pop_pattern();
                let values = self.values_of(of)?;
                (values.each(|value| strip(value, &pattern, *suffix, *longest)), of, *quoted)
            }
            Op::Replace { of, at, quoted } => {
                let with = self.pop_text();
                let pattern = self.pop_pattern();
                let values = self.values_of(of)?;
                (values.each(|value| replace(value, &pattern, &with, *at)), of, *quoted)
            }
            Op::Case { of, upper, all, quoted } => {
                (self.values_of(of)?.each(|value| cased(value, *upper, *all)), of, *quoted)
            }
            Op::Slice { of, length, quoted } => {
                let length = length.then(|| self.pop_number());
                let offset = self.pop_number();
                let values = match self.values_of(of)? {
                    Values::All(mut list) => {
                        if of.name == "@" || of.name == "*" {
                            // `${@:0}` begins with the shell's own name.
                            list.insert(0, self.state.name.clone());
                        }
                        let (start, end) = bounds(list.len(), offset, length);
                        Values::All(list.drain(start..end).collect())
                    }
                    one @ Values::One(_) => one.each(|value| slice(value, offset, length)),
                };
                (values, of, *quoted)
            }
            other => unreachable!("no instruction of a word: {other:?}"),
        };
        match values {
            Values::All(list) => self.all_values(&list, of.which, quoted),
            Values::One(value) => {
                let value = self.required(&of.name, value)?;
                self.fields().expanded(&value, quoted);
            }
        }
        ControlFlow::Continue(())
    }

    /// The values that are meant; the subscript of an element is taken from the stack.
    fn values_of(&mut self, of: &Of) -> Step<Values> {
        ControlFlow::Continue(match of.which {
            Which::Only => Values::One(self.value(&of.name)),
            Which::Element => {
                let subscript = self.pop_text();
                let key = self.key(&of.name, &subscript)?;
                let var = self.state.vars.get(&of.name);
                Values::One(match var.and_then(|var| var.array.as_ref()) {
                    Some(array) => array.get(&key).cloned(),
                    None if key == "0" => self.value(&of.name),
                    None => None,
                })
            }
            Which::Each | Which::Joined if is_all(&of.name) => Values::All(self.state.params.clone()),
            Which::Each | Which::Joined => {
                let var = self.state.vars.get(&of.name);
                Values::All(match var.and_then(|var| var.array.as_ref()) {
                    Some(array) => array.values(),
                    None => self.value(&of.name).into_iter().collect(),
                })
            }
        })
    }

    /// Decides whether `${name:-word}` takes its word; otherwise the value is added, or nothing, and `end` comes next.
    fn instead(&mut self, of: &Of, when: When, act: Act, quoted: bool, end: usize) -> Step {
        let value = match self.values_of(of)? {
            Values::All(list) => {
                if list.is_empty() != (act == Act::Use) {
                    self.all_values(&list, of.which, quoted);
                    self.vm.pc = end;
                }
                return ControlFlow::Continue(());
            }
            Values::One(value) => value,
        };
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
        ControlFlow::Continue(())
    }

    /// All of several values: `$@` and `$*`.
    fn all_values(&mut self, list: &[ByteString], which: Which, quoted: bool) {
        let star = which == Which::Joined;
        let fields = self.fields();
        if quoted && star || !fields.splits() {
            let joiner: Vec<u8> = if star { fields.joiner().into_iter().collect() } else { b" ".to_vec() };
            let parts: Vec<&[u8]> = list.iter().map(ByteString::as_bytes).collect();
            fields.expanded(&parts.join(&joiner[..]), quoted);
            return;
        }
        for (at, value) in list.iter().enumerate() {
            if at > 0 {
                fields.next_field();
            }
            fields.expanded(value, quoted);
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

/// What a parameter stands for.
enum Values {
    One(Option<ByteString>),
    All(Vec<ByteString>),
}

impl Values {
    fn one(text: String) -> Self {
        Self::One(Some(text.into()))
    }

    /// What the work makes of each; what is not there stays so.
    fn each(self, work: impl Fn(&[u8]) -> ByteString) -> Self {
        match self {
            Self::One(value) => Self::One(value.map(|value| work(&value))),
            Self::All(list) => Self::All(list.iter().map(|value| work(value)).collect()),
        }
    }

    fn first(self) -> Option<ByteString> {
        match self {
            Self::One(value) => value,
            Self::All(list) => list.into_iter().next(),
        }
    }
}

/// What was computed and is nobody's.
static ONLY: Of = Of { name: ByteString::new(), which: Which::Only };

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

fn replace(value: &[u8], pattern: &Pattern, with: &[u8], spot: Spot) -> ByteString {
    if matches!(spot, Spot::Start | Spot::End) {
        let longest = strip(value, pattern, spot == Spot::End, true);
        if longest.len() == value.len() && !pattern.matches(b"") {
            return value.into();
        }
        let parts = if spot == Spot::Start { [with, &longest[..]] } else { [&longest[..], with] };
        return parts.concat().into();
    }
    let mut out = Vec::new();
    let mut at = 0;
    while at < value.len() {
        let found = (at + 1..=value.len()).rev().find(|end| pattern.matches(&value[at..*end]));
        match found {
            Some(end) => {
                out.extend_from_slice(with);
                at = end;
                if spot != Spot::All {
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
    let (start, end) = bounds(chars.len(), offset, length);
    chars[start..end].iter().collect::<String>().into()
}

/// Where a slice of so many things begins and ends; numbers below 0 count from the end.
fn bounds(count: usize, offset: i64, length: Option<i64>) -> (usize, usize) {
    let count = count as i64;
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let end = match length {
        None => count,
        Some(length) if length < 0 => (count + length).max(start),
        Some(length) => start.saturating_add(length).min(count),
    };
    (start as usize, end as usize)
}

/// In capital or small letters: all, or the first one.
fn cased(value: &[u8], upper: bool, all: bool) -> ByteString {
    let text = String::from_utf8_lossy(value);
    let turned = |text: &str| if upper { text.to_uppercase() } else { text.to_lowercase() };
    let first = if all { text.len() } else { text.chars().next().map_or(0, char::len_utf8) };
    (turned(&text[..first]) + &text[first..]).into()
}
