//! What can be installed: a line a package.
//!
//! `NAME VERSION KIB [needs=A,B] [recommends=A,B] [bin=A,B] [sbin=A,B] [lib=A] [file=/PATH@TEXT]
//! [link=/PATH@TARGET] [dir=/PATH]`, where `KIB` is what the package takes on the disk, and a file without a `TEXT` of
//! `packages/settings` is a stand-in.

use std::collections::{BTreeMap, BTreeSet};

use crate::texts::{self, Texts, texts};

static TEXTS: Texts = texts! {
    "apk" => "packages/index/apk.txt",
    "deb" => "packages/index/deb.txt",
    "npm" => "packages/index/npm.txt",
    "pip" => "packages/index/pip.txt",
    "rpm" => "packages/index/rpm.txt",
};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// What it takes on the disk, in units of 1,024 bytes.
    pub(super) kib: u64,
    pub(super) needs: Vec<&'static str>,
    pub(super) recommends: Vec<&'static str>,
    pub(super) bin: Vec<&'static str>,
    pub(super) sbin: Vec<&'static str>,
    pub(super) lib: Vec<&'static str>,
    pub(super) file: Vec<&'static str>,
    pub(super) link: Vec<&'static str>,
    pub(super) dir: Vec<&'static str>,
}

impl Package {
    /// What is fetched for it: archives are about a third of what they hold.
    pub(super) fn archive(&self) -> u64 {
        self.kib * 1024 / 3
    }
}

/// The packages of a manager, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Index(BTreeMap<&'static str, Package>);

impl Index {
    /// Reads a manager's text: `apk`, `deb`, `rpm`, `pip` or `npm`.
    pub(super) fn of(manager: &str) -> Self {
        let text = texts::find(TEXTS, manager).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(package).map(|package| (package.name, package)).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Package> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Package> {
        self.0.values()
    }

    /// The packages that are to be installed for these, each after what it needs: `wanted` and, where `recommends`, what
    /// is recommended, but for what is there.
    ///
    /// # Errors
    /// The first name that is not in the index.
    pub(super) fn plan(
        &self,
        wanted: &[String],
        recommends: bool,
        there: impl Fn(&str) -> bool,
    ) -> Result<Vec<&Package>, String> {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut plan = Vec::new();
        let mut open: Vec<(&Package, bool)> = Vec::new();
        for name in wanted.iter().rev() {
            open.push((self.get(name).ok_or_else(|| name.clone())?, false));
        }
        while let Some((package, ready)) = open.pop() {
            if there(package.name) || (!ready && !done.insert(package.name)) {
                continue;
            }
            if ready {
                plan.push(package);
                continue;
            }
            open.push((package, true));
            let more = package.recommends.iter().filter(|_| recommends);
            open.extend(package.needs.iter().chain(more).filter_map(|name| Some((self.get(name)?, false))));
        }
        Ok(plan)
    }
}

fn package(line: &'static str) -> Option<Package> {
    let mut words = line.split_whitespace();
    let mut package = Package {
        name: words.next()?,
        version: words.next()?,
        kib: words.next()?.parse().ok()?,
        ..Package::default()
    };
    for word in words {
        let (key, value) = word.split_once('=')?;
        let list = match key {
            "needs" => &mut package.needs,
            "recommends" => &mut package.recommends,
            "bin" => &mut package.bin,
            "sbin" => &mut package.sbin,
            "lib" => &mut package.lib,
            "file" => &mut package.file,
            "link" => &mut package.link,
            "dir" => &mut package.dir,
            _ => return None,
        };
        list.extend(value.split(','));
    }
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_package_and_what_it_needs_is_there() {
        for (manager, text) in TEXTS {
            let index = Index::of(manager);
            let lines = text.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(index.iter().count(), lines, "{manager}: a line is wrong or there twice");
            for package in index.iter() {
                for name in package.file.iter().filter_map(|file| Some(file.split_once('@')?.1)) {
                    assert!(super::super::disk::settings(name).is_some(), "{manager}: no text {name}");
                }
                for need in &package.needs {
                    assert!(index.get(need).is_some(), "{manager}: {} needs {need}", package.name);
                }
            }
        }
    }

    #[test]
    fn a_plan_has_needs_before_what_needs_them() {
        let index = Index::of("deb");
        let names = |wanted: &[&str], recommends| -> Vec<&str> {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            index
                .plan(&wanted, recommends, |name| name == "openssl")
                .unwrap()
                .iter()
                .map(|p| p.name)
                .collect()
        };
        assert_eq!(names(&["curl"], false), ["libssl3", "libcurl4", "curl"]);
        assert_eq!(names(&["curl", "curl"], true), ["ca-certificates", "libssl3", "libcurl4", "curl"]);
        assert_eq!(index.plan(&["nano".into(), "frob".into()], true, |_| false).unwrap_err(), "frob");
    }
}
