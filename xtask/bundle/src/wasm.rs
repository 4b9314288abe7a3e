//! The WebAssembly module and its JavaScript glue: wasm-bindgen, then wasm-opt where there is one.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

/// What wasm-bindgen made.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The module.
    pub(crate) wasm: Vec<u8>,
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

/// Runs wasm-bindgen on the module that cargo built, and wasm-opt on what came.
pub(crate) fn bind(module: &Path, wasm_opt: Option<&Path>) -> Result<Bound, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("layerlab").typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
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
    Ok(Bound { wasm: read(&at)?, js, snippets })
}

fn optimise(program: &Path, module: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(["-Oz", "--strip-debug"]).args(FEATURES).arg(module).arg("-o").arg(module);
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
