//! Processes live on between lines, and time passes the same however it is cut.

use crate::program::World;
use crate::session::machine::{Machine, Turn};
use crate::session::{SimBackend, programs};

/// Twenty commands in the background: loops that sleep, that count, that spin, and pipes that are always full.
fn with_processes() -> Machine {
    let table = programs();
    let mut machine = Machine::new(Box::new(SimBackend::default())).unwrap();
    let mut lines: Vec<String> =
        (0..8).map(|n| format!("while :; do echo x >> /tmp/s{n}; sleep 0.{}; done &", n + 2)).collect();
    lines.extend((0..4).map(|n| format!("n=0; while :; do n=$((n+1)); echo $n > /tmp/c{n}; done &")));
    lines.extend((0..4).map(|_| "yes | cat > /dev/null &".to_owned()));
    lines.extend((0..4).map(|n| {
        format!(
            "sh -c 'trap \"echo t >> /tmp/t{n}\" USR1; while :; do kill -USR1 $$; sleep 1; done' > /dev/null 2>&1 &"
        )
    }));
    for line in lines {
        assert_eq!(machine.run(&table, line.as_bytes()), 0, "{line}");
    }
    machine
}

/// A generator of small numbers.
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 40
}

#[test]
fn one_stride_equals_many() {
    let table = programs();
    let start = with_processes();
    for seed in 0..20u64 {
        let mut random = seed;
        let total = 1 + next(&mut random) % 20;
        let mut one = start.fork().unwrap();
        one.advance(&table, total);
        let mut many = start.fork().unwrap();
        let mut left = total;
        while left > 0 {
            let stride = 1 + next(&mut random) % left.min(7);
            many.advance(&table, stride);
            left -= stride;
        }
        assert_eq!(one.world, many.world, "seed {seed}");
    }
}

#[test]
fn a_replay_and_a_machine_that_was_written_down_go_on_as_the_live_one() {
    let table = programs();
    let (mut live, mut replayed) = (with_processes(), with_processes());
    assert_eq!(live.world, replayed.world);
    let text = serde_json::to_string(&live.world).unwrap();
    let mut read = live.fork().unwrap();
    read.world = serde_json::from_str::<World>(&text).unwrap();
    // What becomes of a copy is nothing to the machine that it was made of.
    let mut copy = live.fork().unwrap();
    copy.run(&table, b"kill $!; rm /tmp/*");
    for line in ["sleep 2", "cat /tmp/c0 /tmp/s1 | tail -n 1", "kill %1; jobs | wc -l"] {
        for machine in [&mut live, &mut replayed, &mut read] {
            machine.run(&table, line.as_bytes());
        }
        assert_eq!(live.drain(), replayed.drain(), "{line}");
        assert_eq!(live.world, replayed.world, "{line}");
        read.drain();
        assert_eq!(live.world, read.world, "{line}");
    }
}

#[test]
fn undo_is_right_under_a_descriptor_that_stays_open() {
    let table = programs();
    let mut machine = Machine::new(Box::new(SimBackend::default())).unwrap();
    machine.run(&table, b"exec 3> /tmp/f");
    let mut before = machine.fork().unwrap();
    machine.run(&table, b"echo aaaaaaaa >&3");
    before.run(&table, b"echo b >&3; cat /tmp/f");
    let shown: Vec<u8> = before.drain().into_iter().flat_map(|(_, data)| data).collect();
    assert_eq!(String::from_utf8_lossy(&shown), "b\n");
}

#[test]
fn ctrl_c_ends_what_would_go_on_for_ever() {
    let table = programs();
    let mut machine = Machine::new(Box::new(SimBackend::default())).unwrap();
    for line in ["yes", "while :; do :; done", "tail -f /etc/hosts", "cat /dev/zero | wc -c"] {
        machine.begin(&table, line.as_bytes());
        assert!(!matches!(machine.step(&table, 100), Turn::Done(_)), "{line}");
        machine.interrupt(&table);
        assert_eq!(machine.step(&table, 100), Turn::Done(130), "{line}");
        machine.drain();
    }
    machine.run(&table, b"echo alive");
    let shown: Vec<u8> = machine.drain().into_iter().flat_map(|(_, data)| data).collect();
    assert_eq!(shown, b"alive\n");
}
