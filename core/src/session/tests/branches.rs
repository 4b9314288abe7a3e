//! The journal as a tree: branches, files from outside, old versions, damage.

use super::*;

fn steps(session: &mut Session) -> (Vec<BranchNode>, usize, usize) {
    match ask(session, Request::Branches).swap_remove(0) {
        Event::Branches { steps, at, tip } => (steps, at, tip),
        other => panic!("{other:?}"),
    }
}

fn content(session: &mut Session, file: &str) -> String {
    run(session, &format!("cat {file}")).1
}

#[test]
fn going_back_and_typing_keeps_the_other_branch() {
    let mut s = session();
    for line in ["echo one > /f", "echo two > /f"] {
        run(&mut s, line);
    }
    ask(&mut s, Request::Undo);
    let (reply, _) = run(&mut s, "echo three > /f");
    assert_eq!((reply.tick, reply.ticks, reply.node), (2, 2, 3));
    let (all, at, tip) = steps(&mut s);
    assert_eq!((all.len(), at, tip), (3, 3, 3));
    assert_eq!(all.iter().map(|step| step.parent).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(all.iter().map(|step| step.status).collect::<Vec<_>>(), [Some(0); 3]);
    // To the branch that was left, from there along it, and back.
    ask(&mut s, Request::Visit { node: 2 });
    assert_eq!(s.test(b"grep -q two /f").0, 0);
    ask(&mut s, Request::Undo);
    ask(&mut s, Request::Redo);
    assert_eq!(s.test(b"grep -q two /f").0, 0);
    ask(&mut s, Request::Visit { node: 3 });
    assert_eq!(s.test(b"grep -q three /f").0, 0);
    let failed = ask(&mut s, Request::Visit { node: 9 });
    assert!(matches!(&failed[..], [Event::Failed { message }] if message.contains("no entry 9")));

    // A reload keeps all of it, and does again only the way to where it stands.
    let journal = s.journal();
    let text = serde_json::to_string(&journal).unwrap();
    let mut other = session();
    ask(&mut other, Request::Restore { journal: serde_json::from_str(&text).unwrap() });
    assert_eq!(other.test(b"grep -q three /f").0, 0);
    assert_eq!(other.journal(), journal);
    ask(&mut other, Request::Visit { node: 2 });
    assert_eq!(other.test(b"grep -q two /f").0, 0);
}

#[test]
fn time_on_the_page_is_time_in_the_lab() {
    let mut s = session();
    let line = |line: &str, after| Request::Run { line: line.into(), after, look: None };
    ask(&mut s, line("date +%s > /a", 0));
    ask(&mut s, line("date +%s > /b", 300));
    // A minute at most, however long the page was left alone.
    ask(&mut s, line("date +%s > /c", u16::MAX));
    let seconds = |s: &mut Session, file: &str| content(s, file).trim().parse::<i64>().unwrap();
    let (a, b, c) = (seconds(&mut s, "/a"), seconds(&mut s, "/b"), seconds(&mut s, "/c"));
    assert!((30..=33).contains(&(b - a)) && (60..=63).contains(&(c - b)), "{a} {b} {c}");
    let journal = s.journal();
    let mut other = session();
    ask(&mut other, Request::Restore { journal: journal.shared() });
    assert_eq!(seconds(&mut other, "/c"), c);
}

#[test]
fn the_first_version_is_read_for_ever() {
    let text = include_str!("../../../../tests/fixtures/journals/1.json");
    let journal: Journal = serde_json::from_str(text).unwrap();
    assert_eq!(journal.check(), Ok(()));
    assert_eq!((journal.version, journal.at, journal.tip), (Journal::VERSION, 2, 3));
    let mut s = session();
    let events = ask(&mut s, Request::Restore { journal });
    let last = events.last();
    assert!(matches!(last, Some(Event::Done { reply }) if (reply.tick, reply.ticks) == (2, 3)), "{last:?}");
    assert_eq!(content(&mut s, "/a/f"), "1\n");
}

#[test]
fn the_second_version_is_read_for_ever() {
    let text = include_str!("../../../../tests/fixtures/journals/2.json");
    let journal: Journal = serde_json::from_str(text).unwrap();
    let mut s = session();
    let events = ask(&mut s, Request::Restore { journal: journal.clone() });
    assert!(
        !events.iter().any(|event| matches!(event, Event::Differs { .. } | Event::Failed { .. })),
        "{events:?}"
    );
    assert_eq!(s.test(b"grep -q three /f").0, 0);
    let told = |journal: &Journal| {
        let entries = journal.entries.iter();
        entries.map(|entry| (entry.parent, entry.after, entry.what.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&s.journal()), told(&journal));
}

#[test]
fn what_is_damaged_or_newer_is_refused_by_name_and_changes_nothing() {
    let mut s = session();
    run(&mut s, "echo kept > /f");
    for (text, says) in [
        (r#"{"version": 3, "entries": ["ls"]}"#, "version 3"),
        (r#"{"version": 0}"#, "version 0"),
        (r#"{"version": 2, "entries": ["ls"], "at": 7}"#, "damaged"),
        (r#"{"version": 2, "entries": [{"p": 5, "run": "ls"}]}"#, "damaged"),
        (r#"{"version": 2, "entries": [{"interrupt": 3}]}"#, "damaged"),
        (r#"{"version": 2, "docker": "99", "entries": []}"#, "Docker 99"),
    ] {
        let journal: Journal = serde_json::from_str(text).unwrap();
        let events = ask(&mut s, Request::Restore { journal });
        assert!(
            matches!(&events[..], [Event::Failed { message }] if message.contains(says)),
            "{text}: {events:?}"
        );
        assert_eq!(s.test(b"grep -q kept /f").0, 0);
    }
}

#[test]
fn another_output_than_the_recorded_one_is_told_with_the_old_text() {
    let mut s = session();
    run(&mut s, "echo yes");
    let text = serde_json::to_string(&s.journal()).unwrap().replace("echo yes", "echo no");
    let mut other = session();
    let events = ask(&mut other, Request::Restore { journal: serde_json::from_str(&text).unwrap() });
    let told = events.iter().find_map(|event| match event {
        Event::Differs { number, line, recorded } => Some((*number, line.to_text(), recorded.clone())),
        _ => None,
    });
    assert_eq!(told, Some((1, "echo no".to_owned(), Some("yes\n".into()))));
}

#[test]
fn a_file_from_outside_is_asked_for_and_nothing_behind_it_is_lost() {
    let mut s = session();
    let put = Request::PutFile { path: "/in".into(), offset: 0, data: "from outside\n".into() };
    ask(&mut s, put);
    run(&mut s, "cp /in /out");
    let journal = s.journal();
    assert!(matches!(&journal.entries[0].what, What::PutFile(content) if content.size == 13));
    let mut other = session();
    let events = ask(&mut other, Request::Restore { journal: journal.clone() });
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Wanted { number: 1, content } if content.path == "/in"))
    );
    assert!(matches!(events.last(), Some(Event::Done { reply }) if (reply.tick, reply.ticks) == (0, 2)));
    assert_eq!(other.journal().entries, journal.entries);
    ask(&mut other, Request::Supply { data: "from ".into(), more: true });
    ask(&mut other, Request::Supply { data: "outside\n".into(), more: false });
    ask(&mut other, Request::Visit { node: 2 });
    assert_eq!(content(&mut other, "/out"), "from outside\n");
}

#[test]
fn a_hundred_lines_are_short() {
    let mut s = session();
    for number in 0..100 {
        run(&mut s, &format!("true {number}"));
    }
    let text = serde_json::to_string(&s.journal().shared()).unwrap();
    assert!(text.len() < 100 * 12 + 100, "{}", text.len());
    let again: Journal = serde_json::from_str(&text).unwrap();
    assert_eq!((again.lines().len(), again.done()), (100, 100));
}

#[test]
fn a_copy_of_the_journal_is_kept_by_what_is_recorded() {
    let mut s = session();
    let mut copy = s.journal();
    for request in [
        Request::line("echo a > /f"),
        Request::Edit { path: "/f".into(), content: "b\n".into(), after: 5 },
        Request::line("cat /f"),
        Request::Undo,
        Request::line("echo c > /f"),
        Request::Visit { node: 3 },
        Request::Undo,
        Request::Undo,
        Request::Redo,
        Request::Visit { node: 4 },
        Request::Jump { tick: 0 },
        Request::Visit { node: 2 },
    ] {
        for event in ask(&mut s, request) {
            match event {
                Event::Recorded { number, entry } => copy.record(number, entry),
                Event::Done { reply } => copy.stand_at(reply.node),
                _ => {}
            }
        }
        let journal = s.journal();
        let copied = (copy.entries.clone(), copy.at, copy.tip);
        assert_eq!(copied, (journal.entries, journal.at, journal.tip));
    }
    assert_eq!(content(&mut s, "/f"), "b\n");
}

#[test]
fn a_line_brings_its_screen_with_it() {
    let mut s = session();
    let look = crate::view::Query::screen(None, 10);
    let events = ask(&mut s, Request::Run { line: "true".into(), after: 0, look: Some(look) });
    assert!(
        matches!(&events[..], [Event::Recorded { .. }, Event::View { .. }, Event::Done { .. }]),
        "{events:?}"
    );
}

#[test]
fn a_screen_may_be_looked_at_between_two_pieces_of_a_file() {
    let mut s = session();
    let put = |offset, data: &str| Request::PutFile { path: "/in".into(), offset, data: data.into() };
    ask(&mut s, put(0, "one "));
    ask(&mut s, Request::View { query: crate::view::Query::screen(None, 10) });
    let events = ask(&mut s, put(4, "two\n"));
    assert!(matches!(&events[..], [Event::Done { .. }]), "{events:?}");
    assert_eq!(content(&mut s, "/in"), "one two\n");
    let journal = s.journal();
    assert!(matches!(&journal.entries[0].what, What::PutFile(content) if content.size == 8));
}
