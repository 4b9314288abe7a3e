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
    let typed =
        "3\n:stack\n\n\n:check\ndocker exec web1 rm /etc/issue\n:hint\ndocker exec web1 touch /etc/motd\n";
    let (out, err, status) = lesson(&["run", "whiteouts"], typed);
    assert_eq!(status, 0, "{out}{err}");
    for said in [
        "Not so: A character device 0:0\nAn empty file would be seen as one.",
        "  · `/etc/issue` is not to be seen in `web1`",
        "  ✓ `/etc/issue` is not to be seen in `web1`",
        "Done, after 2 lines.",
        "nginx · 4",
        "To keep:",
    ] {
        assert!(out.contains(said), "{said:?} is not in:\n{out}");
    }
    let (out, _, _) = lesson(&["run", "whiteouts", "--lang", "zh"], typed);
    assert!(out.contains("并非如此") && out.contains("本课到此结束。"), "{out}");
    let (_, err, status) = lesson(&["run", "nothing"], "");
    assert_eq!(
        (err.as_str(), status),
        ("layerlab: there is no lesson named nothing: see `layerlab lesson list`\n", 1)
    );
}

#[test]
fn myths_are_listed_with_what_decides_them() {
    let (out, _, status) = lesson(&["myths"], "");
    assert_eq!(status, 0);
    assert!(out.contains("  Wrong: ") && out.contains("    docker rmi -f nginx\n"), "{out}");
    assert!(out.matches("layerlab lesson run ").count() >= 12, "{out}");
    let (out, _, _) = lesson(&["myths", "--lang", "zh"], "");
    assert!(out.contains("  错误: "), "{out}");
}

#[test]
fn what_is_right_is_not_shown() {
    let (out, _, status) = lesson(&["show", "whiteouts"], "");
    assert_eq!(status, 0);
    assert!(out.contains("A character device") && out.contains("[ ] "), "{out}");
    for hidden in ["test -c", "grep", "D /etc/motd", "touch /etc/motd", "would be seen as one"] {
        assert!(!out.contains(hidden), "{hidden:?} is in:\n{out}");
    }
}

#[test]
fn a_new_lesson_works_and_its_faults_are_told_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let ask =
        |arguments: &[&str]| answer(&typed(On::Sim, &[&["lesson", "--dir", dir], arguments].concat(), ""));
    let (out, err, status) = ask(&["new", "my-lesson"]);
    assert!(status == 0 && out.contains("en/01-my-lesson.md"), "{out}{err}");
    assert_eq!(ask(&["check", "my-lesson"]).0, "2 pages proven, 0 problems\n");
    // A page is taken from wherever it lies, without any course.
    let page = folder.path().join("en/01-my-lesson.md").display().to_string();
    let take = |file: &str| {
        answer(&typed(On::Sim, &["lesson", "run", file], "1\n\n\ndocker exec c1 touch /root/other\n"))
    };
    let (out, err, status) = take(&page);
    assert!(status == 0 && out.starts_with(&format!("{page} is somebody else's page")), "{out}{err}");
    assert!(out.contains("Done, after 1 lines."), "{out}");
    let (_, err, status) = take("no/such.md");
    assert!(status == 1 && err.starts_with("layerlab: no/such.md: "), "{err}");
    assert_eq!(ask(&["new", "my-lesson"]).2, 1, "no page is overwritten");
    assert_eq!(ask(&["new", "My lesson"]).2, 2);
    let (out, _, status) = ask(&["check"]);
    assert!(status == 1 && out.contains("the course lacks my-lesson"), "{out}");
    let page = folder.path().join("en/01-my-lesson.md");
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, text.replace("touch /root/other\n```\n\n```wrong", "true\n```\n\n```wrong"))
        .unwrap();
    let (out, _, status) = ask(&["check", "my-lesson"]);
    let line = text.lines().position(|line| line == "```solution").unwrap() + 1;
    let said = format!(
        "{}:{line}: the solution does not pass the check there: `c1` has no file `/root/other`.\n    mend ",
        page.display()
    );
    assert!(status == 1 && out.starts_with(&said), "{out}");
}

#[test]
fn a_record_of_done_lessons_is_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, err, status) = lesson(
        &["run", "whiteouts", "--save", &path("w.json")],
        "1\n\n\ndocker exec web1 rm /etc/issue\n\
                docker exec web1 touch /etc/motd\n",
    );
    assert_eq!(status, 0, "{out}{err}");
    let (record, err, status) =
        lesson(&["record", &format!("whiteouts={}", path("w.json")), "--name", "Lin"], "");
    assert_eq!((status, err.as_str()), (0, ""), "{record}");
    std::fs::write(path("r.json"), &record).unwrap();
    let (out, _, status) = lesson(&["record", "--verify", &path("r.json")], "");
    assert_eq!((status, out.matches("✓ whiteouts: solved in ").count()), (0, 1), "{out}");
    // A line is taken out of the journal: its digest differs, and the task is not solved.
    let forged = record.replace("docker exec web1 touch /etc/motd", "docker exec web1 touch /etc/mtd");
    assert_ne!(forged, record);
    std::fs::write(path("f.json"), forged).unwrap();
    let (out, _, status) = lesson(&["record", "--verify", &path("f.json")], "");
    assert_eq!((status, out.matches("✗ whiteouts: ").count()), (1, 2), "{out}");
    let (_, err, status) = lesson(&["record", &format!("opaque={}", path("w.json"))], "");
    assert!(status == 1 && err.contains("does not begin as the lesson opaque does"), "{err}");
}
