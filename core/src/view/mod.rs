//! What a screen draws, as plain data: layers, cells, and why a path is seen or not.
//!
//! Answers are built from system calls and from what the engine knows, never from a kernel's insides, so that a
//! screen over a Linux host says the same.

mod columns;
mod explain;
mod layers;
mod sources;
mod stack;
#[cfg(test)]
mod tests;
mod types;

pub use types::*;

use crate::kernel::{ByteString, Errno, Kernel, path};
use crate::overlay::Directories;
use crate::program::World;
use sources::{Catalogue, Source};

/// Answers a screen's question.
///
/// # Errors
/// One sentence, where the disk cannot be read.
pub fn answer(kernel: &mut dyn Kernel, world: &World, query: Query) -> Result<Answer, String> {
    match query {
        Query::Screen { subject, path, columns } => {
            screen(kernel, world, subject.as_deref(), path, columns as usize)
                .map(|s| Answer::Screen(Box::new(s)))
        }
    }
}

fn screen(
    kernel: &mut dyn Kernel,
    world: &World,
    subject: Option<&str>,
    wanted: Option<ByteString>,
    columns: usize,
) -> Result<Screen, String> {
    let catalogue = Catalogue::read(kernel, world)?;
    let (images, containers) = catalogue.counts();
    let (layers, claimed) = catalogue.sizes(kernel, world);
    let mut screen = Screen {
        subjects: catalogue.subjects(),
        disk: Disk { layers, claimed, images, containers, writable: 0 },
        ..Screen::default()
    };
    let Some(source) = catalogue.source(kernel, world, subject)? else { return Ok(screen) };
    let told =
        |errno: Errno| format!("the layers of {} cannot be read: {}", source.subject.name, errno.text());
    let wanted = wanted.map(|path| path::normalize(&path)).filter(|path| *path != "/");
    let mut dirs = directories(kernel, &source);
    let stack = stack::build(&mut dirs, &source, columns, wanted.as_ref()).map_err(told)?;
    let path = wanted.or_else(|| stack.columns.first().map(|column| column.path.clone()));
    if let Some(path) = path {
        screen.explained = Some(explain::explain(&mut dirs, &path).map_err(told)?);
    }
    let writable = stack.rows.iter().filter(|row| row.kind == RowKind::Writable);
    screen.disk.writable = writable.map(|row| row.size).sum();
    screen.stack = Some(stack);
    Ok(screen)
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
