//! Sessions: the calls of every line, made again on it.

use layerlab_core::conformance::batch;
use layerlab_core::kernel::{Call, Errno, Made, Outcome, Task};
use layerlab_core::session::{Event, Request, Session};
use layerlab_tests::guest::{Guest, Kind};
use layerlab_tests::sim;
use serde_json::Value;

fn calls(session: &mut Session, node: usize) -> Vec<Made> {
    let mut made = None;
    session.handle(Request::Calls { node }, &mut |event| match event {
        Event::Calls { calls } => made = Some(calls),
        Event::Failed { message } => panic!("{message}"),
        _ => {}
    });
    made.expect("the calls of an entry")
}

/// Runs lines, and has the guest make each one's calls.
fn follow(guest: &mut Guest, lines: &[&str]) -> Vec<Value> {
    let mut session = sim::session();
    guest.ask(Kind::Reset, b"").expect("an empty tree");
    let mut verdicts = Vec::new();
    for node in 0..=lines.len() {
        if node > 0 {
            session.handle(Request::line(lines[node - 1]), &mut |_| {});
        }
        let text = batch::pack(calls(&mut session, node));
        let started = std::time::Instant::now();
        let answer = guest.ask(Kind::Calls, text.as_bytes()).expect("a verdict");
        let verdict: Value = serde_json::from_slice(&answer).expect("JSON");
        println!(
            "{} calls, {} bytes, {} ms: {}",
            text.lines().count(),
            text.len(),
            started.elapsed().as_millis(),
            node.checked_sub(1).map_or("(start)", |at| lines[at])
        );
        for difference in verdict["differences"].as_array().into_iter().flatten() {
            let at = difference["at"].as_u64().expect("a number") as usize;
            println!("  {:?}\n  found {}", text.lines().nth(at), difference["found"]);
        }
        verdicts.push(verdict);
    }
    verdicts
}

#[test]
fn the_lines_of_a_session_are_answered_alike() {
    let mut guest = Guest::start();
    let lines = [
        "docker run --name c1 alpine sh -c 'rm /etc/motd; echo x > /etc/new; mkdir /d; mv /d /e; chmod 600 /etc/passwd'",
        "docker diff c1",
        "docker commit c1 mine",
        "docker history mine",
        "docker run --rm mine ls -l /etc",
        "printf 'FROM alpine\\nRUN rm -r /etc\\nRUN mkdir /etc\\nCOPY f /etc/f\\n' > Dockerfile; echo f > f; docker build -t built .",
        "mkdir l u w m; echo low > l/f; mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w m; rm m/f; ls -l u; mkdir m/f",
        "docker rm c1; docker rmi mine built",
    ];
    for verdict in follow(&mut guest, &lines) {
        assert_eq!((&verdict["count"], &verdict["full"]), (&Value::from(0), &Value::Null), "{verdict}");
    }
    // After a reset the same lines stand on an empty tree again.
    let again = follow(&mut guest, &lines[..1]);
    assert!(again.iter().all(|verdict| verdict["count"] == 0), "{again:?}");
}

#[test]
fn a_wrong_answer_is_found() {
    let mut guest = Guest::start();
    let made = batch::pack([Made {
        task: Some(Task::root()),
        call: Call::Mkdir { path: "/d".into(), mode: 0o755 },
        outcome: Outcome::Err(Errno::EEXIST),
    }]);
    let answer = guest.ask(Kind::Calls, made.as_bytes()).expect("a verdict");
    let verdict: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(verdict["count"], 1, "{verdict}");
    assert_eq!(verdict["differences"][0]["found"], serde_json::json!({ "ok": "unit" }), "{verdict}");
    assert!(guest.ask(Kind::Calls, b"no call").is_err());
}
