//! A module that tells which of its functions run: what web-ui/first.txt is made from (`cargo xtask first`).
//!
//! Each function says its number to `layerlab.hit` before it does anything else; the glue keeps them in the global set
//! `layerlabFirst`: the window's are read there, and those of the worker are of the second part.

use walrus::ir::{Call, Const, Instr, Value};
use walrus::{FunctionId, FunctionKind, Module, ValType};

use crate::first::name;

/// What the recording module imports.
const HIT: (&str, &str) = ("layerlab", "hit");

/// The module that tells, and the names of its functions by their numbers, a line each.
pub(crate) fn record(wasm: &[u8]) -> Result<(Vec<u8>, String), String> {
    let mut module =
        Module::from_buffer(wasm).map_err(|error| format!("the module cannot be read: {error:#}"))?;
    let ty = module.types.add(&[ValType::I32], &[]);
    let local = module.funcs.iter().filter(|f| matches!(f.kind, FunctionKind::Local(_)));
    let functions: Vec<FunctionId> = local.map(walrus::Function::id).collect();
    let (hit, _) = module.add_import_func(HIT.0, HIT.1, ty);
    let mut names = String::new();
    for (number, id) in functions.into_iter().enumerate() {
        let function = module.funcs.get_mut(id);
        names += &function.name.as_deref().map(name).unwrap_or_default();
        names.push('\n');
        if let FunctionKind::Local(local) = &mut function.kind {
            let mut body = local.builder_mut().func_body();
            body.instr_at(0, Instr::Call(Call { func: hit }));
            body.instr_at(0, Instr::Const(Const { value: Value::I32(number as i32) }));
        }
    }
    Ok((module.emit_wasm(), names))
}

/// The glue with what the recording module imports.
pub(crate) fn with_hit(js: &str, open: &str) -> String {
    let (module, hit) = HIT;
    let import = format!(
        "{open}        {module}: {{ __proto__: null, rest() {{}}, {hit}(number) {{\n            \
         hits.add(number);\n        }} }},\n"
    );
    let start = "const hits = globalThis.layerlabFirst = new Set();\n";
    format!("{start}{}", js.replacen(open, &import, 1))
}
