//! Tests of the built page in real Chromium.

mod axe;
mod first;
mod image;
mod journey;
mod lesson;
mod losses;
mod phone;
mod share;
mod shots;
mod terminal;
mod view;
