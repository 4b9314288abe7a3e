//! What lies beside the binaries: licences, the configuration, how all was built, and what a page reads first.

use std::fs;
use std::path::Path;

use super::files::copy;
use super::kernel::Built;
use crate::sh::{self, Result};

/// What the page loads, in this order.
const LOADED: [&str; 4] = ["guest.js", "libv86.mjs", "v86.wasm", "state.bin"];

pub(super) fn write(out: &Path, v86: &Path, built: &Built) -> Result {
    copy(&built.source.join("COPYING"), &out.join("COPYING"))?;
    copy(&built.source.join("LICENSES/preferred/GPL-2.0"), &out.join("GPL-2.0"))?;
    copy(&built.source.join(".config"), &out.join("config"))?;
    copy(&v86.join("LICENSE"), &out.join("LICENSE-v86"))?;
    copy(Path::new("/usr/share/doc/seabios/copyright"), &out.join("LICENSE-seabios"))?;
    let seabios = sh::output(sh::command("dpkg-query").args(["-W", "-f", "${Version}", "seabios"]))?;
    let text = include_str!("../../../native-shim/guest/BUILT.md")
        .replace("{linux}", &built.package)
        .replace("{seabios}", &seabios);
    fs::write(out.join("BUILT.md"), text).map_err(|e| format!("BUILT.md: {e}"))
}

/// The index: the release, and the sizes of what the page loads, as they are and compressed.
pub(super) fn index(out: &Path, release: &str) -> Result<String> {
    let version = release.split('-').next().unwrap_or(release);
    let mut files = Vec::new();
    for name in LOADED {
        let packed = out.join(format!("{name}.br"));
        let (plain, packed) = (size(&out.join(name))?, size(&packed)?);
        files.push(format!("{{\"name\":{name:?},\"bytes\":{plain},\"packed\":{packed}}}"));
    }
    Ok(format!("{{\"release\":{version:?},\"files\":[{}]}}\n", files.join(",")))
}

/// Every file with its size.
pub(super) fn sizes(out: &Path) -> Result<Vec<(String, u64)>> {
    let entries = fs::read_dir(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let mut sizes = Vec::new();
    for entry in entries.flatten() {
        sizes.push((entry.file_name().to_string_lossy().into_owned(), size(&entry.path())?));
    }
    sizes.sort();
    Ok(sizes)
}

fn size(path: &Path) -> Result<u64> {
    fs::metadata(path).map(|data| data.len()).map_err(|e| format!("{}: {e}", path.display()))
}
