//! What is installed: the database that each manager keeps in the image.

use std::collections::{BTreeMap, BTreeSet};

use super::disk::{put, remove};
use crate::kernel::{Errno, fs};
use crate::program::{Process, System};

/// An installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) version: String,
    pub(super) kib: u64,
    /// Whether it came because another needs it.
    pub(super) auto: bool,
    pub(super) needs: Vec<String>,
    pub(super) files: Vec<String>,
}

/// All of them, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Records(pub(super) BTreeMap<String, Record>);

/// How a manager writes its database: the file, and the fields' names (apk-tools' installed database, Debian Policy 5).
pub(super) struct Form {
    pub(super) path: &'static str,
    name: &'static str,
    version: &'static str,
    kib: &'static str,
    needs: &'static str,
    auto: &'static str,
    file: &'static str,
    /// A line that each record has.
    fixed: &'static str,
}

pub(super) const APK: Form = Form {
    path: "/lib/apk/db/installed",
    name: "P:",
    version: "V:",
    kib: "I:",
    needs: "D:",
    auto: "i:",
    file: "R:",
    fixed: "",
};
pub(super) const DPKG: Form = Form {
    path: "/var/lib/dpkg/status",
    name: "Package: ",
    version: "Version: ",
    kib: "Installed-Size: ",
    needs: "Depends: ",
    auto: "Auto-Installed: ",
    file: "Conffile: ",
    fixed: "Status: install ok installed\n",
};
pub(super) const RPM: Form = Form { path: "/var/lib/rpm/Packages", fixed: "", ..DPKG };

impl Records {
    /// Reads the database; one that is missing is empty.
    pub(super) fn load(system: &mut System<'_>, process: &Process, form: &Form) -> Self {
        let data = fs::read(system.kernel, &process.task, form.path.as_bytes()).unwrap_or_default();
        let text = String::from_utf8_lossy(&data);
        let mut records = BTreeMap::new();
        for block in text.split("\n\n") {
            let mut name = String::new();
            let mut record = Record::default();
            for line in block.lines() {
                if let Some(value) = line.strip_prefix(form.name) {
                    value.clone_into(&mut name);
                } else if let Some(value) = line.strip_prefix(form.version) {
                    value.clone_into(&mut record.version);
                } else if let Some(value) = line.strip_prefix(form.kib) {
                    record.kib = value.parse().unwrap_or_default();
                } else if let Some(value) = line.strip_prefix(form.needs) {
                    record.needs =
                        value.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_owned).collect();
                } else if line.starts_with(form.auto) {
                    record.auto = true;
                } else if let Some(value) = line.strip_prefix(form.file) {
                    record.files.push(value.to_owned());
                }
            }
            if !name.is_empty() {
                records.insert(name, record);
            }
        }
        Self(records)
    }

    /// Writes the database.
    pub(super) fn save(&self, system: &mut System<'_>, process: &Process, form: &Form) -> Result<(), Errno> {
        let mut text = String::new();
        for (name, record) in &self.0 {
            let mut line = |key: &str, value: &str| {
                text.push_str(key);
                text.push_str(value);
                text.push('\n');
            };
            line(form.name, name);
            if !form.fixed.is_empty() {
                line(form.fixed.trim_end(), "");
            }
            line(form.version, &record.version);
            line(form.kib, &record.kib.to_string());
            if !record.needs.is_empty() {
                line(form.needs, &record.needs.join(", "));
            }
            if record.auto {
                line(form.auto, "1");
            }
            for file in &record.files {
                line(form.file, file);
            }
            text.push('\n');
        }
        put(system, process, form.path, text.as_bytes(), 0o644)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The sum of what all take, in units of 1,024 bytes.
    pub(super) fn kib(&self) -> u64 {
        self.0.values().map(|record| record.kib).sum()
    }

    /// What came because another needs it, and nothing needs any more.
    pub(super) fn orphans(&self, without: &BTreeSet<String>) -> BTreeSet<String> {
        let mut gone = without.clone();
        loop {
            let left = || self.0.iter().filter(|(name, _)| !gone.contains(*name));
            let needed: BTreeSet<&String> = left().flat_map(|(_, record)| &record.needs).collect();
            let more: Vec<String> = left()
                .filter(|(name, record)| record.auto && !needed.contains(name))
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return gone.difference(without).cloned().collect();
            }
            gone.extend(more);
        }
    }

    /// Removes packages with their files.
    pub(super) fn remove<'n>(
        &mut self,
        system: &mut System<'_>,
        process: &Process,
        names: impl IntoIterator<Item = &'n String>,
    ) -> Result<(), Errno> {
        for name in names {
            if let Some(record) = self.0.remove(name) {
                remove(system, process, &record.files)?;
            }
        }
        Ok(())
    }
}
