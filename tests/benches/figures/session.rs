//! A session: what a line costs where there are many containers, images and processes, beside what it costs without, and how
//! long Ctrl-C waits.

use std::fs;
use std::time::Instant;

use layerlab_core::session::{Event, Request, Session, SimBackend, Standing, programs};

use super::Figure;
use super::sim::best;

/// Pairs of `docker run` and `docker commit`.
const PAIRS: usize = 1_000;
/// How many of them are the reference.
const FEW: usize = 100;
/// Loops in the background.
const LOOPS: usize = 20;
/// A minute of the lab's time, in tenths of a second: no more passes between two lines.
const MINUTE: u16 = 600;
/// Strides of a line before it is stopped.
const STRIDES: usize = 200;

/// Lines that would go on for ever.
const ENDLESS: [(&str, &str); 4] = [
    ("yes", "yes"),
    ("logs -f", "docker logs -f ticks"),
    ("a loop", "while :; do echo x >> /tmp/f; done"),
    ("a build", "docker build /w"),
];

fn session(lines: &[&str]) -> Session {
    let mut session = Session::new(Box::new(SimBackend::default()), programs()).expect("a new machine");
    for line in lines {
        run(&mut session, line);
    }
    session
}

/// Runs a line that ends well.
fn run(session: &mut Session, line: &str) {
    asked(session, Request::line(line));
}

fn asked(session: &mut Session, request: Request) {
    let mut printed = String::new();
    session.handle(request, &mut |event| match event {
        Event::Output { data, .. } => printed += &data.to_text(),
        Event::Done { reply } => assert_eq!(reply.status, 0, "{printed}"),
        Event::Failed { message } => panic!("{message}"),
        _ => {}
    });
}

/// Seconds of this thread's time on a processor: what else the machine does is not in it.
fn seconds(work: impl FnOnce()) -> f64 {
    let spent = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux has it");
        let nanos = text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
        nanos.expect("proc(5): its first number") / 1e9
    };
    let start = spent();
    work();
    spent() - start
}

/// Seconds of the fastest of some lines that do nothing.
fn nothing(session: &mut Session) -> f64 {
    best(50, || {
        let start = Instant::now();
        run(session, ":");
        start.elapsed().as_secs_f64()
    })
}

/// All figures of a session.
pub(super) fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut add = |name: String, value: f64, budget: f64, unit: &'static str| {
        figures.push(Figure { name, value, budget, unit });
    };
    let mut lab = session(&["docker pull -q busybox"]);
    let idle = nothing(&mut lab);
    let mut pair = |from: usize, to: usize| {
        seconds(|| {
            for n in from..to {
                run(&mut lab, &format!("docker run --name c{n} busybox sh -c 'echo {n} > /f'"));
                run(&mut lab, &format!("docker commit c{n} made:{n}"));
            }
        })
    };
    let (first, middle) = (pair(0, FEW), pair(FEW, PAIRS - FEW));
    let last = pair(PAIRS - FEW, PAIRS);
    add(format!("{PAIRS} pairs of docker run and docker commit"), first + middle + last, 4.0, "s");
    add(format!("  the last {FEW}, times the first {FEW}"), last / first, 2.0, "x");
    let journal = lab.journal();
    let mut again = session(&[]);
    let replay = seconds(|| asked(&mut again, Request::Restore { journal }));
    add("  their replay".to_owned(), replay, 4.0, "s");
    drop(again);
    add("  a line that does nothing, times that without".to_owned(), nothing(&mut lab) / idle, 2.0, "x");
    drop(lab);

    let mut lab = session(&[]);
    let idle = nothing(&mut lab);
    for _ in 0..LOOPS {
        run(&mut lab, "while :; do sleep 1; done &");
    }
    add(format!("a line that does nothing, {LOOPS} loops behind it"), nothing(&mut lab) / idle, 2.0, "x");
    let hour = seconds(|| {
        for _ in 0..60 {
            asked(&mut lab, Request::Run { line: ":".into(), after: MINUTE, look: None });
        }
    });
    add(format!("an hour of the lab's time with {LOOPS} loops"), hour, 1.0, "s");
    drop(lab);

    let mut lab = session(&[
        "docker pull -q busybox",
        "docker run -d --name ticks busybox sh -c 'while :; do echo tick; sleep 1; done'",
        "mkdir /w; printf 'FROM busybox\\nRUN while :; do echo x; done\\n' > /w/Dockerfile",
    ]);
    for (name, line) in ENDLESS {
        add(format!("Ctrl-C of {name}, at the longest"), interrupted(&mut lab, line), 50.0, "ms");
    }
    figures
}

/// Milliseconds of the longest stride of a line that would go on for ever, and of the stride that ends it.
fn interrupted(session: &mut Session, line: &str) -> f64 {
    let mut quiet = |_: Event| {};
    session.begin(Request::line(line), &mut quiet);
    let mut longest = 0.0_f64;
    for _ in 0..STRIDES {
        let start = Instant::now();
        if session.step(1, &mut quiet) == Standing::Follows {
            session.begin(Request::Pass { tenths: 1 }, &mut quiet);
        }
        longest = longest.max(start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    session.begin(Request::Interrupt, &mut quiet);
    assert_eq!(session.step(1, &mut quiet), Standing::Answered, "{line}");
    (longest + start.elapsed().as_secs_f64()) * 1e3
}
