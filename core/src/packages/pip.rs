//! `pip` (`pip install`, its cache; <https://pip.pypa.io/en/stable/topics/caching/>).

use super::advise::advise_missing;
use super::disk::{fill, put};
use super::index::Index;
use crate::kernel::{ByteString, Errno, fs, path};
use crate::net;
use crate::options::{Known, Options};
use crate::program::{Flow, Process, System};

const KNOWN: &[Known] = &[
    (&["-q", "--quiet"], false),
    (&["--no-cache-dir"], false),
    (&["-r", "--requirement"], true),
    (&["-y", "--yes"], false),
    (&["-U", "--upgrade"], false),
    (&["-V", "--version"], false),
    (&["--disable-pip-version-check"], false),
    (&["--root-user-action"], true),
];
const LIBRARY: &str = "/usr/local/lib/python3.12/site-packages";

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) => options,
        Err(name) => {
            let text = format!(
                "\nUsage:   \n  pip <command> [options]\n\nno such option: {name}\nLayerlab: the lab's pip takes -r -q -y -U --no-cache-dir\n"
            );
            process.complain(system, text);
            return Flow::Exit(2);
        }
    };
    if options.has("-V") {
        process.print(system, format!("pip 23.2.1 from {LIBRARY}/pip (python 3.12)\n"));
        return Flow::OK;
    }
    let (verb, names) =
        options.operands.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
    let done = match verb {
        "install" => install(system, process, &options, names),
        "uninstall" => uninstall(system, process, names),
        "list" | "freeze" => {
            let text = list(system, process, verb == "freeze");
            process.print(system, text);
            Ok(0)
        }
        "cache" if names.first().is_some_and(|word| word == "purge") => purge(system, process),
        _ => {
            let text = format!(
                "ERROR: unknown command \"{verb}\"\nLayerlab: the lab's pip has install, uninstall, list, freeze and cache purge\n"
            );
            process.complain(system, text);
            return Flow::Exit(1);
        }
    };
    match done {
        Ok(status) => Flow::Exit(status),
        Err(errno) => {
            let text = format!(
                "ERROR: Could not install packages due to an OSError: [Errno {}] {}\n",
                errno.raw(),
                errno.text()
            );
            process.complain(system, text);
            Flow::Exit(1)
        }
    }
}

/// What is installed: the names of its `.dist-info` directories, name and version.
fn installed(system: &mut System<'_>, process: &Process) -> Vec<(String, String)> {
    let entries = fs::read_dir_sorted(system.kernel, &process.task, LIBRARY.as_bytes()).unwrap_or_default();
    let texts = entries.iter().map(|entry| entry.name.to_text());
    texts
        .filter_map(|name| {
            let (name, version) = name.strip_suffix(".dist-info")?.rsplit_once('-')?;
            Some((name.replace('_', "-"), version.to_owned()))
        })
        .collect()
}

fn cache(process: &Process) -> String {
    let home = process.env.get(&b"HOME"[..]).map_or_else(|| "/root".to_owned(), ByteString::to_text);
    format!("{home}/.cache/pip")
}

fn install(
    system: &mut System<'_>,
    process: &mut Process,
    options: &Options,
    names: &[String],
) -> Result<u8, Errno> {
    let mut asked: Vec<String> = names.to_vec();
    if let Some(file) = options.value("-r") {
        let at = path::join(&process.task.cwd, file.as_bytes());
        let Ok(data) = fs::read(system.kernel, &process.task, &at) else {
            let text = format!(
                "ERROR: Could not open requirements file: [Errno 2] No such file or directory: '{file}'\n"
            );
            process.complain(system, text);
            return Ok(1);
        };
        let text = String::from_utf8_lossy(&data);
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        asked.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let plain = |text: &String| {
        text.split(['=', '<', '>', '~', '!', '[', ';'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase()
            .replace('_', "-")
    };
    let wanted: Vec<String> = asked.iter().map(plain).collect();
    if wanted.is_empty() {
        process.complain(
            system,
            "ERROR: You must give at least one requirement to install (see \"pip help install\")\n",
        );
        return Ok(1);
    }
    let index = Index::of("pip");
    let there = installed(system, process);
    let cut_off = net::is_cut_off(system, process);
    for (name, asked) in wanted.iter().zip(&asked) {
        let version = asked.split_once("==").map(|(_, version)| version.trim());
        let package = index.get(name).filter(|_| !cut_off);
        if package.is_some_and(|package| version.is_none_or(|version| version == package.version)) {
            continue;
        }
        let versions = package.map_or("none", |package| package.version);
        process.complain(system, format!("ERROR: Could not find a version that satisfies the requirement {asked} (from versions: {versions})\nERROR: No matching distribution found for {asked}\n"));
        if package.is_none() && !cut_off {
            advise_missing(system, process, &index, name);
        }
        return Ok(1);
    }
    let has = |name: &str| there.iter().any(|(known, _)| known == name);
    let quiet = options.has("-q");
    let mut text = String::new();
    for name in wanted.iter().filter(|name| has(name)) {
        text.push_str(&format!("Requirement already satisfied: {name} in {LIBRARY}\n"));
    }
    let plan = index.plan(&wanted, false, has).unwrap_or_default();
    for package in &plan {
        let (name, version, module) = (package.name, package.version, package.name.replace('-', "_"));
        let wheel = format!("{module}-{version}-py3-none-any.whl");
        let blob = format!("{}/http-v2/{wheel}", cache(process));
        let cached =
            fs::exists(system.kernel, &process.task, blob.as_bytes()) && !options.has("--no-cache-dir");
        let verb = if cached { "Using cached" } else { "Downloading" };
        text.push_str(&format!(
            "Collecting {name}\n  {verb} {wheel} ({} kB)\n",
            package.archive().div_ceil(1000)
        ));
        if !cached && !options.has("--no-cache-dir") {
            put(
                system,
                process,
                &blob,
                &fill(b"PK\x03\x04 a stand-in made by Layerlab\n".to_vec(), package.archive()),
                0o644,
            )?;
        }
        let code = format!("# {name} {version}: a stand-in made by Layerlab\n").into_bytes();
        put(
            system,
            process,
            &format!("{LIBRARY}/{module}/__init__.py"),
            &fill(code, package.kib * 1024),
            0o644,
        )?;
        let meta = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        put(
            system,
            process,
            &format!("{LIBRARY}/{module}-{version}.dist-info/METADATA"),
            meta.as_bytes(),
            0o644,
        )?;
    }
    if !plan.is_empty() {
        let names: Vec<&str> = plan.iter().map(|package| package.name).collect();
        let versions: Vec<String> = plan.iter().map(|p| format!("{}-{}", p.name, p.version)).collect();
        text.push_str(&format!(
            "Installing collected packages: {}\nSuccessfully installed {}\n",
            names.join(", "),
            versions.join(" ")
        ));
    }
    if !quiet {
        process.print(system, text);
    }
    if process.task.uid == 0 && options.value("--root-user-action") != Some("ignore") {
        process.complain(system, "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv\n");
    }
    Ok(0)
}

fn uninstall(system: &mut System<'_>, process: &mut Process, names: &[String]) -> Result<u8, Errno> {
    for name in names {
        let Some((_, version)) = installed(system, process).into_iter().find(|(known, _)| known == name)
        else {
            process.complain(system, format!("WARNING: Skipping {name} as it is not installed.\n"));
            continue;
        };
        let module = name.replace('-', "_");
        for dir in [format!("{LIBRARY}/{module}"), format!("{LIBRARY}/{module}-{version}.dist-info")] {
            fs::remove_all(system.kernel, &process.task, dir.as_bytes())?;
        }
        process.print(system, format!("Found existing installation: {name} {version}\nUninstalling {name}-{version}:\n  Successfully uninstalled {name}-{version}\n"));
    }
    Ok(0)
}

fn list(system: &mut System<'_>, process: &Process, freeze: bool) -> String {
    let there = installed(system, process);
    if freeze {
        return there
            .iter()
            .map(|(name, version)| format!("{name}=={version}\n"))
            .collect::<Vec<String>>()
            .concat();
    }
    let width = there.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(7);
    let rows = there.iter().map(|(name, version)| format!("{name:<width$} {version}\n"));
    format!(
        "{:<width$} Version\n{} -------\n{}",
        "Package",
        "-".repeat(width),
        rows.collect::<Vec<String>>().concat()
    )
}

fn purge(system: &mut System<'_>, process: &mut Process) -> Result<u8, Errno> {
    let dir = format!("{}/http-v2", cache(process));
    let count = fs::read_dir(system.kernel, &process.task, dir.as_bytes()).unwrap_or_default().len();
    if count == 0 {
        process.complain(system, "WARNING: No matching packages\n");
    }
    fs::remove_all(system.kernel, &process.task, dir.as_bytes())?;
    process.print(system, format!("Files removed: {count}\n"));
    Ok(0)
}
