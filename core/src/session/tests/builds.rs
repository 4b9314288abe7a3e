//! A build is a process like others: it goes on between steps, is seen while it works, and can be stopped.

use super::*;
use crate::program::World;
use crate::session::machine::{Machine, Turn};

/// A session with a context of this Dockerfile.
fn with_context(dockerfile: &[&str]) -> Vec<String> {
    let mut lines = vec!["docker pull busybox".to_owned(), "mkdir /w; cd /w; echo x > file".to_owned()];
    lines.extend(dockerfile.iter().map(|line| format!("echo '{line}' >> Dockerfile")));
    lines
}

const ENDLESS: [&str; 3] =
    ["FROM busybox", "RUN echo kept > /kept", "RUN echo begins; while :; do echo x >> /f; done"];

/// Steps of the machine until this stands on its terminal.
fn until(machine: &mut Machine, table: &Table, wanted: &str) -> String {
    let mut text = String::new();
    for _ in 0..200 {
        assert!(!matches!(machine.step(table, 256), Turn::Done(_)), "{text}");
        text.extend(machine.drain().into_iter().map(|(_, data)| String::from_utf8_lossy(&data).into_owned()));
        if text.contains(wanted) {
            return text;
        }
    }
    panic!("{wanted:?} does not come: {text}");
}

fn machine(dockerfile: &[&str]) -> (Table, Machine) {
    let table = programs();
    let mut machine = Machine::new(Box::new(SimBackend::default())).unwrap();
    for line in with_context(dockerfile) {
        assert_eq!(machine.run(&table, line.as_bytes()), 0, "{line}");
    }
    machine.drain();
    (table, machine)
}

#[test]
fn ctrl_c_stops_a_build_and_leaves_what_docker_leaves() {
    for (command, wanted) in
        [("docker build -t app .", "begins\n"), ("DOCKER_BUILDKIT=1 docker build -t app .", "")]
    {
        let (table, mut machine) = machine(&ENDLESS);
        machine.begin(&table, command.as_bytes());
        let said = until(&mut machine, &table, wanted);
        for _ in 0..40 {
            assert!(!matches!(machine.step(&table, 256), Turn::Done(_)), "{said}");
        }
        machine.interrupt(&table);
        assert_eq!(machine.step(&table, 256), Turn::Done(130), "{command}");
        machine.drain();
        // No container, nothing of the context, no mount, no process; the steps that were done stay.
        let lines = "docker ps -aq | wc -l; ls /var/lib/docker/tmp | wc -l; mount | grep -c overlay; ps | grep -c '[s]h -c'";
        machine.run(&table, lines.as_bytes());
        let text: Vec<u8> = machine.drain().into_iter().flat_map(|(_, data)| data).collect();
        assert_eq!(String::from_utf8_lossy(&text), "0\n0\n0\n0\n", "{command}");
        machine.run(&table, b"docker images -aq | wc -l");
        let text: Vec<u8> = machine.drain().into_iter().flat_map(|(_, data)| data).collect();
        // busybox, and with the classic builder the image of the first RUN.
        let want = if wanted.is_empty() { "1\n" } else { "2\n" };
        assert_eq!(String::from_utf8_lossy(&text), want, "{command}");
    }
}

#[test]
fn what_a_run_says_is_seen_while_it_runs() {
    let (table, mut machine) = machine(&[
        "FROM busybox",
        "RUN echo first; n=0; while [ $n -lt 5000 ]; do n=$((n+1)); done; echo last",
    ]);
    for (command, first, last, end) in [
        ("docker build .", "\nfirst\n", "\nlast\n", "last\n"),
        (
            "DOCKER_BUILDKIT=1 docker build --progress=plain .",
            " 0.1 first\n",
            " 0.1 last\n",
            " 0.1 last\n#5 DONE 0.0s\n",
        ),
    ] {
        machine.begin(&table, command.as_bytes());
        let text = until(&mut machine, &table, first);
        assert!(!text.contains(last), "{text}");
        let mut rest = String::new();
        loop {
            let turn = machine.step(&table, 256);
            rest.extend(
                machine.drain().into_iter().map(|(_, data)| String::from_utf8_lossy(&data).into_owned()),
            );
            match turn {
                Turn::Done(status) => break assert_eq!(status, 0, "{rest}"),
                turn => assert_eq!(turn, Turn::More, "{rest}"),
            }
        }
        assert!(rest.contains(end) && !rest.contains(first), "{rest}");
    }
}

#[test]
fn a_copy_and_a_machine_that_was_written_down_build_on_as_the_live_one() {
    for command in ["docker build -t app .", "DOCKER_BUILDKIT=1 docker build -t app ."] {
        let (table, mut live) = machine(&[
            "FROM busybox",
            "RUN for n in 1 2 3 4 5 6 7 8 9; do echo $n >> /f; done",
            "COPY file /copied",
            "RUN wc -l /f > /count",
        ]);
        live.begin(&table, command.as_bytes());
        let mut cuts = 0;
        loop {
            // Each few steps a copy is made, which is written down and read back, and goes on alone.
            let mut copy = live.fork().unwrap();
            copy.world = serde_json::from_str::<World>(&serde_json::to_string(&live.world).unwrap()).unwrap();
            let turn = live.step(&table, 2);
            assert_eq!(copy.step(&table, 2), turn, "{command}, cut {cuts}");
            assert_eq!(copy.world, live.world, "{command}, cut {cuts}");
            live = copy;
            cuts += 1;
            if let Turn::Done(status) = turn {
                assert_eq!(status, 0, "{command}");
                break;
            }
        }
        assert!(cuts > 10, "{command}: {cuts}");
        live.drain();
        live.run(&table, b"docker run --rm app cat /count /copied");
        let text: Vec<u8> = live.drain().into_iter().flat_map(|(_, data)| data).collect();
        assert_eq!(String::from_utf8_lossy(&text), "9 /f\nx\n", "{command}");
    }
}

#[test]
fn an_interrupt_in_a_build_replays() {
    let mut s = session();
    for line in with_context(&ENDLESS) {
        run(&mut s, &line);
    }
    let mut quiet = |_: Event| {};
    assert_eq!(s.begin(Request::line("docker build -t app ."), &mut quiet), Standing::Busy);
    assert_eq!(s.step(60, &mut quiet), Standing::Busy);
    s.begin(Request::Interrupt, &mut quiet);
    assert_eq!(s.step(1, &mut quiet), Standing::Answered);
    assert_eq!(run(&mut s, "docker ps -aq | wc -l").1, "0\n");
    let mut other = session();
    let events = ask(&mut other, Request::Restore { journal: s.journal() });
    assert!(
        !events.iter().any(|event| matches!(event, Event::Differs { .. } | Event::Failed { .. })),
        "{events:?}"
    );
    assert_eq!(s.machine.world, other.machine.world);
}
