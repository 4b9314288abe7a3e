//! Commands that set up and then run a program of the project: benchmarks, fuzz targets, screenshots.

use crate::build::{self, Effort};
use crate::sh::{self, Result};
use crate::{setup, test};

/// `cargo xtask bench [NAME…]`: the benches of layerlab-tests, in a release build.
pub(crate) fn bench(names: &[&str]) -> Result {
    setup::debian(setup::KERNEL)?;
    if names.is_empty() || names.contains(&"docker") {
        setup::debian(setup::DOCKER)?;
    }
    if names.is_empty() || names.contains(&"page") {
        setup::debian(setup::BROWSER)?;
        print!("{}", build::build(Effort::Full)?);
    }
    sh::shown(sh::cargo(&["bench", "-p", "layerlab-tests", "--bench", "figures", "--"]).args(names))
}

/// `cargo xtask fuzz [TARGET] [SECONDS]`: the cargo-fuzz targets of fuzz/, one after the other.
pub(crate) fn fuzz(args: &[&str]) -> Result {
    let seconds = args.iter().find(|a| a.parse::<u32>().is_ok()).unwrap_or(&"600");
    let wanted: Vec<&str> = args.iter().copied().filter(|a| a.parse::<u32>().is_err()).collect();
    let folder = sh::root().join("fuzz/fuzz_targets");
    let files = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut targets: Vec<String> = files
        .filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| wanted.is_empty() || wanted.contains(&name.as_str()))
        .collect();
    targets.sort();
    if targets.is_empty() {
        return Err(format!("no fuzz target of that name in {}", folder.display()));
    }
    let program = setup::krate("cargo-fuzz", "0.13.1", "runs the fuzz targets")?;
    for target in targets {
        println!("fuzz       {target} for {seconds} s");
        let mut run = sh::command(&program);
        // The sanitizers need a nightly compiler; coverage alone works on the stable one that we build with.
        run.args(["run", "--sanitizer", "none", &target]);
        // What it finds interesting goes into corpus/; the small corpus of the tree is only read.
        let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        std::fs::create_dir_all(sh::root().join(&corpus)).map_err(|e| format!("{corpus}: {e}"))?;
        run.arg(corpus);
        if sh::root().join(&seeds).is_dir() {
            run.arg(seeds);
        }
        run.args(["--", &format!("-max_total_time={seconds}")]);
        sh::shown(run.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(())
}

/// `cargo xtask shots [--built] [NAME…]`: the screenshots that tests/browser takes when it is asked to.
///
/// `--built` takes dist/ as it is; the names are those of screens (tests/browser/scenes.rs), or `readme`.
pub(crate) fn shots(args: &[&str]) -> Result {
    let (flags, names): (Vec<&str>, Vec<&str>) = args.iter().partition(|arg| arg.starts_with('-'));
    if flags.iter().any(|flag| *flag != "--built") {
        return Err("usage: cargo xtask shots [--built] [NAME...]".into());
    }
    setup::debian(setup::BROWSER)?;
    setup::debian(setup::FONTS)?;
    if flags.is_empty() {
        print!("{}", build::build(Effort::Full)?);
    }
    let mut run = sh::cargo(&[
        "test",
        "-p",
        "layerlab-tests",
        "--test",
        "browser",
        "--",
        "--ignored",
        "--exact",
        "shots::shots",
    ]);
    sh::shown(run.arg("--nocapture").env("LAYERLAB_SHOTS", names.join(" ")))?;
    let at =
        if names == ["readme"] { sh::root().join("docs") } else { sh::target().join("shots/index.html") };
    println!("shots      {}", at.display());
    Ok(())
}

/// `cargo xtask first`: runs the page in Chromium and writes down what runs before its prompt takes input.
pub(crate) fn first() -> Result {
    setup::debian(setup::BROWSER)?;
    build::build(Effort::Recording)?;
    let mut run =
        sh::cargo(&["test", "-p", "layerlab-tests", "--test", "browser", "--", "--ignored", "first_part"]);
    sh::shown(run.arg("--nocapture"))
}

/// `cargo xtask setup`: everything that the other commands would install when they need it.
pub(crate) fn set_up() -> Result {
    setup::rust(&["fmt", "clippy"])?;
    for packages in [setup::KERNEL, setup::DOCKER, setup::BROWSER, setup::FONTS] {
        setup::debian(packages)?;
    }
    test::cargo_deny()?;
    build::wasm_opt()?;
    println!("setup      everything is there");
    Ok(())
}
