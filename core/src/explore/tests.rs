//! Tests of the explorer: layers read one by one, the stack they make, what of it is waste.

use super::*;
use crate::kernel::Timespec;
use crate::oci::Limits;
use crate::oci::tar::{END, Kind, TarEntry, padding, write_header};

/// A layer of files (`name=content`), directories (`name/`) and markers.
fn sheet(entries: &[&str]) -> Sheet {
    let mut tar = Vec::new();
    for text in entries {
        let (name, content) = text.split_once('=').unwrap_or((text, ""));
        let kind = if name.ends_with('/') { Kind::Dir } else { Kind::File };
        let mut entry = TarEntry::new(name, kind, 0o644);
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
    assert_eq!((efficiency(&replaced).repeated_bytes, efficiency(&replaced).wasted_bytes), (6, 4));
    let opaque = stack(&[&["d/", "d/a=12345"], &["d/", "d/.wh..wh..opq", "d/n=1"]]);
    assert!((efficiency(&opaque).score - 1.0).abs() < 1e-9);
    // A whiteout of a directory counts what the directory held.
    let deleted = stack(&[&["d/", "d/a=12345"], &[".wh.d"]]);
    assert_eq!(
        (efficiency(&deleted).repeated_bytes, efficiency(&deleted).wasted_bytes),
        (0, 5),
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

/// Docker refuses these layers; the image specification's `layer.md` reads them.
#[test]
fn what_docker_refuses_is_read_by_the_specification() {
    let (own, low) = (["f=1", ".wh.f", "d/", "d/a=1", ".wh.d"], ["f=22", "d/", "d/low=1", "p=1"]);
    let read = stack(&[&low, &own]);
    let paths = |stack: &Stack| -> Vec<String> {
        stack.shown().keys().map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    };
    assert_eq!(paths(&read), ["d", "d/a", "f", "p"], "a whiteout hides lower layers alone");
    let told = |layer: &[&str]| -> Vec<(String, String)> {
        let sheet = sheet(layer);
        let one = |r: &Refusal| (r.entry.to_text(), r.error.docker_text());
        sheet.refusals().iter().map(one).collect()
    };
    let child = "Error processing tar file(exit status 1): failed to mknod";
    let exists = |path: &str| format!("{child}(\"{path}\", S_IFCHR, 0): file exists");
    assert_eq!(told(&own), [(".wh.f".to_owned(), exists("/f")), (".wh.d".to_owned(), exists("/d"))]);
    let twice = told(&["f=1", "./f=22"]);
    assert_eq!(twice[0].1, "Error processing tar file(duplicates of file paths not supported): ");
    let view = stack(&[&["f=1", "f=22"]]);
    assert_eq!(view.node(b"f").unwrap().1.size, 2, "the later one counts");
    assert_eq!(hidden(&view), [("f".into(), 0, 0, 1)]);
    let below = told(&["p=1", "p/.wh.x"]);
    let want = format!("{child}(\"/p/x\", S_IFCHR, 0): not a directory");
    assert_eq!(below, [("p/.wh.x".to_owned(), want)]);
    assert_eq!(paths(&stack(&[&low, &["p=1", "p/.wh.x"]])), ["d", "d/low", "f", "p"]);
    assert!(told(&[".wh.f", "f=1"]).is_empty(), "what Docker takes is as Docker takes it");
}

#[test]
fn a_link_that_became_a_directory_and_a_parent_made_anew_are_told() {
    let view = stack(&[&["t/", "t/a=1"], &["t/b=1"]]);
    let Oddity::ParentChanged { now, was, layer, .. } = &view.oddities()[0] else { panic!() };
    assert_eq!((now.to_string(), was.to_string(), *layer), ("755 0:0".into(), "644 0:0".into(), 1));
    let way = way(&view, b"/t/b");
    assert_eq!((way.oddities.len(), way.provider, way.leads_to.to_text().as_str()), (1, Some(1), "/t/b"));
}
