//! Parameter expansion (2.6.2).

use std::ops::ControlFlow;

use super::fields::Fields;
use crate::kernel::ByteString;
use crate::shell::ast::*;
use crate::shell::live::{Shell, Step};
use crate::shell::pattern::Pattern;

impl Shell<'_, '_> {
    pub(super) fn parameter(&mut self, parameter: &Parameter, quoted: bool, fields: &mut Fields) -> Step<()> {
        let name = &parameter.name[..];
        if matches!(name, b"@" | b"*") && parameter.operation != Operation::Length {
            return self.all_parameters(parameter, quoted, fields);
        }
        let value = self.value(name);
        let value = match &parameter.operation {
            Operation::Length if name.is_empty() => Some(self.state.params.len().to_string().into()),
            Operation::Length if matches!(name, b"@" | b"*") => {
                Some(self.state.params.len().to_string().into())
            }
            Operation::Length => {
                let value = self.required(name, value)?;
                let chars = String::from_utf8_lossy(&value).chars().count();
                Some(chars.to_string().into())
            }
            Operation::Instead { when, act, word } => {
                if quoted {
                    // In double quotes there is a field, however empty.
                    fields.quoted(b"");
                }
                let missing = value.as_ref().is_none_or(|v| *when == When::UnsetOrEmpty && v.is_empty());
                match (act, missing) {
                    (Act::UseIfSet, true) => return ControlFlow::Continue(()),
                    (Act::UseIfSet, false) | (Act::Use, true) => {
                        for part in word {
                            self.part(part, fields, !quoted)?;
                        }
                        return ControlFlow::Continue(());
                    }
                    (Act::Assign, true) => {
                        let text = self.expand_one(word)?;
                        self.assign(name, text.clone())?;
                        Some(text)
                    }
                    (Act::Fail, true) => {
                        let mut text = self.expand_one(word)?;
                        if word.is_empty() {
                            text = if *when == When::Unset {
                                "parameter not set"
                            } else {
                                "parameter null or not set"
                            }
                            .into();
                        }
                        return self.abort(&[name, b": ", &text].concat());
                    }
                    (_, false) => value,
                }
            }
            Operation::Value => Some(self.required(name, value)?),
            Operation::Strip { suffix, longest, pattern } => {
                let value = self.required(name, value)?;
                let pattern = self.expand_pattern(pattern)?;
                Some(strip(&value, &pattern, *suffix, *longest))
            }
            Operation::Replace { all, pattern, with } => {
                let value = self.required(name, value)?;
                let pattern = self.expand_pattern(pattern)?;
                let with = self.expand_one(with)?;
                Some(replace(&value, &pattern, &with, *all))
            }
            Operation::Slice { offset, length } => {
                let value = self.required(name, value)?;
                let offset = self.expand_one(offset)?;
                let offset = self.arithmetic(&offset)?;
                let length = match length {
                    Some(word) => {
                        let text = self.expand_one(word)?;
                        Some(self.arithmetic(&text)?)
                    }
                    None => None,
                };
                Some(slice(&value, offset, length))
            }
        };
        fields.expanded(&value.unwrap_or_default(), quoted);
        ControlFlow::Continue(())
    }

    /// `$@` and `$*`.
    fn all_parameters(&mut self, parameter: &Parameter, quoted: bool, fields: &mut Fields) -> Step<()> {
        let params = self.state.params.clone();
        let absent = params.is_empty();
        if let Operation::Instead { act, word, .. } = &parameter.operation
            && absent == (*act == Act::Use)
        {
            for part in word {
                self.part(part, fields, !quoted)?;
            }
            return ControlFlow::Continue(());
        }
        if quoted && &parameter.name[..] == b"*" || !fields.splits() {
            let joiner: Vec<u8> = if &parameter.name[..] == b"*" {
                fields.joiner().into_iter().collect()
            } else {
                b" ".to_vec()
            };
            let parts: Vec<&[u8]> = params.iter().map(ByteString::as_bytes).collect();
            fields.expanded(&parts.join(&joiner[..]), quoted);
            return ControlFlow::Continue(());
        }
        for (at, param) in params.iter().enumerate() {
            if at > 0 {
                fields.next_field();
            }
            fields.expanded(param, quoted);
        }
        ControlFlow::Continue(())
    }

    /// The value of any parameter but `@` and `*`.
    fn value(&mut self, name: &[u8]) -> Option<ByteString> {
        let state = &*self.state;
        match name {
            b"?" => Some(state.status.to_string().into()),
            b"#" => Some(state.params.len().to_string().into()),
            b"$" => Some("1".into()),
            b"!" => state.background.map(|pid| pid.to_string().into()),
            b"-" => Some(state.options.letters().collect::<String>().into()),
            b"0" => Some(state.name.clone()),
            [b'1'..=b'9', ..] => {
                let number: usize = std::str::from_utf8(name).ok()?.parse().ok()?;
                state.params.get(number - 1).cloned()
            }
            _ => state.get(name).cloned(),
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
