//! The WebAssembly module and its JavaScript glue: wasm-bindgen, then the cut in two, then wasm-opt where there is one.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::first::First;
use crate::split::{self, FETCH, Parts, Symbols};
use crate::{names, record};

/// What wasm-bindgen made.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The module, which still has its functions' names.
    wasm: Vec<u8>,
    /// Its glue, an ES module whose default export starts the module that it is given.
    js: String,
    /// JavaScript that crates brought, by path; the glue imports them as `./snippets/PATH`.
    pub(crate) snippets: BTreeMap<String, String>,
}

/// What rustc uses of WebAssembly's later features, so that wasm-opt may use it and nothing else.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A module with nothing in it: the second part of one that is not cut in two.
const NOTHING: &[u8] = b"\0asm\x01\0\0\0";

/// Where the imports stand in the glue.
const IMPORTS: &str = "    return {\n        __proto__: null,\n";

/// Runs wasm-bindgen on the module that cargo built.
pub(crate) fn bind(module: &Path) -> Result<Bound, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("layerlab").typescript(false).omit_default_module_path(true);
    // Symbols stay as they are until the cut is made, which goes by them.
    bindgen.demangle(false).remove_name_section(false).remove_producers_section(true);
    let bind = bindgen.web(true).and_then(|b| b.generate(folder.path()));
    bind.map_err(|e| format!("wasm-bindgen on {}: {e:#}", module.display()))?;
    let mut snippets = BTreeMap::new();
    collect(&folder.path().join("snippets"), "", &mut snippets)?;
    let wasm = read(&folder.path().join("layerlab_bg.wasm"))?;
    let js = String::from_utf8(read(&folder.path().join("layerlab.js"))?);
    let js = js.map_err(|e| format!("the glue: {e}"))?;
    if js.matches(IMPORTS).count() != 1 {
        return Err("the glue does not look as it did: where do the imports stand in it now?".into());
    }
    Ok(Bound { wasm, js, snippets })
}

impl Bound {
    /// The glue and the module with short names for what the glue gives: wasm-bindgen's are long, and end in a hash that
    /// cannot be compressed, in both.
    fn with_short_names(&self) -> Result<(Vec<u8>, String), String> {
        let mut module = walrus::Module::from_buffer(&self.wasm)
            .map_err(|error| format!("the module cannot be read: {error:#}"))?;
        let mut js = self.js.clone();
        for (number, import) in module.imports.iter_mut().enumerate() {
            // A key of the object of imports, a line each.
            let (long, short) = (format!("\n        {}: ", import.name), format!("g{number}"));
            if js.matches(&long).count() == 1 {
                js = js.replacen(&long, &format!("\n        {short}: "), 1);
                import.name = short;
            }
        }
        Ok((module.emit_wasm(), js))
    }

    /// The module in its two parts, and the glue that can start the second: boot.js brings its compiled module, and it
    /// imports what the first part exports. `linked` is what cargo built. Last, the names of the first part's functions by
    /// their numbers, a line each.
    pub(crate) fn in_two(
        &self,
        linked: &Path,
        first: &First,
        wasm_opt: Option<&Path>,
    ) -> Result<(Parts, String, String), String> {
        let symbols = Symbols::read(&read(linked)?)?;
        let (wasm, js) = self.with_short_names()?;
        let Parts { first, rest } = split::split(&wasm, first, &symbols)?;
        let (first, rest) = match wasm_opt {
            Some(program) => (optimise(program, &first)?, optimise(program, &rest)?),
            None => (first, rest),
        };
        let (first, names) = names::take(&first)?;
        let parts = Parts { first, rest };
        let (module, name) = FETCH;
        let start =
            format!("new WebAssembly.Instance(globalThis.{module}.{name}(), {{ {}: wasm }})", split::FIRST);
        let import = format!("{IMPORTS}        {module}: {{ __proto__: null, {name}() {{ {start}; }} }},\n");
        Ok((parts, js.replacen(IMPORTS, &import, 1), names))
    }

    /// The module in one part, and its glue. (A module that is not optimised cannot be cut well: the functions of the list are
    /// others in it, so that a second part of any size would be waited for.)
    pub(crate) fn whole(&self) -> (Parts, String) {
        (Parts { first: self.wasm.clone(), rest: NOTHING.to_vec() }, self.js.clone())
    }

    /// The whole module, which tells what runs, and the names of its functions.
    pub(crate) fn recording(&self) -> Result<(Parts, String, String), String> {
        let (first, names) = record::record(&self.wasm)?;
        Ok((Parts { first, rest: NOTHING.to_vec() }, record::with_hit(&self.js, IMPORTS), names))
    }
}

fn optimise(program: &Path, wasm: &[u8]) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let (from, to) = (folder.path().join("in.wasm"), folder.path().join("out.wasm"));
    std::fs::write(&from, wasm).map_err(|e| format!("{}: {e}", from.display()))?;
    let mut command = Command::new(program);
    command.args(["-Oz", "-g"]).args(FEATURES).arg(&from).arg("-o").arg(&to);
    let out = command.output().map_err(|e| format!("{}: {e}", program.display()))?;
    if out.status.success() {
        return read(&to);
    }
    Err(format!("{} failed:\n{}", program.display(), String::from_utf8_lossy(&out.stderr)))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn collect(dir: &Path, inner: &str, found: &mut BTreeMap<String, String>) -> Result<(), String> {
    let mut left = vec![(dir.to_path_buf(), inner.to_owned())];
    while let Some((dir, inner)) = left.pop() {
        // No snippets: wasm-bindgen made no folder.
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let name = format!("{inner}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                left.push((entry.path(), format!("{name}/")));
            } else {
                let text = std::fs::read_to_string(entry.path()).map_err(|e| format!("{name}: {e}"))?;
                found.insert(name, text);
            }
        }
    }
    Ok(())
}
