//! The calls of a line as data: another kernel makes them again, and is judged.

use super::*;
use crate::conformance::Judge;
use crate::kernel::{Call, Errno, Kernel, Made, Outcome, Task};
use crate::sim::SimKernel;

fn calls(session: &mut Session, node: usize) -> Vec<Made> {
    match ask(session, Request::Calls { node }).swap_remove(0) {
        Event::Calls { calls } => calls,
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_kernel_makes_the_calls_of_a_session_and_answers_alike() {
    let mut s = session();
    for line in [
        "docker pull -q busybox; docker run --name box busybox sh -c 'rm /etc/passwd; echo x > /etc/new; mv /etc/new /n'",
        "mkdir /d; cd /d; touch f; cp f g; mv /d /e; while :; do date > /tmp/now; sleep 1; done &",
        "sleep 3; ls -l /e; rmdir /nothing; docker commit box made",
    ] {
        run(&mut s, line);
    }
    let before = (s.world().clone(), s.journal());
    let all: Vec<Vec<Made>> = (0..4).map(|node| calls(&mut s, node)).collect();
    assert_eq!(before, (s.world().clone(), s.journal()), "the session stays as it is");
    let is_mount = |made: &Made| matches!(&made.call, Call::Mount { fstype, .. } if **fstype == *b"overlay");
    let mounts: Vec<usize> =
        all.iter().map(|list| list.iter().filter(|made| is_mount(made)).count()).collect();
    assert!(mounts[0] == 0 && mounts[1] > 0, "{mounts:?}");
    let failed = all[3].iter().find(|made| matches!(&made.call, Call::Rmdir { .. })).unwrap();
    assert_eq!(failed.outcome, Outcome::Err(Errno::ENOENT));

    let (mut kernel, mut judge) = (SimKernel::new(), Judge::default());
    for made in all.iter().flatten() {
        // As it comes in another process.
        let text = serde_json::to_string(made).unwrap();
        assert_eq!(judge.make(&mut kernel, &serde_json::from_str(&text).unwrap()), None, "{text}");
    }
    assert_eq!(kernel.stat(&Task::root(), b"/e/g").map(|stat| stat.size), Ok(0));

    // One that is not where the first one was is found out.
    let (mut kernel, mut judge) = (SimKernel::new(), Judge::default());
    let mut differs = false;
    for (entry, made) in all.iter().enumerate().flat_map(|(entry, list)| list.iter().map(move |m| (entry, m)))
    {
        if entry == 2 && matches!(&made.call, Call::Rename { from, .. } if **from == *b"/d") {
            kernel.mkdir(&Task::root(), b"/e", 0o755).unwrap();
            kernel.mkdir(&Task::root(), b"/e/in", 0o755).unwrap();
            assert_eq!(judge.make(&mut kernel, made), Some(Outcome::Err(Errno::ENOTEMPTY)));
            differs = true;
            break;
        }
        judge.make(&mut kernel, made);
    }
    assert!(differs);
}

#[test]
fn what_was_typed_while_a_line_ran_is_among_its_calls() {
    let mut s = session();
    s.begin(Request::line("cat > /typed"), &mut |_| {});
    assert_eq!(s.step(8, &mut |_| {}), Standing::Follows);
    s.begin(Request::Input { data: "abc\n\x04".into() }, &mut |_| {});
    while s.step(8, &mut |_| {}) != Standing::Answered {}
    let writes = |made: &Made| matches!(&made.call, Call::Pwrite { data, .. } if **data == *b"abc\n");
    // The line and what was typed are two entries of one tick.
    assert!(calls(&mut s, 1).iter().any(writes) && calls(&mut s, 2).iter().any(writes));
    assert!(
        matches!(&ask(&mut s, Request::Calls { node: 3 })[..], [Event::Failed { message }] if message.contains("no entry 3"))
    );
}
