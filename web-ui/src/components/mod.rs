//! What is seen: one small file a part of the screen.

mod app;
mod cell;
mod chips;
mod gallery;
mod header;
mod icon;
mod image;
mod import;
mod inspector;
mod lesson;
mod lessons;
mod markdown;
mod share;
mod stack;
mod stage;
mod status;
mod tabs;
mod terminal;
mod timeline;
mod transcript;
mod tree;
mod units;
mod why;

pub(crate) use app::start;
