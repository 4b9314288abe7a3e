//! Makes the folder of static files that is the page: `layerlab-bundle MODULE.wasm ROOT DIST [WASM-OPT]`; without wasm-opt
//! the compressed files are made in haste too.
//!
//! index.html is the template; what it and the files under it name in double braces is copied under a name that holds
//! its content's hash, so that it may be cached for ever. Every address is relative: the page works under any base path.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line's job")]

mod later;
mod output;
mod policy;
mod site;
mod split;
mod wasm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use output::{Care, Output};
use site::Site;

fn main() -> ExitCode {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, root, dist, rest @ ..] = args.as_slice() else {
        eprintln!("usage: layerlab-bundle MODULE.wasm ROOT DIST [WASM-OPT]");
        return ExitCode::from(2);
    };
    match bundle(module, root, dist, rest.first().map(PathBuf::as_path)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("bundle: {why}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(module: &Path, root: &Path, dist: &Path, wasm_opt: Option<&Path>) -> Result<String, String> {
    let list = root.join("web-ui/later.txt");
    let later = std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let later: Vec<String> = later
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let bound = wasm::bind(module, wasm_opt, &later)?;
    let mut out = Output::default();
    for (path, text) in &bound.snippets {
        out.plain(&format!("snippets/{path}"), text.clone().into_bytes());
    }
    let made = BTreeMap::from([
        ("layerlab.wasm".to_owned(), out.hashed("layerlab.wasm", bound.parts.first)),
        ("rest.wasm".to_owned(), out.hashed("rest.wasm", bound.parts.rest)),
        ("layerlab.js".to_owned(), out.hashed("layerlab.js", bound.js.into_bytes())),
    ]);
    let template = root.join("index.html");
    let page = Site::new(root, &mut out, made).expand(&template)?;
    if let Some(wrong) = policy::wrong(&page) {
        return Err(format!("{}: {wrong}", template.display()));
    }
    out.plain("index.html", page.into_bytes());
    out.write(dist, if wasm_opt.is_some() { Care::Much } else { Care::Little })
}
