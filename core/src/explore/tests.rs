//! Tests of the explorer: layers read one by one, the stack they make, what of it is waste.

use super::*;
use crate::kernel::Timespec;
use crate::oci::Limits;
use crate::oci::tar::{END, Entry, Kind, padding, write_header};

/// A layer of files (`name=content`), directories (`name/`) and markers.
fn sheet(entries: &[&str]) -> Sheet {
    let mut tar = Vec::new();
    for text in entries {
        let (name, content) = text.split_once('=').unwrap_or((text, ""));
        let kind = if name.ends_with('/') { Kind::Dir } else { Kind::File };
        let mut entry = Entry::new(name, kind, 0o644);
        entry.size = content.len() as u64;
        entry.mtime = Timespec::seconds(1);
        tar.extend(write_header(&entry));
        tar.extend_from_slice(content.as_bytes());
        tar.extend_from_slice(padding(entry.size));
    }
    tar.extend_from_slice(&END);
    let mut scanner = Scanner::new(Limits::default());
    scanner.push(&tar).unwrap();
    scanner.finish().unwrap().sheet
}

pub(super) fn stack(layers: &[&[&str]]) -> Stack {
    Stack::new(layers.iter().map(|entries| sheet(entries)).collect())
}

fn hidden(stack: &Stack) -> Vec<(String, usize, usize, u64)> {
    stack
        .reclaimable()
        .into_iter()
        .map(|h| (String::from_utf8(h.path).unwrap(), h.layer, h.by, h.size))
        .collect()
}

#[test]
fn deleted_replaced_and_opaque_content_can_be_had_back() {
    let deleted = stack(&[&["d/", "d/a=12345", "d/b=123", "keep=1"], &[".wh.d"], &["d/", "d/a=9"]]);
    assert_eq!(hidden(&deleted), [("d/a".into(), 0, 1, 5), ("d/b".into(), 0, 1, 3)]);
    let opaque = stack(&[&["d/", "d/a=12345"], &["d/", "d/.wh..wh..opq", "d/n=1"]]);
    assert_eq!(hidden(&opaque), [("d/a".into(), 0, 1, 5)]);
    let replaced = stack(&[&["a=12345"], &["a=123"], &["a=1"]]);
    assert_eq!(hidden(&replaced), [("a".into(), 0, 1, 5), ("a".into(), 1, 2, 3)]);
    let nothing = stack(&[&["a=1"], &["b=2"]]);
    assert!(hidden(&nothing).is_empty());
}

#[test]
fn the_usual_figure_misses_what_an_opaque_directory_hides() {
    let replaced = stack(&[&["a=1234"], &["a=12"]]);
    assert!((efficiency(&replaced).score - 2.0 / 6.0).abs() < 1e-9);
    assert_eq!(efficiency(&replaced).wasted_bytes, 6);
    let opaque = stack(&[&["d/", "d/a=12345"], &["d/", "d/.wh..wh..opq", "d/n=1"]]);
    assert!((efficiency(&opaque).score - 1.0).abs() < 1e-9);
    // A whiteout of a directory counts what the directory held.
    let deleted = stack(&[&["d/", "d/a=12345"], &[".wh.d"]]);
    assert_eq!(
        efficiency(&deleted).wasted_bytes,
        0,
        "d is no leaf below, so that its path stands in one layer alone"
    );
}

#[test]
fn marks_and_providers() {
    let view = stack(&[&["d/", "d/a=1", "b=1"], &["d/", "d/a=22", ".wh.b"], &["b=3"]]);
    assert_eq!(view.node(b"d/a").unwrap().0, 1);
    assert_eq!(view.node(b"b").unwrap().0, 2);
    assert_eq!(view.marks()[&b"b".to_vec()], [(0, Mark::A), (1, Mark::D), (2, Mark::A)]);
    assert_eq!(view.marks()[&b"d/a".to_vec()], [(0, Mark::A), (1, Mark::C)]);
}

#[test]
fn why_is_the_look_up() {
    let view = stack(&[&["d/", "d/a=1"], &["d/", "d/.wh.a"], &["d/", "d/n=1"]]);
    let answer = why(view.sheets(), b"/d/a");
    assert_eq!(answer.provider, None);
    let seen: Vec<_> = answer.parts[1].steps.iter().map(|step| (step.layer, step.saw.clone())).collect();
    assert_eq!(seen, [(2, crate::overlay::Saw::Nothing), (1, crate::overlay::Saw::Whiteout)]);
    assert_eq!(why(view.sheets(), b"/d").merges, [2, 1, 0]);
}

#[test]
fn two_views_differ_by_letters() {
    let (a, b) = (stack(&[&["a=1", "b=1"]]), stack(&[&["a=1", "c=1"]]));
    let letters: Vec<_> = compare(&a, &b).into_iter().map(|c| (c.path.to_text(), c.mark)).collect();
    assert_eq!(letters, [("/b".to_owned(), Mark::D), ("/c".to_owned(), Mark::A)]);
}
