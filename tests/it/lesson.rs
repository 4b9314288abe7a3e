//! The lessons, proven on the simulator.

use std::path::Path;

use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::On;

fn lesson(arguments: &[&str], input: &str) -> (String, String, i32) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons");
    let dir = folder.to_str().expect("a path of text").to_owned();
    answer(&typed(On::Sim, &[&["lesson", "--dir", &dir], arguments].concat(), input))
}

#[test]
fn every_lesson_is_proven() {
    let (out, err, status) = lesson(&["check"], "");
    assert!(status == 0 && out.ends_with(" pages proven, 0 problems\n"), "{out}{err}");
}

#[test]
fn a_lesson_is_gone_through_by_typing() {
    let typed = "2\n\n\n:check\ndocker exec web1 rm /etc/issue\ndocker exec web1 touch /etc/motd\n";
    let (out, err, status) = lesson(&["run", "whiteouts"], typed);
    assert_eq!(status, 0, "{out}{err}");
    assert!(out.contains("Right: A character device 0:0"), "{out}");
    assert!(out.contains("`/etc/issue` can still be seen in the container."), "{out}");
    let (out, _, _) = lesson(&["show", "whiteouts"], "");
    assert!(out.contains("```check") && !out.contains("```solution"), "{out}");
    let (_, err, status) = lesson(&["run", "nothing"], "");
    assert_eq!(
        (err.as_str(), status),
        ("layerlab: there is no lesson named nothing: see `layerlab lesson list`\n", 1)
    );
}
