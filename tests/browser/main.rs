//! Tests of the built page in real Chromium.

mod axe;
mod class;
mod compare;
mod drivers;
mod editor;
mod embed;
mod export;
mod first;
mod image;
mod journey;
mod kept;
mod layout;
mod lesson;
mod losses;
mod offline;
mod opening;
mod own;
mod phone;
mod scenes;
mod share;
mod shots;
mod stack;
mod terminal;
mod told;
mod view;
