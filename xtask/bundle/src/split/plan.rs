//! Which function goes into which part.

use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::{Call, RefFunc, ReturnCall, Visitor, dfs_in_order};
use walrus::{ConstExpr, ElementItems, ExportItem, FunctionId, FunctionKind, Module};

use super::symbols::Symbols;
use crate::first::{First, name};

/// Which function goes where, by its place among all functions.
#[derive(Debug)]
pub(super) struct Plan {
    /// Whether it goes with the rest.
    pub(super) later: Vec<bool>,
    /// Those of the rest that the first part refers to, in the order of their slots.
    pub(super) entries: Vec<usize>,
}

impl Plan {
    /// What is listed, and what the list cannot know (wasm-bindgen made it), goes into the first part; all else, and what
    /// only that calls, into the rest.
    pub(super) fn new(module: &Module, first: &First, symbols: &Symbols) -> Self {
        let ids: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
        let at: BTreeMap<FunctionId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let listed = |symbol: Option<&str>| {
            symbol.is_none_or(|symbol| !symbols.knows(symbol) || first.has(&name(symbol)))
        };
        let later: Vec<bool> = module
            .funcs
            .iter()
            .map(|f| matches!(f.kind, FunctionKind::Local(_)) && !listed(f.name.as_deref()))
            .collect();
        let mut entries: BTreeSet<usize> = roots(module).iter().map(|id| at[id]).collect();
        for (function, _) in module.funcs.iter().zip(&later).filter(|(_, later)| !**later) {
            if let FunctionKind::Local(local) = &function.kind {
                let mut seen = Callees::default();
                dfs_in_order(&mut seen, local, local.entry_block());
                entries.extend(seen.0.iter().map(|id| at[id]));
            }
        }
        let entries = entries.into_iter().filter(|at| later[*at]).collect();
        Self { later, entries }
    }
}

#[derive(Default)]
struct Callees(Vec<FunctionId>);

impl Visitor<'_> for Callees {
    fn visit_call(&mut self, call: &Call) {
        self.0.push(call.func);
    }
    fn visit_return_call(&mut self, call: &ReturnCall) {
        self.0.push(call.func);
    }
    fn visit_ref_func(&mut self, function: &RefFunc) {
        self.0.push(function.func);
    }
}

/// What can be called from outside, or through a table.
fn roots(module: &Module) -> Vec<FunctionId> {
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some(id),
        _ => None,
    });
    let held = module.elements.iter().flat_map(|element| match &element.items {
        ElementItems::Functions(ids) => ids.clone(),
        ElementItems::Expressions(_, items) => items
            .iter()
            .filter_map(|item| match item {
                ConstExpr::RefFunc(id) => Some(*id),
                _ => None,
            })
            .collect(),
    });
    exported.chain(held).chain(module.start).collect()
}
