//! Sessions in which much goes on at once: however a person goes back and forth, a replay comes to where the live one is.
//!
//! `PROPTEST_CASES` says how many walks are tried (`cargo xtask soak walks`: 1,000). One that fails is printed with its seed,
//! shrunken to the fewest moves.

use layerlab_core::session::{Event, Reply, Request, Session, SimBackend, programs};
use proptest::prelude::*;

/// Lines that begin, look at and end what runs in the background, and change what it stands on.
const LINES: [&str; 10] = [
    "echo line >> /tmp/log; cat /tmp/c0 /tmp/s1 | tail -n 2",
    "while :; do date >> /tmp/dates; sleep 0.7; done &",
    "kill $!; wait $!; echo $?",
    "sleep 1.5; jobs | wc -l",
    "rm -f /tmp/s0; mv /tmp/s2 /tmp/moved",
    "cd /tmp; mkdir -p d; cd d; pwd",
    "exec 3>> /tmp/log; echo three >&3",
    "x=${x}y; echo $x",
    "docker run -d busybox sh -c 'while :; do echo tick; sleep 1; done'",
    "docker ps -q | xargs -r docker logs --tail 1",
];

/// A move of the person at the page.
#[derive(Debug, Clone)]
enum Move {
    /// A line, so many tenths of a second after the one before.
    Line(usize, u16),
    Undo,
    Redo,
    /// To a tick of the branch in view.
    Jump(usize),
    /// To an entry of any branch.
    Visit(usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..LINES.len(), 0u16..40).prop_map(|(line, after)| Move::Line(line, after)),
        2 => Just(Move::Undo),
        1 => Just(Move::Redo),
        1 => (0usize..32).prop_map(Move::Jump),
        1 => (0usize..32).prop_map(Move::Visit),
    ];
    prop::collection::vec(one, 1..9)
}

/// Asks, and returns what was printed with the answer; a request that cannot be done changes nothing.
fn ask(session: &mut Session, request: Request) -> (String, Option<Reply>) {
    let (mut text, mut answer) = (String::new(), None);
    session.handle(request, &mut |event| match event {
        Event::Output { data, .. } => text += &data.to_text(),
        Event::Done { reply } => answer = Some(reply),
        Event::Differs { number, line, recorded } => {
            text += &format!("{number} {line} said {recorded:?} when it was recorded\n");
        }
        _ => {}
    });
    (text, answer)
}

/// A session with twenty processes in the background: loops that sleep, that count, that are sent signals, and full pipes.
fn busy() -> Session {
    let mut session = Session::new(Box::new(SimBackend::default()), programs()).unwrap();
    let mut lines = vec!["docker pull -q busybox".to_owned()];
    lines.extend((0..8).map(|n| format!("while :; do echo x >> /tmp/s{n}; sleep 0.{}; done &", n + 2)));
    lines.extend((0..4).map(|n| format!("n=0; while :; do n=$((n+1)); echo $n > /tmp/c{n}; done &")));
    lines.extend((0..4).map(|_| "yes | cat > /dev/null &".to_owned()));
    lines.extend((0..4).map(|n| {
        format!("sh -c 'trap \"echo t >> /tmp/t{n}\" USR1; while :; do kill -USR1 $$; sleep 1; done' > /dev/null 2>&1 &")
    }));
    for line in lines {
        let (text, reply) =
            ask(&mut session, Request::Run { line: line.as_str().into(), after: 1, look: None });
        assert_eq!(reply.map(|reply| reply.status), Some(0), "{line}: {text}");
    }
    session
}

/// What can be seen of the disk without a trace.
fn disk(session: &mut Session) -> String {
    let line =
        b"cd /tmp; for f in $(find . -type f | sort); do echo $f; cat $f; done; ls /var/lib/docker/overlay2";
    session.test(line).1.to_text()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100),
        failure_persistence: None,
        max_shrink_time: 120_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_walk_replays_to_where_the_live_session_is(walk in moves()) {
        let mut live = busy();
        for step in &walk {
            let request = match step {
                Move::Line(at, after) => {
                    Request::Run { line: LINES[*at].into(), after: *after, look: None }
                }
                Move::Undo => Request::Undo,
                Move::Redo => Request::Redo,
                Move::Jump(tick) => Request::Jump { tick: *tick },
                Move::Visit(node) => Request::Visit { node: *node },
            };
            ask(&mut live, request);
        }
        let mut replayed = Session::new(Box::new(SimBackend::default()), programs()).unwrap();
        let journal = live.journal();
        let at = journal.at;
        let (text, reply) = ask(&mut replayed, Request::Restore { journal });
        prop_assert!(reply.is_some(), "{}", text);
        prop_assert!(!text.contains("when it was recorded"), "{}", text);
        prop_assert!(live.world() == replayed.world(), "processes, files or the clock differ");
        prop_assert_eq!(disk(&mut live), disk(&mut replayed));
        // To the beginning and back: what was kept, and what has to be run again, come to the same.
        for session in [&mut live, &mut replayed] {
            ask(session, Request::Visit { node: 0 });
            ask(session, Request::Visit { node: at });
        }
        prop_assert!(live.world() == replayed.world(), "they differ after the way back and forth");
        prop_assert_eq!(disk(&mut live), disk(&mut replayed));
    }
}
