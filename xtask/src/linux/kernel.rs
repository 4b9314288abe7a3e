//! Linux itself, from Debian's package of its source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::setup;
use crate::sh::{self, Result};

/// What native-shim/guest/linux.defconfig is written for.
const SERIES: &str = "6.12";

/// What was built, and from what.
#[derive(Debug)]
pub(super) struct Built {
    /// The image that a machine starts.
    pub(super) image: PathBuf,
    /// Its sources, unpacked.
    pub(super) source: PathBuf,
    /// The package that they are from, with its version.
    pub(super) package: String,
}

/// Builds the kernel with the agent in it; what has not changed since the last time is kept.
pub(super) fn build(agent: &Path) -> Result<Built> {
    let name = format!("linux-source-{SERIES}");
    let archive = format!("/usr/src/{name}.tar.xz");
    setup::debian(&[(&name, &archive, "Linux's source, from which the page's Linux is built")])?;
    let version = sh::output(sh::command("dpkg-query").args(["-W", "-f", "${Version}", &name]))?;
    let package = format!("{name} {version}");
    let home = sh::target().join("linux");
    let source = home.join("source");
    unpack(&archive, &source, &package)?;
    let put = |from: &Path, to: &str| {
        let to = source.join(to);
        // A file that is as it was keeps its time, so that make has nothing to do.
        let new = fs::read(from).map_err(|e| format!("{}: {e}", from.display()))?;
        if fs::read(&to).is_ok_and(|old| old == new) {
            return Ok(());
        }
        fs::write(&to, new).map_err(|e| format!("{}: {e}", to.display()))
    };
    put(agent, "agent")?;
    put(&sh::root().join("native-shim/guest/agent.list"), "agent.list")?;
    put(&sh::root().join("native-shim/guest/linux.defconfig"), "arch/x86/configs/layerlab_defconfig")?;
    println!("linux      Linux from {package} (five minutes the first time) ...");
    let start = Instant::now();
    make(&source, "layerlab_defconfig")?;
    make(&source, "bzImage")?;
    println!("linux      built in {} s", start.elapsed().as_secs());
    Ok(Built { image: source.join("arch/x86/boot/bzImage"), source, package })
}

fn unpack(archive: &str, source: &Path, package: &str) -> Result {
    let mark = source.join(".layerlab-package");
    if fs::read_to_string(&mark).is_ok_and(|text| text == package) {
        return Ok(());
    }
    println!("linux      unpacks {archive} (1.7 GB) ...");
    let _ = fs::remove_dir_all(source);
    fs::create_dir_all(source).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut tar = sh::command("tar");
    run(tar.arg("-xf").arg(archive).arg("-C").arg(source).arg("--strip-components=1"))?;
    fs::write(&mark, package).map_err(|e| format!("{}: {e}", mark.display()))
}

fn make(source: &Path, goal: &str) -> Result {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut make = sh::command("nice");
    make.args(["-n", "10", "make", "-s", "ARCH=i386", &format!("-j{jobs}"), goal]).current_dir(source);
    // The same image whoever builds it, and whenever.
    make.env("KBUILD_BUILD_TIMESTAMP", "1970-01-01");
    make.env("KBUILD_BUILD_USER", "layerlab").env("KBUILD_BUILD_HOST", "layerlab");
    run(&mut make)
}

fn run(command: &mut Command) -> Result {
    match sh::kept(command)? {
        (true, _) => Ok(()),
        (false, output) => Err(format!("`{}` failed:\n{output}", sh::typed(command))),
    }
}
