//! Two machines held against each other.

use super::compare::{Said, Seen, difference};
use super::*;

fn at(clock: i64) -> Session {
    Session::new(Box::new(SimBackend::new(clock)), programs()).unwrap()
}

fn after(session: &mut Session, line: &str) -> (Said, Seen) {
    let (mut said, mut seen) = (Said::default(), Seen::default());
    session.handle(Request::line(line), &mut |event| match event {
        Event::Output { stream, data } => said.take(stream, &data),
        Event::Done { reply } => (said.status, said.prompt) = (reply.status, reply.prompt),
        _ => {}
    });
    session.handle(Request::Look, &mut |event| {
        if let Event::Seen { seen: told } = event {
            seen = told;
        }
    });
    (said, seen)
}

#[test]
fn the_same_lines_at_another_time_agree_and_a_difference_is_named() {
    let (mut a, mut b) = (at(1_800_000_000), at(1_810_000_000));
    for line in [
        "docker run -d --name web nginx",
        "docker exec web rm /etc/motd",
        "docker ps -a",
        "docker commit web mine",
        "docker images --no-trunc",
        "ls -l /var/lib/docker",
        "mkdir -p /l /u /w /m && echo x > /l/f && mount -t overlay o -o lowerdir=/l,upperdir=/u,workdir=/w /m && rm /m/f",
    ] {
        let (first, second) = (after(&mut a, line), after(&mut b, line));
        assert_eq!(difference((&first.0, &first.1), (&second.0, &second.1)), None, "{line}");
    }
    let first = after(&mut a, "touch /m/g");
    let second = after(&mut b, "true");
    assert!(first.1.trees.keys().any(|name| name.contains("web")), "{:?}", first.1.trees.keys());
    let found = difference((&first.0, &first.1), (&second.0, &second.1)).unwrap();
    assert!(found.what.ends_with(", /g") && found.second == "not there", "{found:?}");
    let first = after(&mut a, "echo one");
    let second = after(&mut b, "echo two");
    let found = difference((&first.0, &first.1), (&second.0, &second.1)).unwrap();
    assert_eq!((found.what.as_str(), found.first.as_str()), ("standard output, line 1", "one"));
}
