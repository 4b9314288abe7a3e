//! The explorer of images: what each layer holds, what the stack shows, why, and what of it is waste. Data alone; screens
//! and tables are made of it elsewhere.
//!
//! A [`Sheet`] is one layer as a tree, made by the same reader and by the same rules as the engine's unpacking; a [`Stack`]
//! is sheets on each other.

mod compare;
mod comparison;
mod content;
mod efficiency;
mod follow;
mod history;
mod image;
mod lens;
mod node;
mod oddity;
mod reading;
mod refused;
mod report;
mod rows;
mod same;
mod scan;
pub mod screen;
mod secrets;
mod settings;
mod sheet;
mod stack;
#[cfg(test)]
mod tests;
mod threshold;
mod why;

pub use compare::{PathChange, What, compare};
pub use comparison::{Comparison, Counted, Shared};
pub use content::{Content, ContentReader, read_content};
pub use efficiency::{Efficiency, efficiency};
pub use follow::{Link, Way, way};
pub use history::{HistoryLine, history};
pub use image::{Explorer, Record, read_entries};
pub use lens::{Lens, Resolved, resolve};
pub use node::{Node, NodeKind};
pub use oddity::{Access, Oddity};
pub use reading::{FileDigests, LayerReader, LayerScan, distinct};
pub use refused::Refused;
pub use report::{HiddenPath, LayerReport, Report};
pub use rows::Row;
pub use same::{Same, same_contents};
pub use scan::{Scanned, Scanner};
pub use secrets::{Finding, Rule};
pub use settings::{Setting, all_settings, settings};
pub use sheet::{Refusal, Sheet};
pub use stack::{Hidden, Mark, Shown, Stack};
pub use threshold::Threshold;
pub use why::{Looked, Why, why};
