//! Cuts the module in two: what the page runs until its prompt takes input, and the rest, which is fetched after that.
//!
//! The first part is what web-ui/first.txt lists. Where it calls a function of the rest stands a stub, which sees to it
//! that the rest is there and then calls it through the function table; so a list that is out of date costs time, never
//! an answer. The rest brings the data that only it refers to, and has no memory, table or global of its own: it is one
//! program in two files.

mod data;
mod plan;
mod symbols;

use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::Value;
use walrus::{
    ConstExpr, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind, GlobalKind, ImportKind,
    Module, ModuleConfig, RefType, TableId,
};

use crate::first::{First, name};
use plan::Plan;
pub(crate) use symbols::Symbols;

/// The module that the rest imports everything from: the first part's exports.
pub(crate) const FIRST: &str = "first";
/// What the first part imports to have the rest fetched and started: `layerlab.rest`.
pub(crate) const FETCH: (&str, &str) = ("layerlab", "rest");

/// The two parts.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The part that starts.
    pub(crate) first: Vec<u8>,
    /// The part that is fetched later.
    pub(crate) rest: Vec<u8>,
}

/// Cuts a module that still has its functions' names. The rest has them no more; the first part has them as the list spells them,
/// until [`crate::names::take`] takes them out.
pub(crate) fn split(wasm: &[u8], first: &First, symbols: &Symbols) -> Result<Parts, String> {
    let mut one = read(wasm, true)?;
    let plan = Plan::new(&one, first, symbols);
    let moved = data::of_the_rest(&one, &plan, symbols);
    // Reading the same bytes again gives the same functions, tables and globals in the same order.
    let mut rest = read(wasm, false)?;
    let table = function_table(&one)?;
    let base = one.tables.get(table).initial;
    data::keep(&mut rest, &moved);
    let wanted = make_rest(&mut rest, &plan, base)?;
    data::leave(&mut one, &moved);
    for function in one.funcs.iter_mut() {
        function.name = function.name.as_deref().map(name);
    }
    make_first(&mut one, &plan, table, base, &wanted);
    Ok(Parts { first: one.emit_wasm(), rest: rest.emit_wasm() })
}

fn read(wasm: &[u8], named: bool) -> Result<Module, String> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(named).generate_producers_section(false);
    let read = config.parse(wasm).map_err(|error| format!("the module cannot be read: {error:#}"));
    read.map(|mut module| {
        // The linker's words on what it linked, which are no longer true.
        let linkers: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
        for id in linkers {
            module.customs.delete(id);
        }
        module
    })
}

fn function_table(module: &Module) -> Result<TableId, String> {
    let table = module.tables.iter().find(|table| table.element_ty == RefType::FUNCREF);
    table.map(walrus::Table::id).ok_or_else(|| "the module has no table of functions".to_owned())
}

/// What the rest imports, by the name that the first part exports it under.
type Wanted = Vec<(String, Kind, usize)>;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Function,
    Table,
    Memory,
    Global,
}

/// Leaves the functions of the rest; all else becomes imports, of which those that are used stay.
fn make_rest(module: &mut Module, plan: &Plan, base: u64) -> Result<Wanted, String> {
    let table = function_table(module)?;
    for id in module.exports.iter().map(walrus::Export::id).collect::<Vec<_>>() {
        module.exports.delete(id);
    }
    let held = held(module, plan, table);
    for id in module.elements.iter().map(walrus::Element::id).collect::<Vec<_>>() {
        module.elements.delete(id);
    }
    module.start = None;
    for id in module.imports.iter().map(walrus::Import::id).collect::<Vec<_>>() {
        module.imports.delete(id);
    }
    let mut all: Wanted = Vec::new();
    let mut name = |kind, at| {
        let name = short(all.len());
        all.push((name.clone(), kind, at));
        name
    };
    let functions: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
    for (at, id) in functions.iter().enumerate().filter(|(at, _)| !plan.later[*at]) {
        let ty = module.funcs.get(*id).ty();
        let import = module.imports.add(FIRST, &name(Kind::Function, at), ImportKind::Function(*id));
        module.funcs.get_mut(*id).kind = FunctionKind::Import(walrus::ImportedFunction { import, ty });
    }
    for (at, id) in module.tables.iter().map(walrus::Table::id).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(FIRST, &name(Kind::Table, at), ImportKind::Table(id));
        let it = module.tables.get_mut(id);
        it.import = Some(import);
        it.elem_segments.clear();
        if id == table {
            it.initial = base + plan.entries.len() as u64;
            it.maximum = it.maximum.map(|most| most + plan.entries.len() as u64);
        }
    }
    for (at, id) in module.memories.iter().map(walrus::Memory::id).collect::<Vec<_>>().into_iter().enumerate()
    {
        let import = module.imports.add(FIRST, &name(Kind::Memory, at), ImportKind::Memory(id));
        module.memories.get_mut(id).import = Some(import);
    }
    for (at, id) in module.globals.iter().map(walrus::Global::id).collect::<Vec<_>>().into_iter().enumerate()
    {
        let import = module.imports.add(FIRST, &name(Kind::Global, at), ImportKind::Global(id));
        module.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
    // The rest's own slots, and those where stubs stand until then.
    let entries = plan.entries.iter().map(|at| functions[*at]).collect();
    for (offset, functions) in [(base as i32, entries)].into_iter().chain(held) {
        let offset = ConstExpr::Value(Value::I32(offset));
        let items = ElementItems::Functions(functions);
        let element = module.elements.add(ElementKind::Active { table, offset }, items);
        module.tables.get_mut(table).elem_segments.insert(element);
    }
    walrus::passes::gc::run(module);
    let used: Vec<String> = module.imports.iter().map(|import| import.name.clone()).collect();
    all.retain(|(name, ..)| used.contains(name));
    Ok(all)
}

/// The functions of the rest that stand in the table already: runs of them, each with its first slot.
fn held(module: &Module, plan: &Plan, table: TableId) -> Vec<(i32, Vec<FunctionId>)> {
    let later: BTreeSet<FunctionId> =
        module.funcs.iter().zip(&plan.later).filter(|(_, later)| **later).map(|(f, _)| f.id()).collect();
    let mut runs: Vec<(i32, Vec<FunctionId>)> = Vec::new();
    for element in module.elements.iter() {
        let ElementKind::Active { table: of, offset: ConstExpr::Value(Value::I32(offset)) } = element.kind
        else {
            continue;
        };
        let ElementItems::Functions(functions) = &element.items else { continue };
        for (slot, id) in (offset..).zip(functions).filter(|(_, id)| of == table && later.contains(id)) {
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() as i32 == slot => run.push(*id),
                _ => runs.push((slot, vec![*id])),
            }
        }
    }
    runs
}

/// Puts stubs where functions of the rest stood, and exports what the rest imports.
fn make_first(module: &mut Module, plan: &Plan, table: TableId, base: u64, wanted: &Wanted) {
    let functions: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
    let nothing = module.types.add(&[], &[]);
    let (fetch, _) = module.add_import_func(FETCH.0, FETCH.1, nothing);
    let ready = ready(module, fetch, table, base);
    let mut slots = BTreeMap::new();
    for (slot, at) in plan.entries.iter().enumerate() {
        slots.insert(*at, base + slot as u64);
    }
    for (at, id) in functions.iter().enumerate().filter(|(at, _)| plan.later[*at]) {
        // One that only the rest refers to is left out below; it needs a body no more.
        let stub = stub(module, *id, slots.get(&at).map(|slot| (*slot as i32, ready, table)));
        module.funcs.get_mut(*id).kind = stub;
    }
    let it = module.tables.get_mut(table);
    it.initial += plan.entries.len() as u64;
    it.maximum = it.maximum.map(|most| most + plan.entries.len() as u64);
    let tables: Vec<_> = module.tables.iter().map(walrus::Table::id).collect();
    let memories: Vec<_> = module.memories.iter().map(walrus::Memory::id).collect();
    let globals: Vec<_> = module.globals.iter().map(walrus::Global::id).collect();
    for (name, kind, at) in wanted {
        match kind {
            Kind::Function => module.exports.add(name, functions[*at]),
            Kind::Table => module.exports.add(name, tables[*at]),
            Kind::Memory => module.exports.add(name, memories[*at]),
            Kind::Global => module.exports.add(name, globals[*at]),
        };
    }
    walrus::passes::gc::run(module);
}

/// A function that has the rest fetched if its first slot is still empty.
fn ready(module: &mut Module, fetch: FunctionId, table: TableId, base: u64) -> FunctionId {
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    let mut body = builder.func_body();
    body.i32_const(base as i32).table_get(table).ref_is_null().if_else(
        None,
        |then| {
            then.call(fetch);
        },
        |_| {},
    );
    builder.finish(Vec::new(), &mut module.funcs)
}

/// The body that stands for a function of the rest.
fn stub(module: &mut Module, id: FunctionId, way: Option<(i32, FunctionId, TableId)>) -> FunctionKind {
    let ty = module.funcs.get(id).ty();
    let (params, results) = {
        let ty = module.types.get(ty);
        (ty.params().to_vec(), ty.results().to_vec())
    };
    let args: Vec<_> = params.iter().map(|param| module.locals.add(*param)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    match way {
        None => {
            body.unreachable();
        }
        Some((slot, ready, table)) => {
            body.call(ready);
            for arg in &args {
                body.local_get(*arg);
            }
            body.i32_const(slot).call_indirect(ty, table);
        }
    }
    FunctionKind::Local(builder.local_func(args))
}

/// `a`, `b`, …, `z`, `aa`, …: names cost bytes in both parts. A dot keeps them apart from the glue's own.
fn short(mut number: usize) -> String {
    let mut name = String::from(".");
    loop {
        name.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_exports_are_short_and_all_different() {
        let names: std::collections::BTreeSet<String> = (0..2000).map(short).collect();
        assert_eq!(names.len(), 2000);
        assert!(names.iter().all(|name| name.starts_with('.') && name.len() <= 4));
    }

    /// A module whose exported `f` calls `late`, which adds up what the table's own `g` gives.
    fn sample() -> Vec<u8> {
        let mut module = Module::default();
        let mut function = |name: &str, callee: Option<FunctionId>| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
            builder.name(name.to_owned());
            match callee {
                Some(callee) => builder.func_body().call(callee),
                None => builder.func_body().i32_const(7),
            };
            builder.finish(Vec::new(), &mut module.funcs)
        };
        let deep = function("only::late::deep", None);
        let shared = function("shared", None);
        let late = function("only::late::entry", Some(deep));
        let f = function("f", Some(late));
        let table = module.tables.add_local(false, 2, Some(2), RefType::FUNCREF);
        let offset = ConstExpr::Value(Value::I32(1));
        let items = ElementItems::Functions(vec![shared]);
        let element = module.elements.add(ElementKind::Active { table, offset }, items);
        module.tables.get_mut(table).elem_segments.insert(element);
        module.exports.add("f", f);
        module.emit_wasm()
    }

    #[test]
    fn what_is_named_goes_with_what_only_it_calls() {
        let wasm = sample();
        let symbols = Symbols::read(&wasm).unwrap();
        let parts = split(&wasm, &First::parse("f\nshared\n"), &symbols).unwrap();
        let locals = |wasm: &[u8]| {
            let module = Module::from_buffer(wasm).unwrap();
            module.funcs.iter().filter(|f| matches!(f.kind, FunctionKind::Local(_))).count()
        };
        // `f`, `shared`, the stub of `entry` and what makes sure of the rest; `entry` and `deep`.
        assert_eq!((locals(&parts.first), locals(&parts.rest)), (4, 2));
        let first = Module::from_buffer(&parts.first).unwrap();
        assert!(first.imports.find(FETCH.0, FETCH.1).is_some());
        assert_eq!(first.tables.iter().next().map(|t| t.initial), Some(3));
        let rest = Module::from_buffer(&parts.rest).unwrap();
        assert!(rest.imports.iter().all(|import| import.module == FIRST));
        assert_eq!(rest.memories.iter().count() + rest.data.iter().count(), 0);
    }
}
