//! Random layers, with all that a layer can hold: whiteouts of both forms, opaque directories, hard links, symlink
//! loops, odd modes and owners. (No redirects: where one makes a lower directory seen at two places, Linux says `ESTALE`
//! as long as it remembers the first, which the simulator does not model.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::Names;
use super::{Profile, Random};
use crate::conformance::trace::{Kind, TreeEntry};
use crate::kernel::ByteString;

/// Words for contents and values.
pub(super) const WORDS: [&str; 5] = ["", "x", "gamma", "delta-epsilon", "zeta zeta zeta zeta"];

#[derive(Debug, Clone)]
pub(super) struct LayerMaker {
    profile: Profile,
    times: i64,
}

/// An entry of which nothing else is said.
pub(super) fn entry(layer: Option<usize>, path: ByteString, kind: Kind) -> TreeEntry {
    TreeEntry {
        layer,
        path,
        kind,
        mode: None,
        uid: 0,
        gid: 0,
        content: None,
        content_b64: None,
        target: None,
        rdev: None,
        mtime: None,
        link_to: None,
        xattrs: BTreeMap::new(),
        overlay_xattrs: BTreeMap::new(),
    }
}

impl LayerMaker {
    pub(super) fn new(profile: Profile) -> Self {
        Self { profile, times: 1_000_000_000 }
    }

    /// A layer of about `size` entries, parents first.
    pub(super) fn layer(
        &mut self,
        random: &mut Random,
        names: &Names,
        layer: Option<usize>,
        size: usize,
    ) -> Vec<TreeEntry> {
        let root = self.dir(random, entry(layer, "/".into(), Kind::Dir));
        let mut entries = vec![root];
        let mut dirs = vec![ByteString::new()];
        let mut files: Vec<ByteString> = Vec::new();
        let mut taken = BTreeSet::new();
        for _ in 0..size {
            let at = random.below(dirs.len());
            let path = ByteString::from([&dirs[at][..], b"/", names.name(random).as_bytes()].concat());
            if !taken.insert(path.clone()) {
                continue;
            }
            let new = self.entry(random, names, layer, path, &files);
            if new.kind == Kind::Dir {
                dirs.push(new.path.clone());
            } else if new.kind != Kind::Whiteout && new.link_to.is_none() {
                files.push(new.path.clone());
            }
            entries.push(new);
        }
        entries
    }

    fn entry(
        &mut self,
        random: &mut Random,
        names: &Names,
        layer: Option<usize>,
        path: ByteString,
        files: &[ByteString],
    ) -> TreeEntry {
        let kinds = [
            (40, Kind::Dir),
            (32, Kind::File),
            (8, Kind::Symlink),
            (if self.profile == Profile::Whiteout { 25 } else { 10 }, Kind::Whiteout),
            (2, Kind::Fifo),
            (2, Kind::Char),
            (1, Kind::Block),
            (1, Kind::Socket),
        ];
        let mut new = entry(layer, path, random.weighted(&kinds));
        if new.kind == Kind::Whiteout {
            return new;
        }
        if !files.is_empty() && new.kind == Kind::File && random.chance(25) {
            // It is the other one: the recorder's word for kind is not looked at.
            new.link_to = Some(files[random.below(files.len())].clone());
            return new;
        }
        match new.kind {
            Kind::Dir => return self.dir(random, new),
            Kind::Symlink => {
                new.target = Some(names.target(random));
                new.mode = Some("0777".to_owned());
            }
            Kind::Char | Kind::Block => new.rdev = Some((1, 3)),
            Kind::File => {
                new.content = Some(random.pick(&WORDS).into());
                Self::xattrs(random, &mut new);
                if random.chance(6) {
                    new.content = Some(ByteString::new());
                    new.overlay_xattrs.insert("whiteout".to_owned(), Value::String("y".to_owned()));
                }
            }
            _ => {}
        }
        if new.kind != Kind::Symlink {
            let modes = ["0644", "0600", "0666", "0755", "0444", "0000", "4755", "2755", "6711", "2644"];
            new.mode = Some(random.pick(&modes).to_owned());
        }
        self.owner(random, &mut new);
        new.mtime = Some(self.time());
        new
    }

    /// Attributes of a directory.
    fn dir(&mut self, random: &mut Random, mut new: TreeEntry) -> TreeEntry {
        let modes: &[(usize, &str)] = &[
            (50, "0755"),
            (12, "0777"),
            (8, "1777"),
            (8, "2755"),
            (8, "0700"),
            (5, "0711"),
            (4, "0555"),
            (3, "2777"),
            (2, "0000"),
        ];
        new.mode = Some(random.weighted(modes).to_owned());
        if new.path == "/" && !random.chance(20) {
            new.mode = Some("0755".to_owned());
        } else {
            self.owner(random, &mut new);
        }
        Self::xattrs(random, &mut new);
        if random.chance(if self.profile == Profile::Permission { 10 } else { 2 }) {
            let value = super::values::acl(random).into();
            new.xattrs.insert("system.posix_acl_default".to_owned(), value);
        }
        if new.path != "/" {
            let opaque = random.below(100);
            let value = if opaque < 12 { "y" } else { "x" };
            if opaque < 17 {
                new.overlay_xattrs.insert("opaque".to_owned(), value.into());
            }
        }
        new.mtime = Some(self.time());
        new
    }

    fn owner(&self, random: &mut Random, new: &mut TreeEntry) {
        let often = if self.profile == Profile::Permission { 70 } else { 25 };
        if random.chance(often) {
            (new.uid, new.gid) = (random.pick(&[0, 1000, 1001]), random.pick(&[0, 1000, 1001]));
        }
    }

    fn xattrs(random: &mut Random, new: &mut TreeEntry) {
        for name in ["user.k1", "user.k2", "trusted.t1", "security.s1", "trusted.overlay.overlay.k"] {
            if random.chance(7) {
                new.xattrs.insert(name.to_owned(), random.pick(&WORDS).into());
            }
        }
    }

    pub(super) fn time(&mut self) -> i64 {
        self.times += 1;
        self.times
    }

    /// An empty upper directory.
    pub(super) fn empty(&mut self) -> TreeEntry {
        let mut root = entry(None, "/".into(), Kind::Dir);
        root.mode = Some("0755".to_owned());
        root.mtime = Some(self.time());
        root
    }
}
