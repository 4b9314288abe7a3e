//! A package's files.

use super::index::Package;
use crate::hub::{library_file, program_file, service_file};
use crate::kernel::{Errno, fs, path};
use crate::program::{Process, Scope, System};
use crate::texts::{self, Texts, texts};

/// What files of packages hold, by the name behind `@` in the index.
static SETTINGS: Texts = texts! {
    "apache.apk" => "packages/settings/apache.apk.txt",
    "apache.deb" => "packages/settings/apache.deb.txt",
    "apache.page" => "packages/settings/apache.page.txt",
    "apache.rpm" => "packages/settings/apache.rpm.txt",
    "mime" => "packages/settings/mime.txt",
    "nginx.apk" => "packages/settings/nginx.apk.txt",
    "nginx.deb" => "packages/settings/nginx.deb.txt",
    "nginx.page" => "packages/settings/nginx.page.txt",
    "nginx.rpm" => "packages/settings/nginx.rpm.txt",
    "site.apk" => "packages/settings/site.apk.txt",
    "site.deb" => "packages/settings/site.deb.txt",
};

/// Returns the text of that name.
pub(super) fn settings(name: &str) -> Option<&'static str> {
    texts::find(SETTINGS, name)
}

/// Where a distribution puts things.
pub(super) struct Layout {
    /// Its libraries.
    pub(super) lib: &'static str,
    /// A package's own documentation; empty: none.
    pub(super) doc: &'static str,
}

/// Text up to a size: what it says first, then a line again and again.
pub(super) fn fill(mut content: Vec<u8>, size: u64) -> Vec<u8> {
    const LINE: &[u8] = b"Layerlab fills this file up to a tenth of its real size.\n";
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > content.len() {
        let lines = LINE.iter().cycle().take(size - content.len());
        content.extend(lines);
    }
    content
}

/// Writes a file in a directory that is made where it is missing. A link or an older file of that name is replaced, not
/// written through.
pub(super) fn put(
    system: &mut System<'_>,
    process: &Process,
    file: &str,
    content: &[u8],
    mode: u32,
) -> Result<(), Errno> {
    fs::mkdir_all(system.kernel, &process.task, path::parent(file.as_bytes()), 0o755)?;
    match system.kernel.unlink(&process.task, file.as_bytes()) {
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(error) => return Err(error),
    }
    fs::write(system.kernel, &process.task, file.as_bytes(), content, mode)
}

/// Writes what a package holds, and gives the paths.
pub(super) fn lay(
    system: &mut System<'_>,
    process: &Process,
    package: &Package,
    layout: &Layout,
) -> Result<Vec<String>, Errno> {
    let mut files: Vec<(String, Vec<u8>, u32)> = Vec::new();
    for (dir, names) in [("/usr/bin", &package.bin), ("/usr/sbin", &package.sbin)] {
        files.extend(names.iter().map(|name| (format!("{dir}/{name}"), program(system, name), 0o755)));
    }
    files
        .extend(package.lib.iter().map(|name| (format!("{}/{name}", layout.lib), library_file(name), 0o644)));
    for file in &package.file {
        let (file, text) = match file.split_once('@') {
            Some((file, name)) => (file, settings(name).unwrap_or_default().to_owned()),
            None => (*file, format!("{file} of {}, a stand-in made by Layerlab\n", package.name)),
        };
        files.push((file.to_owned(), text.into_bytes(), 0o644));
    }
    for dir in &package.dir {
        fs::mkdir_all(system.kernel, &process.task, dir.as_bytes(), 0o755)?;
    }
    if !layout.doc.is_empty() {
        let text = format!("{} {}: a stand-in made by Layerlab\n", package.name, package.version);
        files.push((
            format!("{}/{}/copyright", layout.doc, package.name),
            fill(text.into_bytes(), 512),
            0o644,
        ));
    }
    let rest: usize = files.iter().skip(1).map(|(_, content, _)| content.len()).sum();
    let mut paths = Vec::new();
    for (number, (file, content, mode)) in files.into_iter().enumerate() {
        let size = if number == 0 { (package.kib * 1024).saturating_sub(rest as u64) } else { 0 };
        put(system, process, &file, &fill(content, size), mode)?;
        paths.push(file);
    }
    for (link, target) in package.link.iter().filter_map(|link| link.split_once('@')) {
        fs::mkdir_all(system.kernel, &process.task, path::parent(link.as_bytes()), 0o755)?;
        match system.kernel.symlink(&process.task, target.as_bytes(), link.as_bytes()) {
            Ok(()) | Err(Errno::EEXIST) => paths.push(link.to_owned()),
            Err(error) => return Err(error),
        }
    }
    Ok(paths)
}

/// A program of the lab's own where there is one of that name, else a stand-in.
fn program(system: &System<'_>, name: &str) -> Vec<u8> {
    match system.table.get(name.as_bytes()).map(|program| program.scope) {
        Some(Scope::Everywhere) => program_file(name),
        Some(Scope::Service) => service_file(name),
        _ => service_file("stand-in"),
    }
}

/// Removes files, and the directories that are empty then.
pub(super) fn remove(system: &mut System<'_>, process: &Process, files: &[String]) -> Result<(), Errno> {
    for file in files {
        match system.kernel.unlink(&process.task, file.as_bytes()) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(error) => return Err(error),
        }
        let doc = path::parent(file.as_bytes());
        if doc.starts_with(b"/usr/share/doc/") {
            match system.kernel.rmdir(&process.task, doc) {
                Ok(()) | Err(Errno::ENOENT | Errno::ENOTEMPTY) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
