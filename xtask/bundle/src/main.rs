//! Makes the folder of static files that is the page: `layerlab-bundle MODULE.wasm ROOT DIST [WASM-OPT | --whole | --record]`;
//! without wasm-opt the compressed files are made in haste too. With `--whole` the module stays in one part, with `--record` it
//! tells which functions run as well.
//!
//! index.html is the template; what it and the files under it name in double braces is copied under a name that holds
//! its content's hash, so that it may be cached for ever. Every address is relative: the page works under any base path.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line's job")]

mod first;
mod names;
mod output;
mod policy;
mod record;
mod site;
mod split;
mod wasm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use first::First;
use layerlab_core::opening::Opening;
use output::{Care, Output};
use site::Site;

fn main() -> ExitCode {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, root, dist, rest @ ..] = args.as_slice() else {
        eprintln!("usage: layerlab-bundle MODULE.wasm ROOT DIST [WASM-OPT | --whole | --record]");
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

fn bundle(module: &Path, root: &Path, dist: &Path, how: Option<&Path>) -> Result<String, String> {
    let bound = wasm::bind(module)?;
    let mut out = Output::default();
    let (parts, js) = match how.and_then(Path::to_str) {
        Some("--record") => {
            let (parts, js, names) = bound.recording()?;
            out.plain("functions.txt", names.into_bytes());
            (parts, js)
        }
        Some("--whole") => bound.whole(),
        _ => {
            let list = root.join("web-ui/first.txt");
            let first = std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
            let (parts, js, names) = bound.in_two(module, &First::parse(&first), how)?;
            // For tests alone, and so not in the folder that is published.
            let names_file = module.with_extension("names");
            std::fs::write(&names_file, names).map_err(|e| format!("{}: {e}", names_file.display()))?;
            (parts, js)
        }
    };
    for (path, text) in &bound.snippets {
        out.plain(&format!("snippets/{path}"), text.clone().into_bytes());
    }
    let made = BTreeMap::from([
        ("layerlab.wasm".to_owned(), out.hashed("layerlab.wasm", parts.first)),
        ("rest.wasm".to_owned(), out.hashed("rest.wasm", parts.rest)),
        ("layerlab.js".to_owned(), out.hashed("layerlab.js", js.into_bytes())),
        // What the page draws before its worker is there: of this code, since it is computed here and now.
        ("opening.txt".to_owned(), out.hashed("opening.txt", Opening::record()?.text().into())),
    ]);
    let template = root.join("index.html");
    let page = Site::new(root, &mut out, made).expand(&template)?;
    if let Some(wrong) = policy::wrong(&page) {
        return Err(format!("{}: {wrong}", template.display()));
    }
    site::complete(root, &mut out, &page)?;
    let optimised = how.is_some_and(|how| !how.to_string_lossy().starts_with("--"));
    out.write(dist, if optimised { Care::Much } else { Care::Little })
}
