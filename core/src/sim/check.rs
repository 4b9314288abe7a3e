//! What must be true of a simulated disk at any time: for tests and fuzzing.

use std::collections::BTreeMap;

use super::SimKernel;
use super::disk::{Disk, ROOT};
use super::place::Node;
use super::state::{Fs, SimState};

impl SimKernel {
    /// What is wrong with the disks: link counts that are not the number of names, names of nothing, inodes that
    /// nothing leads to, directories that do not know where they are. Nothing, if all is well.
    pub fn inconsistencies(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (number, fs) in self.state.fs.iter() {
            if let Fs::Disk(disk) = fs {
                check(&self.state, number, disk, &mut wrong);
            }
        }
        wrong
    }

    /// How many inodes the disks hold.
    pub fn inodes(&self) -> usize {
        let disk = |(_, fs): (u32, &Fs)| match fs {
            Fs::Disk(disk) => disk.len(),
            Fs::Overlay(_) => 0,
        };
        self.state.fs.iter().map(disk).sum()
    }
}

fn check(state: &SimState, fs: u32, disk: &Disk, wrong: &mut Vec<String>) {
    let mut names: BTreeMap<u64, u32> = BTreeMap::from([(ROOT, 1)]);
    let mut subdirs: BTreeMap<u64, u32> = BTreeMap::new();
    for (ino, inode) in disk.iter() {
        let Some(dir) = inode.dir() else { continue };
        for (name, entry) in dir.names.iter() {
            *names.entry(entry.ino).or_default() += 1;
            let Ok(child) = disk.get(entry.ino) else {
                wrong.push(format!("{fs}:{ino} has a name of nothing, {}", name.escape_ascii()));
                continue;
            };
            if child.kind() != entry.kind {
                wrong.push(format!("{fs}:{ino} says that {} is another kind", name.escape_ascii()));
            }
            if let Some(sub) = child.dir() {
                *subdirs.entry(ino).or_default() += 1;
                if sub.parent != ino {
                    wrong.push(format!("{fs}:{} is in {ino} and thinks it is in {}", entry.ino, sub.parent));
                }
            }
        }
    }
    for (ino, inode) in disk.iter() {
        let count = names.get(&ino).copied().unwrap_or(0);
        let links = match (inode.is_dir(), count) {
            (true, 1) => 2 + subdirs.get(&ino).copied().unwrap_or(0),
            (true, _) => 0,
            (false, count) => count,
        };
        if inode.nlink != links || (inode.is_dir() && count > 1) {
            wrong.push(format!("{fs}:{ino} counts {} links and has {links}", inode.nlink));
        }
        if count == 0 && !state.disk_holds(Node { fs, id: ino }) {
            wrong.push(format!("{fs}:{ino} has no name, and nothing holds it"));
        }
    }
}
