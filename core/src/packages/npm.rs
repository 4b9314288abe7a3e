//! `npm` (`npm install`, its cache; <https://docs.npmjs.com/cli/v10/commands/npm-install>).

use super::advise::advise_missing;
use super::disk::{fill, put};
use super::index::Index;
use crate::kernel::{ByteString, Errno, fs, path};
use crate::net;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

const KNOWN: &[Known] = &[
    (&["-g", "--global"], false),
    (&["-f", "--force"], false),
    (&["-v", "--version"], false),
    (&["--silent", "-s"], false),
    (&["--omit"], true),
    (&["--production"], false),
];

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(name) => {
            let text = format!(
                "npm ERR! Unknown cli config \"{name}\"\nLayerlab: the lab's npm takes -g -f -s --omit --production\n"
            );
            process.complain(system, text);
            return Flow::Exit(1);
        }
    };
    if options.has("-v") {
        process.print(system, "10.2.4\n");
        return Flow::OK;
    }
    let (verb, names) =
        options.operands.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
    let done = match verb {
        "install" | "i" | "add" | "ci" => install(system, process, &options, names, verb == "ci"),
        "cache" if names.first().is_some_and(|word| word == "clean") => clean(system, process, &options),
        _ => {
            let text = format!(
                "Unknown command: \"{verb}\"\nLayerlab: the lab's npm has install, ci and cache clean --force; it runs no scripts\n"
            );
            process.complain(system, text);
            return Flow::Exit(1);
        }
    };
    match done {
        Ok(status) => Flow::Exit(status),
        Err(errno) => {
            process.complain(system, format!("npm ERR! code {}\nnpm ERR! {}\n", errno.name(), errno.text()));
            Flow::Exit(243)
        }
    }
}

fn cache(process: &Process) -> String {
    let home = process.env.get(&b"HOME"[..]).map_or_else(|| "/root".to_owned(), ByteString::to_text);
    format!("{home}/.npm/_cacache")
}

/// The names in `dependencies`, and in `devDependencies` unless those are left out.
fn named(data: &[u8], dev: bool) -> Option<Vec<String>> {
    let document: serde_json::Value = serde_json::from_slice(data).ok()?;
    let names = |key: &str| {
        let map = document.get(key).and_then(serde_json::Value::as_object);
        map.into_iter().flat_map(|map| map.keys().cloned()).collect::<Vec<String>>()
    };
    let mut all = names("dependencies");
    if dev {
        all.extend(names("devDependencies"));
    }
    Some(all)
}

/// A `package.json` that names these packages with the versions that were installed.
fn with_dependencies(data: &[u8], index: &Index, wanted: &[String]) -> String {
    let mut document: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
    if !document.is_object() {
        document = serde_json::json!({});
    }
    for package in wanted.iter().filter_map(|name| index.get(name)) {
        document["dependencies"][package.name] = format!("^{}", package.version).into();
    }
    format!("{document:#}\n")
}

fn install(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
    ci: bool,
) -> Result<u8, Errno> {
    let cwd = process.task.cwd.to_text();
    let own = path::join(&process.task.cwd, b"package.json");
    let mut wanted: Vec<String> = names
        .iter()
        .map(|name| {
            name.rsplit_once('@').filter(|(n, _)| !n.is_empty()).map_or(name.as_str(), |(n, _)| n).to_owned()
        })
        .collect();
    let document = fs::read(system.kernel, &process.task, &own).ok();
    if wanted.is_empty() || !options.has("-g") {
        match document
            .as_deref()
            .map(|data| named(data, !options.has("--production") && options.value("--omit") != Some("dev")))
        {
            Some(Some(more)) => wanted.extend(more),
            Some(None) => {
                process.complain(system, "npm ERR! code EJSONPARSE\nnpm ERR! path package.json\nnpm ERR! Failed to parse JSON data.\n");
                return Ok(1);
            }
            None if wanted.is_empty() => {
                process.complain(system, format!("npm ERR! code ENOENT\nnpm ERR! syscall open\nnpm ERR! path {cwd}/package.json\nnpm ERR! enoent Could not read package.json\n"));
                return Ok(254);
            }
            None => {}
        }
    }
    if ci && !fs::exists(system.kernel, &process.task, &path::join(&process.task.cwd, b"package-lock.json")) {
        process.complain(system, "npm ERR! code EUSAGE\nnpm ERR! The `npm ci` command can only install with an existing package-lock.json\n");
        return Ok(1);
    }
    let index = Index::of("npm");
    if net::is_cut_off(system, process) {
        process.complain(system, "npm ERR! code EAI_AGAIN\nnpm ERR! request to https://registry.npmjs.org failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org\n");
        return Ok(1);
    }
    let modules = if options.has("-g") {
        "/usr/local/lib/node_modules".to_owned()
    } else {
        format!("{}/node_modules", cwd.trim_end_matches('/'))
    };
    let entries = fs::read_dir(system.kernel, &process.task, modules.as_bytes()).unwrap_or_default();
    let there: Vec<String> = entries.iter().map(|entry| entry.name.to_text()).collect();
    let plan = match index.plan(&wanted, false, |name| there.iter().any(|known| known == name)) {
        Ok(plan) => plan,
        Err(name) => {
            process.complain(system, format!("npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.npmjs.org/{name} - Not found\nnpm ERR! 404  '{name}@*' is not in this registry.\n"));
            advise_missing(system, process, &index, &name);
            return Ok(1);
        }
    };
    let mut locked = String::new();
    for package in &plan {
        let (name, version) = (package.name, package.version);
        let blob = format!("{}/content-v2/sha512/{name}-{version}", cache(process));
        put(
            system,
            process,
            &blob,
            &fill(b"a stand-in made by Layerlab\n".to_vec(), package.archive()),
            0o644,
        )?;
        let document = format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\"\n}}\n");
        put(system, process, &format!("{modules}/{name}/package.json"), document.as_bytes(), 0o644)?;
        let code = format!("// {name} {version}: a stand-in made by Layerlab\n").into_bytes();
        put(system, process, &format!("{modules}/{name}/index.js"), &fill(code, package.kib * 1024), 0o644)?;
    }
    let mut all: Vec<(String, &str)> = Vec::new();
    for name in there.iter().map(String::as_str).chain(plan.iter().map(|package| package.name)) {
        if let Some(package) = index.get(name) {
            all.push((name.to_owned(), package.version));
        }
    }
    all.sort_unstable();
    for (name, version) in &all {
        locked.push_str(&format!(
            ",\n    \"node_modules/{name}\": {{\n      \"version\": \"{version}\"\n    }}"
        ));
    }
    if !options.has("-g") {
        let lock =
            format!("{{\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {{}}{locked}\n  }}\n}}\n");
        let at = format!("{}/package-lock.json", cwd.trim_end_matches('/'));
        put(system, process, &at, lock.as_bytes(), 0o644)?;
        if !names.is_empty() {
            let document = with_dependencies(document.as_deref().unwrap_or(b"{}"), &index, &wanted);
            put(system, process, &String::from_utf8_lossy(&own), document.as_bytes(), 0o644)?;
        }
    }
    if !options.has("--silent") {
        let count = all.len();
        let text = if plan.is_empty() {
            format!("\nup to date, audited {} packages in 1s\n\nfound 0 vulnerabilities\n", count + 1)
        } else {
            format!(
                "\nadded {} packages, and audited {} packages in 1s\n\nfound 0 vulnerabilities\n",
                plan.len(),
                count + 1
            )
        };
        process.print(system, text);
    }
    Ok(0)
}

fn clean(system: &mut System<'_>, process: &mut Process, options: &Options) -> Result<u8, Errno> {
    if !options.has("-f") {
        process.complain(system, "npm ERR! As of npm@5, the npm cache self-heals from corruption issues\nnpm ERR! by treating integrity mismatches as cache misses.  If you are sure, run `npm cache clean --force`\n");
        return Ok(1);
    }
    fs::remove_all(system.kernel, &process.task, cache(process).as_bytes())?;
    Ok(0)
}
