//! What the project needs beyond cargo, installed where it can be, with a word on what and why.

use std::path::PathBuf;

use crate::sh::{self, Result};

/// A Debian package: its name, a file that shows it is there, what it is for.
pub(crate) type Package<'a> = (&'a str, &'a str, &'a str);

/// For `tests/kernel`.
pub(crate) const KERNEL: &[Package<'_>] = &[
    ("busybox-static", "/bin/busybox", "a real program inside the test images"),
    ("attr", "/usr/bin/getfattr", "reads overlay's xattrs on the host"),
    ("strace", "/usr/bin/strace", "kills a load at a chosen call"),
];

/// For `tests/docker`.
pub(crate) const DOCKER: &[Package<'_>] = &[
    ("busybox-static", "/bin/busybox", "a real program inside the test images"),
    ("docker.io", "/usr/sbin/dockerd", "the real Docker that images are held against"),
    ("pigz", "/usr/bin/unpigz", "what Docker decompresses gzip with where it is, in words of its own"),
    ("xz-utils", "/usr/bin/xz", "what Docker decompresses xz with"),
    ("bzip2", "/usr/bin/bzip2", "compresses layers for Docker"),
    ("containerd", "/usr/bin/ctr", "ctr, which imports our archives"),
    ("btrfs-progs", "/usr/sbin/mkfs.btrfs", "makes a file system for Docker's driver btrfs"),
    ("docker-registry", "/usr/bin/docker-registry", "a real registry to push to and pull from"),
    ("skopeo", "/usr/bin/skopeo", "copies and inspects our archives"),
    ("umoci", "/usr/bin/umoci", "unpacks our OCI layouts"),
    ("podman", "/usr/bin/podman", "loads our archives"),
    ("buildah", "/usr/bin/buildah", "takes our archives as a base"),
];

/// For `tests/browser` and `cargo xtask shots`.
pub(crate) const BROWSER: &[Package<'_>] = &[
    ("chromium", "/usr/bin/chromium", "the browser that the page is tested in"),
    ("chromium-driver", "/usr/bin/chromedriver", "drives that browser"),
];

/// For screenshots in Chinese.
pub(crate) const FONTS: &[Package<'_>] =
    &[("fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "Chinese in screenshots")];

/// The Rust parts that a default installation may lack.
pub(crate) fn rust(components: &[&str]) -> Result {
    target("wasm32-unknown-unknown", "core and the page are built for WebAssembly")?;
    for component in components {
        if !sh::kept(&mut sh::cargo(&[component, "--version"]))?.0 {
            let name = if *component == "fmt" { "rustfmt" } else { component };
            rustup(&["component", "add", name], "the tests check the code's form")?;
        }
    }
    Ok(())
}

/// What a machine of another kind needs of Rust.
pub(crate) fn target(name: &str, why: &str) -> Result {
    let sysroot = sh::output(sh::command("rustc").args(["--print", "sysroot"]))?;
    if PathBuf::from(sysroot.trim()).join("lib/rustlib").join(name).is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", name], why)
}

fn rustup(args: &[&str], why: &str) -> Result {
    let line = format!("rustup {}", args.join(" "));
    println!("setup      {line}: {why}");
    sh::shown(sh::command("rustup").args(args)).map_err(|e| format!("{e}\nneeded because {why}; do: {line}"))
}

/// Debian packages: installs those whose file is missing.
pub(crate) fn debian(packages: &[Package<'_>]) -> Result {
    let missing: Vec<&Package<'_>> = packages.iter().filter(|p| !PathBuf::from(p.1).exists()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for (name, file, why) in &missing {
        println!("setup      Debian package {name}: {why} ({file} is missing)");
    }
    let names: Vec<&str> = missing.iter().map(|p| p.0).collect();
    let by_hand = format!("sudo apt-get install --no-install-recommends {}", names.join(" "));
    if !sh::on_path("apt-get") {
        let files: Vec<&str> = missing.iter().map(|p| p.1).collect();
        return Err(format!(
            "this is not Debian, so nothing was installed; with your system's packages provide {}",
            files.join(", ")
        ));
    }
    if !sh::is_root() {
        return Err(format!("packages are missing and only root may install them; do: {by_hand}"));
    }
    apt(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(&names);
    apt(&install)?;
    match missing.iter().find(|p| !PathBuf::from(p.1).exists()) {
        Some((name, file, _)) => Err(format!("{name} was installed, yet {file} is not there")),
        None => Ok(()),
    }
}

fn apt(args: &[&str]) -> Result {
    let mut command = sh::command("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let (ok, output) = sh::kept(&mut command)?;
    if ok { Ok(()) } else { Err(format!("`apt-get {}` failed:\n{output}", args.join(" "))) }
}

/// A published program, of one version, in our own tools directory.
pub(crate) fn krate(name: &str, version: &str, why: &str) -> Result<PathBuf> {
    let home = sh::tools().join(format!("{name}-{version}"));
    let program = home.join("bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    println!("setup      crate {name} {version}: {why}");
    // Unoptimised: it runs for a second, and would compile for minutes.
    let mut install = sh::cargo(&["install", "--quiet", "--locked", "--debug", "--version", version, name]);
    install.arg("--root").arg(&home).env("CARGO_TARGET_DIR", sh::target().join("tools/build"));
    install.env("CARGO_PROFILE_DEV_DEBUG", "0");
    let (ok, output) = sh::kept(&mut install)?;
    if ok { Ok(program) } else { Err(format!("`{}` failed:\n{output}", sh::typed(&install))) }
}

/// What a folder's package.json names, from the npm registry.
pub(crate) fn npm_folder(folder: &str, why: &str) -> Result {
    let home = sh::root().join(folder);
    if home.join("node_modules").exists() {
        return Ok(());
    }
    println!("setup      npm packages of {folder}: {why}");
    let mut install = sh::command("npm");
    install.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&home);
    match sh::kept(&mut install)? {
        (true, _) => Ok(()),
        (false, output) => Err(format!("npm could not install what {folder}/package.json names:\n{output}")),
    }
}

/// A program from the npm registry, of one version; `None` where npm is missing or cannot reach it.
pub(crate) fn npm(name: &str, version: &str, program: &str, why: &str) -> Result<Option<PathBuf>> {
    let home = sh::tools().join(format!("npm-{name}-{version}"));
    let path = home.join("node_modules").join(name).join("bin").join(program);
    if path.exists() {
        return Ok(Some(path));
    }
    if !sh::on_path("npm") {
        println!("setup      npm is not installed, so no {program} ({why}); the build goes on without it");
        return Ok(None);
    }
    println!("setup      npm package {name} {version}: {why}");
    let mut install = sh::command("npm");
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    install.arg(&home).arg(format!("{name}@{version}"));
    let (ok, output) = sh::kept(&mut install)?;
    if !ok || !path.exists() {
        println!(
            "setup      npm could not bring {name}; the build goes on without it:\n{}",
            output.trim_end()
        );
        return Ok(None);
    }
    Ok(Some(path))
}
