//! The WebAssembly module and its JavaScript glue: wasm-bindgen, then wasm-opt where there is one, then the cut in two.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::split::{self, FETCH, Parts};

/// What wasm-bindgen made.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The module in its two parts.
    pub(crate) parts: Parts,
    /// Its glue, an ES module whose default export starts the module that it is given.
    pub(crate) js: String,
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

/// Runs wasm-bindgen on the module that cargo built, and wasm-opt on what came; `later` names what goes into its second
/// part.
pub(crate) fn bind(module: &Path, wasm_opt: Option<&Path>, later: &[String]) -> Result<Bound, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("layerlab").typescript(false).omit_default_module_path(true);
    // Names stay until the cut is made, which goes by them.
    bindgen.remove_name_section(false).remove_producers_section(true);
    let bind = bindgen.web(true).and_then(|b| b.generate(folder.path()));
    bind.map_err(|e| format!("wasm-bindgen on {}: {e:#}", module.display()))?;
    let at = folder.path().join("layerlab_bg.wasm");
    if let Some(program) = wasm_opt {
        optimise(program, &at)?;
    }
    let mut snippets = BTreeMap::new();
    collect(&folder.path().join("snippets"), "", &mut snippets)?;
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let js =
        String::from_utf8(read(&folder.path().join("layerlab.js"))?).map_err(|e| format!("the glue: {e}"))?;
    let parts = split::split(&read(&at)?, later)?;
    Ok(Bound { js: with_rest(&js)?, parts, snippets })
}

/// The glue with the import that starts the second part: boot.js brings its compiled module, and it imports what the
/// first part exports.
fn with_rest(js: &str) -> Result<String, String> {
    let (module, name) = FETCH;
    let open = "    return {\n        __proto__: null,\n";
    if js.matches(open).count() != 1 {
        return Err("the glue does not look as it did: where do the imports stand in it now?".into());
    }
    let start =
        format!("new WebAssembly.Instance(globalThis.{module}.{name}(), {{ {}: wasm }})", split::FIRST);
    let import = format!("{open}        {module}: {{ __proto__: null, {name}() {{ {start}; }} }},\n");
    Ok(js.replacen(open, &import, 1))
}

fn optimise(program: &Path, module: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(["-Oz", "-g"]).args(FEATURES).arg(module).arg("-o").arg(module);
    let out = command.output().map_err(|e| format!("{}: {e}", program.display()))?;
    if out.status.success() {
        return Ok(());
    }
    Err(format!("{} failed:\n{}", program.display(), String::from_utf8_lossy(&out.stderr)))
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
