//! Tests of the built page in real Chromium.

mod axe;
mod editor;
mod embed;
mod first;
mod image;
mod journey;
mod kept;
mod layout;
mod lesson;
mod losses;
mod offline;
mod opening;
mod phone;
mod share;
mod shots;
mod stack;
mod terminal;
mod told;
mod view;
