//! Why a path is seen, or not: the look-up's own steps, and one deletion in its three forms.

use super::layers::Met;
use super::{Deletion, Explained};
use crate::kernel::{ByteString, Errno, FileType, Stat, Task, path};
use crate::oci::layer;
use crate::overlay::{Directories, Saw, Then};
use crate::steps::{Found, LayerLookup, PathEntry, Went};

/// Explains a path.
pub(super) fn explain(dirs: &mut Directories<'_>, inside: &ByteString) -> Result<Explained, Errno> {
    let sight = dirs.sight(inside)?;
    let first = *dirs.numbers().start();
    let row = |layer: usize| (layer - first + 1) as u32;
    let provider = sight.providers.first().copied();
    let mut steps = Vec::new();
    let mut hidden_bytes = 0;
    for number in dirs.numbers() {
        let stat = dirs.entry(number, inside);
        if let Some(stat) =
            stat.as_ref().filter(|s| s.kind == FileType::File && !sight.providers.contains(&number))
        {
            hidden_bytes += stat.size;
        }
        let entry =
            stat.filter(|stat| !stat.is_whiteout()).map(|stat| described(dirs, number, inside, &stat));
        steps.push(step(row(number), sight.met[number].as_ref(), entry));
    }
    let seen = match provider {
        Some(number) => dirs.entry(number, inside).map(|stat| described(dirs, number, inside, &stat)),
        None => None,
    };
    let deletion = match seen {
        Some(_) => None,
        None => deletion(inside, &steps),
    };
    Ok(Explained { path: inside.clone(), seen, provider: provider.map(row), steps, deletion, hidden_bytes })
}

fn step(row: u32, met: Option<&Met>, entry: Option<PathEntry>) -> LayerLookup {
    let Some(met) = met else {
        let found = match &entry {
            None => Found::Nothing,
            Some(entry) if entry.kind == FileType::Dir => Found::Dir,
            Some(_) => Found::File,
        };
        return LayerLookup { row, found, went: Went::NotReached, entry, at: None };
    };
    let found = match met.saw {
        Saw::Nothing => Found::Nothing,
        Saw::Whiteout => Found::Whiteout,
        Saw::Dir | Saw::Redirect(_) => Found::Dir,
        Saw::OpaqueDir => Found::OpaqueDir,
        Saw::Other | Saw::Shadowed => Found::File,
    };
    let went = match met.then {
        Then::Continue => Went::On,
        Then::Stop => Went::Stopped,
    };
    // "Nothing at /a" is as good as nothing at /a/b; a whiteout at /a is worth saying.
    let at = met.at.clone().filter(|_| found != Found::Nothing);
    LayerLookup { row, found, went, entry, at }
}

fn described(dirs: &mut Directories<'_>, layer: usize, inside: &[u8], stat: &Stat) -> PathEntry {
    let target =
        dirs.dir(layer).filter(|_| stat.kind == FileType::Symlink).map(|dir| path::join(dir, &inside[1..]));
    PathEntry {
        kind: stat.kind,
        size: stat.size,
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
        target: target.and_then(|at| dirs.kernel.readlink(&Task::root(), &at).ok()),
    }
}

/// The deletion that a whiteout or an opaque directory stands for, as the kernel keeps it, as a layer's tar tells it and
/// as docker diff prints it.
fn deletion(inside: &ByteString, steps: &[LayerLookup]) -> Option<Deletion> {
    let stop = steps.iter().find(|step| step.went == Went::Stopped)?;
    let at = stop.at.clone().unwrap_or_else(|| inside.clone());
    let name = path::file_name(&at)?;
    let tar_dir = path::parent(&at)[1..].to_vec();
    let tar = |dir: &[u8], name: &[u8]| path::join(dir, name);
    Some(match stop.found {
        Found::Whiteout => Deletion {
            row: stop.row,
            path: at.clone(),
            kernel: [b"c--------- 0, 0 ", name].concat().into(),
            tar: tar(&tar_dir, &[layer::WHITEOUT, name].concat()),
            diff: [b"D ", &at[..]].concat().into(),
        },
        Found::OpaqueDir => Deletion {
            row: stop.row,
            path: at.clone(),
            kernel: [name, b"/ opaque=y"].concat().into(),
            tar: tar(&at[1..], layer::OPAQUE),
            diff: [b"D ", &inside[..]].concat().into(),
        },
        _ => return None,
    })
}
