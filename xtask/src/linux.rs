//! `cargo xtask linux`: the Linux that the page can run, as a folder of files, `dist/linux/`.
//!
//! It is made in `target/linux` and copied from there by every build of the page. None of it is in the repository.

mod agent;
mod files;
mod kernel;
mod papers;

use std::fs;
use std::path::PathBuf;

use files::copy;

use crate::setup::{self, Package};
use crate::sh::{self, Result};

const NEEDS: &[Package] = &[
    ("flex", "/usr/bin/flex", "makes Linux's configuration program"),
    ("bison", "/usr/bin/bison", "makes Linux's configuration program"),
    ("bc", "/usr/bin/bc", "computes constants of Linux's build"),
    ("make", "/usr/bin/make", "builds Linux"),
    ("gcc", "/usr/bin/gcc", "compiles Linux"),
    ("xz-utils", "/usr/bin/xz", "unpacks Linux's source and compresses its image"),
    ("seabios", "/usr/share/seabios/bios.bin", "the firmware that starts Linux in the emulator"),
    ("nodejs", "/usr/bin/node", "starts Linux in the emulator, to save its state"),
    ("npm", "/usr/bin/npm", "brings the emulator"),
];

/// What a page needs to run it, and what says that all is there: written last.
const INDEX: &str = "linux.json";

/// `cargo xtask linux`.
pub(crate) fn linux(args: &[&str]) -> Result {
    if !args.is_empty() {
        return Err("usage: cargo xtask linux".into());
    }
    // Where Node and npm are of another package, nothing is installed.
    let needs: Vec<Package> = NEEDS
        .iter()
        .copied()
        .filter(|p| !["nodejs", "npm"].contains(&p.0) || !sh::on_path(file_name(p.1)))
        .collect();
    setup::debian(&needs)?;
    setup::npm_folder("native-shim/guest/js", "v86, the emulator that Linux runs in")?;
    let agent = agent::build()?;
    let built = kernel::build(&agent)?;
    let out = out();
    fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    // What is half made must not be taken for whole.
    let _ = fs::remove_file(out.join(INDEX));
    let v86 = sh::root().join("native-shim/guest/js/node_modules/v86");
    copy(&built.image, &out.join("linux.bin"))?;
    copy(&PathBuf::from("/usr/share/seabios/bios.bin"), &out.join("seabios.bin"))?;
    copy(&PathBuf::from("/usr/share/seabios/vgabios-stdvga.bin"), &out.join("vgabios.bin"))?;
    copy(&v86.join("build/libv86.mjs"), &out.join("libv86.mjs"))?;
    copy(&v86.join("build/v86.wasm"), &out.join("v86.wasm"))?;
    copy(&sh::root().join("native-shim/guest/js/guest.js"), &out.join("guest.js"))?;
    println!("linux      starts it in v86 and saves its state ...");
    let mut node = sh::command("node");
    let said = sh::output(node.arg("native-shim/guest/js/node.mjs").arg("save").arg(&out))?;
    papers::write(&out, &v86, &built)?;
    let release = said.split_whitespace().next().unwrap_or_default().to_owned();
    fs::write(out.join(INDEX), papers::index(&out, &release)?).map_err(|e| format!("{INDEX}: {e}"))?;
    println!("linux      {} (started in {} ms)", release, said.split_whitespace().nth(1).unwrap_or("?"));
    add_to_page()?;
    for (name, size) in papers::sizes(&out)? {
        println!("           {name:<22} {size:>10}");
    }
    println!("linux      in dist/linux; whoever publishes it reads dist/linux/BUILT.md first");
    Ok(())
}

/// Copies what was made into the page's folder. Returns whether there was something.
pub(crate) fn add_to_page() -> Result<bool> {
    let out = out();
    if !out.join(INDEX).exists() {
        return Ok(false);
    }
    let page = sh::root().join("dist/linux");
    let _ = fs::remove_dir_all(&page);
    fs::create_dir_all(&page).map_err(|e| format!("{}: {e}", page.display()))?;
    for entry in fs::read_dir(&out).map_err(|e| format!("{}: {e}", out.display()))?.flatten() {
        copy(&entry.path(), &page.join(entry.file_name()))?;
    }
    Ok(true)
}

fn out() -> PathBuf {
    sh::target().join("linux/out")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
