//! Arbitrary bytes as a .dockerignore: what must hold of them stands in tests/src/properties.rs.
#![no_main]

#[path = "../../tests/src/properties.rs"]
#[expect(dead_code, reason = "a target drives one of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::dockerignore(data));
