//! The explorer of images: what each layer holds, what the stack shows, why, and what of it is waste. Data alone; screens
//! and tables are made of it elsewhere.
//!
//! A [`Sheet`] is one layer as a tree, made by the same reader and by the same rules as the engine's unpacking; a [`Stack`]
//! is sheets on each other.

mod compare;
mod content;
pub mod desk;
mod efficiency;
mod image;
mod lens;
mod node;
mod reading;
mod report;
mod scan;
mod secrets;
mod sheet;
mod stack;
#[cfg(test)]
mod tests;
mod why;

pub use compare::{Change, compare};
pub use content::{Content, ContentReader, read_content};
pub use efficiency::{Efficiency, efficiency};
pub use image::{Explorer, Record, read_entries};
pub use lens::{Lens, Resolved, resolve};
pub use node::{Node, NodeKind};
pub use reading::{LayerReader, LayerScan, distinct};
pub use report::{HiddenPath, LayerReport, Report, Row, Threshold};
pub use scan::{Scanned, Scanner};
pub use secrets::{Finding, Rule};
pub use sheet::Sheet;
pub use stack::{Hidden, Mark, Shown, Stack};
pub use why::{Looked, Why, why};
