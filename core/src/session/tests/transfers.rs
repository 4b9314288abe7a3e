//! A pull and a push go on a layer at a time, and Ctrl-C between two layers leaves what Docker leaves.

use super::terminal::replays;
use super::*;
use crate::program::World;
use crate::session::machine::{Machine, Turn};

/// Types a line and presses Ctrl-C once this has been printed.
fn interrupted(s: &mut Session, line: &str, wanted: &str) -> String {
    let (mut text, mut status) = (String::new(), None);
    let mut take = |event, text: &mut String| match event {
        Event::Output { data, .. } => *text += &data.to_text(),
        Event::Done { reply } => status = Some(reply.status),
        _ => {}
    };
    let mut standing = s.begin(Request::line(line), &mut |event| take(event, &mut text));
    while !text.contains(wanted) {
        assert_eq!(standing, Standing::Busy, "{line}: {wanted:?} does not come");
        standing = s.step(1, &mut |event| take(event, &mut text));
    }
    assert_eq!(standing, Standing::Busy, "{line}");
    s.begin(Request::Interrupt, &mut |_| {});
    standing = s.step(1, &mut |event| take(event, &mut text));
    assert_eq!((standing, status), (Standing::Answered, Some(130)), "{line}");
    text
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

/// Recorded with dockerd 20.10.24: what a pull has unpacked is let go with its client, and the next one begins anew.
#[test]
fn an_interrupted_pull_leaves_no_layer_and_begins_anew() {
    let mut s = session();
    run(&mut s, "docker pull debian");
    let before = run(&mut s, "docker images -a; ls /var/lib/docker/overlay2 | wc -l").1;
    let text = interrupted(&mut s, "docker pull nginx", "Pull complete");
    assert!(count(&text, "Already exists") == 1 && !text.contains("Digest:"), "{text}");
    assert_eq!(run(&mut s, "docker images -a; ls /var/lib/docker/overlay2 | wc -l").1, before);
    let again = run(&mut s, "docker pull nginx").1;
    assert_eq!(count(&again, "Already exists"), 1, "{again}");
    assert!(count(&again, "Pull complete") > 1 && again.contains("Downloaded newer image"), "{again}");
    replays(&mut s);
}

/// Recorded with dockerd 20.10.24: the registry keeps the layers that it has, and the next push finds them.
#[test]
fn an_interrupted_push_goes_on() {
    let mut s = session();
    for line in [
        "docker run -d -p 5000:5000 registry:2",
        "docker pull nginx",
        "docker tag nginx localhost:5000/web:1",
    ] {
        assert_eq!(run(&mut s, line).0.status, 0, "{line}");
    }
    let text = interrupted(&mut s, "docker push localhost:5000/web:1", ": Pushed");
    let sent = count(&text, ": Pushed");
    assert!(!text.contains("digest:"), "{text}");
    assert_eq!(run(&mut s, "docker pull localhost:5000/web:1").0.status, 1);
    let again = run(&mut s, "docker push localhost:5000/web:1").1;
    assert_eq!(count(&again, "Layer already exists"), sent, "{again}");
    assert!(count(&again, ": Pushed") > 0 && again.contains("1: digest: sha256:"), "{again}");
    replays(&mut s);
}

/// The layers of a pull are another pull's too: who gives up takes none away from the other.
#[test]
fn two_pulls_of_one_image_do_not_meet() {
    let table = programs();
    let mut machine = Machine::new(Box::new(SimBackend::default())).unwrap();
    machine.run(&table, b"docker pull nginx > /a & docker pull nginx > /b & wait %2; kill %1; wait; docker run --rm nginx true");
    let text: Vec<u8> = machine.drain().into_iter().flat_map(|(_, data)| data).collect();
    assert!(!String::from_utf8_lossy(&text).contains("rror"), "{}", String::from_utf8_lossy(&text));
    assert!(machine.world.held.pulled.is_empty());
}

#[test]
fn a_pull_and_a_push_that_were_written_down_go_on() {
    let table = programs();
    let mut live = Machine::new(Box::new(SimBackend::default())).unwrap();
    for line in ["docker run -d -p 5000:5000 registry:2", "docker pull -q nginx"] {
        assert_eq!(live.run(&table, line.as_bytes()), 0, "{line}");
    }
    live.run(&table, b"docker tag nginx localhost:5000/web:1");
    for (line, wanted) in [
        ("docker pull tomcat", "Downloaded newer image for tomcat:latest"),
        ("docker push localhost:5000/web:1", "1: digest: sha256:"),
    ] {
        live.drain();
        live.begin(&table, line.as_bytes());
        let mut cuts = 0;
        loop {
            let mut copy = live.fork().unwrap();
            copy.world = serde_json::from_str::<World>(&serde_json::to_string(&live.world).unwrap()).unwrap();
            let turn = live.step(&table, 100);
            assert_eq!(copy.step(&table, 100), turn, "{line}, cut {cuts}");
            assert_eq!(copy.world, live.world, "{line}, cut {cuts}");
            live = copy;
            cuts += 1;
            if let Turn::Done(status) = turn {
                assert_eq!(status, 0, "{line}");
                break;
            }
        }
        assert!(cuts > 6, "{line}: {cuts}");
        let text: Vec<u8> = live.drain().into_iter().flat_map(|(_, data)| data).collect();
        assert!(String::from_utf8_lossy(&text).contains(wanted), "{}", String::from_utf8_lossy(&text));
    }
}
