//! What is seen: one small file a part of the screen.

mod app;
mod banner;
mod branch;
mod build;
mod cell;
mod chips;
mod editor;
mod embedded;
mod gallery;
mod header;
mod host;
mod icon;
mod image;
mod import;
mod inspector;
mod intro;
mod late;
mod learned;
mod legend;
mod lesson;
mod lessons;
mod markdown;
mod menu;
mod notice;
mod room;
mod screens;
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

/// Where one pane is seen at a time: the style sheet's own words.
const NARROW: &str = "(max-width: 860px), (max-height: 560px)";
