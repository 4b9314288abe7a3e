//! Assignments: variables, and the elements of arrays (bash(1), "Arrays").

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::kernel::ByteString;
use crate::program::Bound;
use crate::shell::array::Array;
use crate::shell::code::Op;
use crate::shell::live::*;

impl Shell<'_, '_> {
    pub(super) fn assign_op(&mut self, op: &Op) -> Step {
        match op {
            Op::Set { name, element, append } => {
                let value = self.pop_text();
                let subscript = element.then(|| self.pop_text());
                let sign: &[u8] = if *append { b"+=" } else { b"=" };
                if self.state.options.has('x') {
                    let place = subscript.as_ref().map(|text| [b"[", &text[..], b"]"].concat());
                    let place = place.unwrap_or_default();
                    let text = [b"+ ", &name[..], &place, sign, &value, b"\n"].concat();
                    self.io.stderr().write(self.system, text);
                }
                match subscript {
                    Some(subscript) => {
                        let key = self.key(name, &subscript)?;
                        self.assign_element(name, &key, value, *append)?;
                    }
                    None => {
                        let value = if *append { self.appended(name, &value) } else { value };
                        self.assign(name, value)?;
                    }
                }
            }
            Op::List => self.vm.stack.push(Operand::List(Vec::new())),
            Op::Gather => {
                if let Some(Operand::Command(simple)) = self.vm.stack.pop() {
                    self.list().extend(simple.args.into_iter().map(|word| (None, word)));
                }
            }
            Op::Keyed => {
                let value = self.pop_text();
                let subscript = self.pop_text();
                self.list().push((Some(subscript), value));
            }
            Op::SetList { name, append } => {
                let elements = std::mem::take(self.list());
                self.vm.stack.pop();
                self.assign_list(name, elements, *append)?;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn list(&mut self) -> &mut Vec<(Option<ByteString>, ByteString)> {
        match self.vm.stack.last_mut() {
            Some(Operand::List(list)) => list,
            other => unreachable!("no array on the stack: {other:?}"),
        }
    }

    /// What `name+=value` makes of the value: a sum where the variable is a number (`declare -i`).
    fn appended(&self, name: &[u8], value: &[u8]) -> ByteString {
        let var = self.state.vars.get(name);
        let old = var.and_then(|var| var.text()).map_or(&b""[..], |old| &old[..]);
        let plus: &[u8] = if var.is_some_and(|var| var.integer) && !old.is_empty() { b"+" } else { b"" };
        [old, plus, value].concat().into()
    }

    /// The key of an element: a name in a map, else the value of an expression, below 0 from the end.
    pub(in crate::shell) fn key(&mut self, name: &[u8], subscript: &[u8]) -> Step<ByteString> {
        let array = self.state.vars.get(name).and_then(|var| var.array.as_deref());
        if array.is_some_and(Array::is_map) {
            return ControlFlow::Continue(subscript.into());
        }
        let next = array.map_or(0, Array::next);
        let number = self.arithmetic(subscript)?;
        let number = if number < 0 { number.saturating_add_unsigned(next) } else { number };
        if number < 0 {
            return self.abort(&[name, b"[", subscript, b"]: bad array subscript"].concat());
        }
        ControlFlow::Continue(number.to_string().into())
    }

    /// Sets an element, whose key is found already, or ends the line where the variable is read-only.
    pub(in crate::shell) fn assign_element(
        &mut self,
        name: &[u8],
        key: &[u8],
        value: ByteString,
        append: bool,
    ) -> Step {
        let (integer, readonly, old) = match self.state.vars.get(name) {
            Some(var) => {
                let array = var.array.as_ref();
                let old = array.map_or_else(|| var.text().filter(|_| key == b"0"), |array| array.get(key));
                (var.integer, var.readonly, old.cloned().unwrap_or_default())
            }
            None => (false, false, ByteString::new()),
        };
        if readonly {
            return self.read_only(name);
        }
        let plus: &[u8] = if integer && !old.is_empty() { b"+" } else { b"" };
        let mut value = if append { [&old[..], plus, &value].concat().into() } else { value };
        if integer {
            value = self.arithmetic(&value)?.to_string().into();
        }
        self.fits_in(name, value.len())?;
        self.state.vars.entry(name.into()).or_default().as_array().set(key, value);
        ControlFlow::Continue(())
    }

    /// `name=(…)`: elements without a subscript follow the one before.
    pub(in crate::shell) fn assign_list(
        &mut self,
        name: &[u8],
        elements: Vec<(Option<ByteString>, ByteString)>,
        append: bool,
    ) -> Step {
        if self.state.vars.get(name).is_some_and(|var| var.readonly) {
            return self.read_only(name);
        }
        let size = elements.iter().map(|(key, value)| 8 + key.as_ref().map_or(0, |k| k.len()) + value.len());
        self.fits_in(name, size.sum())?;
        let var = self.state.vars.entry(name.into()).or_default();
        if !append {
            let is_map = var.array.as_ref().is_some_and(|array| array.is_map());
            var.value = None;
            var.array = Some(Arc::new(if is_map { Array::map() } else { Array::default() }));
        }
        let array = var.as_array();
        let (mut next, is_map) = (array.next(), array.is_map());
        let mut waiting: Option<ByteString> = None;
        for (subscript, value) in elements {
            let key: ByteString = match subscript {
                Some(subscript) => {
                    let key = self.key(name, &subscript)?;
                    next = key.to_text().parse().unwrap_or_default();
                    key
                }
                // Without subscripts the words of a map are names and values by turns (Bash 5.1).
                None if is_map => match waiting.take() {
                    Some(key) => key,
                    None => {
                        waiting = Some(value);
                        continue;
                    }
                },
                None => next.to_string().into(),
            };
            next = next.saturating_add(1);
            self.assign_element(name, &key, value, false)?;
        }
        if let Some(key) = waiting {
            self.assign_element(name, &key, ByteString::new(), false)?;
        }
        ControlFlow::Continue(())
    }

    /// Whether an array may hold so many bytes more.
    fn fits_in(&mut self, name: &[u8], more: usize) -> Step {
        if !self.system.may_hold(more as u64) {
            return ControlFlow::Break(Stop::Exit);
        }
        let held = self.state.vars.get(name).and_then(|var| var.array.as_ref()).map_or(0, |a| a.size());
        if held + more > self.system.world.bounds.len(Bound::Value) {
            return self.over(Bound::Value, "a variable would hold more than");
        }
        ControlFlow::Continue(())
    }
}
