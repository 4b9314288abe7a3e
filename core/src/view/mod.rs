//! What a screen draws, as plain data: layers, cells, and why a path is seen or not.
//!
//! Answers are built from system calls and from what the engine knows, never from a kernel's insides, so that a
//! screen over a Linux host says the same.

mod columns;
mod explain;
mod follow;
mod host;
mod layers;
mod names;
mod shared;
mod sources;
mod stack;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod walk;

pub use crate::steps::{Found, LayerLookup, PathEntry, Went};
pub use host::{Host, HostColumn, HostLayer};
pub use names::{HUES, hues};
pub use tree::{Branch, BranchLayer, Memory};
pub use types::*;

use crate::explore::screen;
use crate::kernel::{Errno, Kernel, path};
use crate::overlay::Directories;
use crate::program::World;
use sources::{Catalogue, Source};
use stack::Asked;

/// Answers a screen's question. `memory` is the asker's, and the same from question to question.
///
/// # Errors
/// One sentence, where the disk cannot be read.
pub fn answer(
    kernel: &mut dyn Kernel,
    world: &World,
    memory: &mut Memory,
    query: Query,
) -> Result<Answer, String> {
    match query {
        Query::Screen { subject, path, columns, show, unfolded, follow } => {
            let path = path.map(|path| path::normalize(&path)).filter(|path| *path != "/");
            let asked =
                Asked { limit: columns as usize, path: path.as_ref(), show: &show, unfolded: &unfolded };
            screen(kernel, world, subject, &asked, follow.as_ref())
                .map(|screen| Answer::Screen(Box::new(screen)))
        }
        Query::Host => host::host(kernel, world).map(|host| Answer::Host(Box::new(host))),
        Query::Tree { subject, epoch, ask } => branch(kernel, world, memory, subject.as_deref(), epoch, ask)
            .map(|told| Answer::Tree(Box::new(told))),
    }
}

fn screen(
    kernel: &mut dyn Kernel,
    world: &World,
    subject: Option<String>,
    asked: &Asked<'_>,
    follow: Option<&Follow>,
) -> Result<Screen, String> {
    let catalogue = Catalogue::read(kernel, world)?;
    let (images, containers) = catalogue.counts();
    let (layers, claimed) = catalogue.sizes(kernel, world);
    let subjects = catalogue.subjects();
    let touched =
        follow.and_then(|follow| follow::touched(&subjects, follow)).map(|touched| touched.id.clone());
    let is_elsewhere = touched.is_some() && touched != subject;
    let subject = touched.or(subject);
    let mut screen = Screen {
        subjects,
        disk: Disk { layers, claimed, images, containers, writable: 0 },
        ..Screen::default()
    };
    let Some(source) = catalogue.source(kernel, world, subject.as_deref())? else { return Ok(screen) };
    let mut dirs = directories(kernel, &source);
    let (stack, telling, is_there) = stack::build(&mut dirs, &source, asked).map_err(unread(&source))?;
    // A path that was chosen elsewhere says nothing of layers that never had it.
    let path = asked.path.filter(|_| is_there || !is_elsewhere).cloned();
    if let Some(path) = path.or(telling) {
        screen.explained = Some(explain::explain(&mut dirs, &path).map_err(unread(&source))?);
    }
    let writable = stack.rows.iter().filter(|row| row.kind == RowKind::Writable);
    screen.disk.writable = writable.map(|row| row.size).sum();
    screen.stack = Some(stack);
    Ok(screen)
}

fn branch(
    kernel: &mut dyn Kernel,
    world: &World,
    memory: &mut Memory,
    subject: Option<&str>,
    epoch: u32,
    ask: screen::Query,
) -> Result<Branch, String> {
    let catalogue = Catalogue::read(kernel, world)?;
    let Some(source) = catalogue.source(kernel, world, subject)? else {
        let told = screen::Answer::Rows { from: 0, total: 0, rows: Vec::new() };
        return Ok(Branch { subject: None, layers: Vec::new(), paths: 0, told });
    };
    let layers = source.layers.iter().rev().map(|layer| BranchLayer {
        kind: layer.kind,
        name: layer.name.clone(),
        number: layer.number,
        hue: layer.hue,
    });
    let layers = layers.collect();
    let mut dirs = directories(kernel, &source);
    let table = memory.table(&mut dirs, &source.subject, epoch).map_err(unread(&source))?;
    Ok(Branch { paths: table.paths(), told: table.answer(ask), layers, subject: Some(source.subject) })
}

fn unread(source: &Source) -> impl Fn(Errno) -> String {
    let name = source.subject.name.clone();
    move |errno| format!("the layers of {name} cannot be read: {}", errno.text())
}

fn directories<'a>(kernel: &'a mut dyn Kernel, source: &Source) -> Directories<'a> {
    let (upper, lower): (Vec<_>, Vec<_>) =
        source.layers.iter().partition(|layer| layer.kind == RowKind::Writable);
    Directories {
        kernel,
        upper: upper.first().map(|layer| layer.dir.clone()),
        lower: lower.iter().map(|layer| layer.dir.clone()).collect(),
    }
}
