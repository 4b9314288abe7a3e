//! `layerlab`: the lab on a Linux host.

fn main() {}
