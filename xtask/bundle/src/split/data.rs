//! Which bytes of the memory come with which part.

use std::collections::BTreeSet;
use std::ops::Range;

use walrus::ir::{Const, Instr, Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, DataKind, FunctionKind, Module};

use super::plan::Plan;
use super::symbols::Symbols;

/// The bytes that only the rest refers to, in order and apart.
pub(super) fn of_the_rest(module: &Module, plan: &Plan, symbols: &Symbols) -> Vec<Range<u32>> {
    let first = || module.funcs.iter().zip(&plan.later).filter(|(_, later)| !**later).map(|(f, _)| f);
    let mut kept = symbols.reached(first().filter_map(|f| f.name.as_deref()));
    // A second look, for what the linker's word might not cover: any number in the first part that could be an address.
    let mut numbers = Numbers::default();
    for function in first() {
        if let FunctionKind::Local(local) = &function.kind {
            dfs_in_order(&mut numbers, local, local.entry_block());
        }
    }
    numbers.0.retain(|number| !NO_CHARS.contains(number));
    let named = symbols.pieces.iter().enumerate();
    let hit = named.filter(|(_, piece)| numbers.0.range(piece.start..piece.end).next().is_some());
    kept.extend(hit.map(|(at, _)| at));

    let all = union(symbols.pieces.iter().cloned());
    let kept = union(kept.iter().map(|at| symbols.pieces[*at].clone()));
    without(&all, &kept)
}

/// The last character there is, and the numbers above it that stand for "none" and the like all over the code: they are
/// no addresses.
const NO_CHARS: Range<u32> = 0x10_ffff..0x11_0020;

/// Numbers that stand in code: constants, and offsets of loads and stores.
#[derive(Default)]
struct Numbers(BTreeSet<u32>);

impl Visitor<'_> for Numbers {
    fn visit_const(&mut self, it: &Const) {
        if let Value::I32(value) = it.value {
            self.0.insert(value as u32);
        }
    }
    fn visit_instr(&mut self, it: &Instr, _: &walrus::ir::InstrLocId) {
        match it {
            Instr::Load(load) => self.0.insert(load.arg.offset as u32),
            Instr::Store(store) => self.0.insert(store.arg.offset as u32),
            _ => false,
        };
    }
}

/// Zeroes the ranges in a module's data.
pub(super) fn leave(module: &mut Module, ranges: &[Range<u32>]) {
    each(module, ranges, |value, part, _| value[part].fill(0));
}

/// Keeps the ranges alone of a module's data.
pub(super) fn keep(module: &mut Module, ranges: &[Range<u32>]) {
    let mut pieces = Vec::new();
    each(module, ranges, |value, part, place| pieces.push((value[part].to_vec(), place)));
    for id in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        module.data.delete(id);
    }
    module.memories.iter_mut().for_each(|memory| memory.data_segments.clear());
    for (value, (memory, address)) in pieces {
        let offset = ConstExpr::Value(Value::I32(address as i32));
        let id = module.data.add(DataKind::Active { memory, offset }, value);
        module.memories.get_mut(memory).data_segments.insert(id);
    }
}

/// Calls `act` with each part of a segment that lies in a range, and the memory and address of that part.
fn each(
    module: &mut Module,
    ranges: &[Range<u32>],
    mut act: impl FnMut(&mut Vec<u8>, Range<usize>, (walrus::MemoryId, u32)),
) {
    for id in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        let segment = module.data.get_mut(id);
        let DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(base)) } = segment.kind else {
            continue;
        };
        let base = base as u32;
        let end = base + segment.value.len() as u32;
        for range in ranges {
            let (from, to) = (range.start.max(base), range.end.min(end));
            if from < to {
                act(&mut segment.value, (from - base) as usize..(to - base) as usize, (memory, from));
            }
        }
    }
}

fn union(ranges: impl Iterator<Item = Range<u32>>) -> Vec<Range<u32>> {
    let mut ranges: Vec<_> = ranges.filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// What of `all` lies outside of `taken`; both are in order and apart.
fn without(all: &[Range<u32>], taken: &[Range<u32>]) -> Vec<Range<u32>> {
    let mut left = Vec::new();
    for range in all {
        let mut start = range.start;
        let first = taken.partition_point(|t| t.end <= range.start);
        for t in taken[first..].iter().take_while(|t| t.start < range.end) {
            if start < t.start {
                left.push(start..t.start);
            }
            start = start.max(t.end);
        }
        if start < range.end {
            left.push(start..range.end);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_taken_out_of_each_other() {
        let joined = union([4..8, 0..3, 7..12, 3..3, 20..21].into_iter());
        assert_eq!(joined, [0..3, 4..12, 20..21]);
        assert_eq!(without(&joined, &[1..2, 5..30]), [0..1, 2..3, 4..5]);
        assert_eq!(without(&joined, &[]), joined);
        assert_eq!(without(&joined, &[0..40, 50..51]), []);
    }
}
