//! What is typed while a line runs, and leaving a container that goes on.

use super::*;

/// What was heard until a request was answered, or until what runs waits for somebody.
#[derive(Default)]
struct Heard {
    text: String,
    reply: Option<Reply>,
}

impl Heard {
    fn take(&mut self, event: Event) {
        match event {
            Event::Output { data, .. } => self.text += &data.to_text(),
            Event::Done { reply } => self.reply = Some(reply),
            Event::Failed { message } => panic!("{message}"),
            _ => {}
        }
    }
}

/// Goes on with the line that runs until it is answered or waits for somebody.
fn go_on(s: &mut Session, mut standing: Standing, heard: &mut Heard) -> Standing {
    while standing == Standing::Busy {
        standing = s.step(1, &mut |event| heard.take(event));
    }
    standing
}

/// Types a line at the prompt.
fn start(s: &mut Session, line: &str) -> (Standing, Heard) {
    let mut heard = Heard::default();
    let standing = s.begin(Request::line(line), &mut |event| heard.take(event));
    (go_on(s, standing, &mut heard), heard)
}

/// Does something while a line runs.
fn tell(s: &mut Session, request: Request) -> (Standing, Heard) {
    let mut heard = Heard::default();
    assert_eq!(s.begin(request, &mut |_| {}), Standing::Answered);
    (go_on(s, Standing::Busy, &mut heard), heard)
}

fn type_keys(s: &mut Session, data: &[u8]) -> (Standing, Heard) {
    tell(s, Request::Input { data: data.into() })
}

fn with_busybox() -> Session {
    let mut s = session();
    assert_eq!(run(&mut s, "docker pull busybox").0.status, 0);
    s
}

/// Restores what a session was told in another one; each line says what it said.
pub(super) fn replays(s: &mut Session) {
    let mut other = session();
    let events = ask(&mut other, Request::Restore { journal: s.journal() });
    let wrong = events.iter().find(|event| matches!(event, Event::Differs { .. } | Event::Failed { .. }));
    assert_eq!(wrong, None);
}

fn is_up(s: &mut Session, name: &str) -> bool {
    run(s, &format!("docker ps -q -f name={name} | wc -l")).1 == "1\n"
}

#[test]
fn what_is_typed_reaches_the_program_that_runs() {
    let mut s = with_busybox();
    run(&mut s, "docker run -dit --name box busybox sh");
    for line in [
        "cat",
        "cat | cat",
        "docker run -i --rm busybox cat",
        "docker run -it --rm busybox cat",
        "docker exec -i box cat",
        "docker exec -it box cat",
    ] {
        assert_eq!(start(&mut s, line).0, Standing::Follows, "{line}");
        // Half a line is not given to anybody.
        assert_eq!(type_keys(&mut s, b"hel").1.text, "", "{line}");
        let (standing, heard) = type_keys(&mut s, b"lo\n");
        assert_eq!((standing, heard.text.as_str()), (Standing::Follows, "hello\n"), "{line}");
        let (standing, heard) = type_keys(&mut s, b"\x04");
        assert_eq!(
            (standing, heard.reply.map(|reply| reply.status)),
            (Standing::Answered, Some(0)),
            "{line}"
        );
    }
    for line in ["read x; echo got $x", "sort", "docker run -it --rm busybox sh -c 'read x; echo got $x'"] {
        assert_eq!(start(&mut s, line).0, Standing::Follows, "{line}");
        let (_, first) = type_keys(&mut s, b"words\n");
        let text = if line == "sort" { type_keys(&mut s, b"\x04").1.text } else { first.text };
        assert!(text.ends_with("words\n"), "{line}: {text}");
    }
    // Nobody can type: what reads meets the end.
    for line in ["cat", "docker run -it --rm busybox cat", "read x; echo $?"] {
        let (_, text) = run(&mut s, line);
        assert_eq!(text, if line.starts_with("read") { "1\n" } else { "" }, "{line}");
    }
    replays(&mut s);
}

#[test]
fn what_a_shell_in_a_container_starts_reads_what_is_typed() {
    let mut s = with_busybox();
    assert_eq!(run(&mut s, "docker run -it --name box busybox sh").0.prompt, "/ # ");
    assert_eq!(start(&mut s, "cat > /f").0, Standing::Follows);
    type_keys(&mut s, b"kept\n");
    let (_, heard) = type_keys(&mut s, b"\x04");
    assert_eq!(heard.reply.map(|reply| reply.prompt).as_deref(), Some("/ # "));
    assert_eq!(run(&mut s, "cat /f").1, "kept\n");
    replays(&mut s);
}

#[test]
fn the_detach_keys_leave_a_program_that_goes_on() {
    let mut s = with_busybox();
    assert_eq!(start(&mut s, "docker run -it --name one busybox cat").0, Standing::Follows);
    let (standing, heard) = tell(&mut s, Request::Detach);
    let reply = heard.reply.unwrap();
    assert_eq!(
        (standing, reply.status, heard.text.as_str()),
        (Standing::Answered, 0, "read escape sequence\n")
    );
    assert!(is_up(&mut s, "one"));
    // It waits where it was left, for whoever comes; a client that only joined ends with an error (Docker 28).
    for line in ["docker attach one", "docker start -ai one"] {
        assert_eq!(start(&mut s, line).0, Standing::Follows, "{line}");
        assert_eq!(type_keys(&mut s, b"again\n").1.text, "again\n", "{line}");
        let (_, heard) = tell(&mut s, Request::Detach);
        let want = u8::from(line == "docker attach one");
        assert_eq!(
            (heard.reply.unwrap().status, heard.text.as_str()),
            (want, "read escape sequence\n"),
            "{line}"
        );
    }
    assert!(is_up(&mut s, "one"));
    // One key alone is the program's.
    start(&mut s, "docker attach one");
    assert_eq!(type_keys(&mut s, b"\x10a\n").1.text, "\x10a\n");
    let (_, heard) = type_keys(&mut s, b"\x04");
    assert_eq!(heard.reply.unwrap().status, 0);
    assert!(!is_up(&mut s, "one"));
    run(&mut s, "docker run -dit --name two busybox sh");
    start(&mut s, "docker exec -it two cat");
    assert_eq!(tell(&mut s, Request::Detach).1.reply.unwrap().status, 1);
    let (_, text) = run(&mut s, "docker top two | grep -c cat");
    assert_eq!(text, "1\n");
    replays(&mut s);
}

#[test]
fn a_shell_at_its_prompt_is_left_and_joined_again() {
    let mut s = with_busybox();
    for line in ["docker run -it --name box busybox sh", "cd /etc", "sh", "cd /tmp"] {
        run(&mut s, line);
    }
    let ticks = s.standing(0).tick;
    let heard = ask(&mut s, Request::Detach);
    assert!(
        matches!(heard.last(), Some(Event::Done { reply })
        if (reply.status, reply.tick, reply.prompt.as_str()) == (0, ticks + 1, "[root@lab ~]# ")),
        "{heard:?}"
    );
    assert!(is_up(&mut s, "box"));
    let (reply, _) = run(&mut s, "docker attach box");
    assert_eq!(reply.prompt, "/tmp # ");
    run(&mut s, "exit");
    assert_eq!(run(&mut s, "pwd").1, "/etc\n");
    // It is a tick: taken back, the shell is in front again.
    ask(&mut s, Request::Detach);
    let events = ask(&mut s, Request::Undo);
    assert!(matches!(events.last(), Some(Event::Done { reply }) if reply.prompt == "/etc # "), "{events:?}");
    run(&mut s, "exit 4");
    run(&mut s, "docker start box");
    run(&mut s, "docker exec -it box sh");
    let events = ask(&mut s, Request::Detach);
    assert!(matches!(events.last(), Some(Event::Done { reply }) if reply.status == 1), "{events:?}");
    // At the host's own prompt there is nothing to leave.
    assert!(matches!(&ask(&mut s, Request::Detach)[..], [Event::Failed { .. }]));
    replays(&mut s);
}

/// Docker's reference, "docker attach": `--detach-keys`, and `detachKeys` in the client's configuration.
#[test]
fn detach_keys_of_ones_own() {
    let mut s = with_busybox();
    run(&mut s, "docker run -dit --name box busybox sh");
    for line in [
        "docker run -it --detach-keys ctrl-x,x --name one busybox cat",
        "docker attach --detach-keys ctrl-x,x one",
        "docker start -ai --detach-keys ctrl-x,x one",
        "docker exec -it --detach-keys ctrl-x,x box cat",
    ] {
        assert_eq!(start(&mut s, line).0, Standing::Follows, "{line}");
        assert_eq!(tell(&mut s, Request::Detach).0, Standing::Follows, "{line}");
        let (standing, heard) = type_keys(&mut s, b"\x18x");
        assert_eq!((standing, heard.text.as_str()), (Standing::Answered, "read escape sequence\n"), "{line}");
    }
    run(&mut s, "mkdir -p ~/.docker; echo '{\"detachKeys\": \"ctrl-a\"}' > ~/.docker/config.json");
    start(&mut s, "docker attach one");
    assert_eq!(type_keys(&mut s, b"\x01").0, Standing::Answered);
    for (line, says) in [
        ("docker attach --detach-keys ctrl- one", "unable to upgrade to tcp, received 400\n"),
        ("docker run -it --detach-keys xy busybox cat", "unable to upgrade to tcp, received 400\n"),
        (
            "docker exec -it --detach-keys ctrl- box sh",
            "Error response from daemon: Invalid escape keys (ctrl-) provided\n",
        ),
    ] {
        let (reply, text) = run(&mut s, line);
        assert_eq!((reply.status, text.trim_start_matches("! ")), (1, says), "{line}");
    }
    replays(&mut s);
}

/// Types a line, lets it go on for 20 strides, and presses Ctrl-C.
fn interrupted(s: &mut Session, line: &str) -> Heard {
    let mut heard = Heard::default();
    let mut standing = s.begin(Request::line(line), &mut |event| heard.take(event));
    for _ in 0..20 {
        if standing == Standing::Follows {
            s.begin(Request::Pass { tenths: 1 }, &mut |_| {});
        }
        standing = s.step(1, &mut |event| heard.take(event));
        assert_ne!(standing, Standing::Answered, "{line}: {}", heard.text);
    }
    s.begin(Request::Interrupt, &mut |_| {});
    heard
}

/// An interrupt takes effect in the stride after it, whatever runs, and the session goes on. A stride is a few milliseconds
/// (`tests/benches/figures` measures it).
#[test]
fn ctrl_c_is_heard_within_one_stride() {
    let mut s = with_busybox();
    run(&mut s, "docker run -d --name ticks busybox sh -c 'while :; do echo tick; sleep 1; done'");
    for line in [
        "yes",
        "while :; do :; done",
        "while :; do sleep 1000; done",
        "cat",
        "yes | cat > /dev/null",
        "docker logs -f ticks",
        "docker run --rm busybox sh -c 'while :; do echo x; done'",
        "docker exec ticks sh -c 'while :; do echo x; done'",
    ] {
        interrupted(&mut s, line);
        let mut last = Heard::default();
        assert_eq!(s.step(1, &mut |event| last.take(event)), Standing::Answered, "{line}");
        assert_eq!(last.reply.unwrap().status, 130, "{line}");
        assert_eq!(run(&mut s, "echo alive").1, "alive\n", "{line}");
    }
    assert!(is_up(&mut s, "ticks"));
}

#[test]
fn a_shell_without_a_prompt_runs_each_command_as_it_is_typed() {
    let mut s = with_busybox();
    let line = "docker run -i --rm busybox sh";
    assert_eq!(start(&mut s, line).0, Standing::Follows, "{line}");
    assert_eq!(type_keys(&mut s, b"x=1; if [ $x = 1 ]\n").1.text, "", "{line}");
    assert_eq!(type_keys(&mut s, b"then echo got $x; fi\n").1.text, "got 1\n", "{line}");
    let (standing, _) = type_keys(&mut s, b"exit 3\n");
    assert_eq!(standing, Standing::Answered, "{line}");
    replays(&mut s);
}

/// `docker run` and `docker attach` pass SIGINT on to the first process, unless they were told not to; `docker exec` never does.
#[test]
fn what_ctrl_c_reaches_in_a_container() {
    const LOOP: &str = "while :; do sleep 1; done";
    let trap = |status: u8| format!("trap \"echo int; exit {status}\" INT; {LOOP}");
    for (before, line, said, status, is_up) in [
        (String::new(), format!("docker run --name one busybox sh -c '{}'", trap(5)), "int\n", 5, false),
        (
            format!("docker run -d --name one busybox sh -c '{}'", trap(6)),
            "docker attach one".into(),
            "int\n",
            6,
            false,
        ),
        (
            String::new(),
            format!("docker run --name one --sig-proxy=false busybox sh -c '{}'", trap(5)),
            "client alone",
            130,
            true,
        ),
        (
            format!("docker run -d --name one busybox sh -c '{}'", trap(6)),
            "docker attach --sig-proxy=false one".into(),
            "client alone",
            130,
            true,
        ),
        (
            String::new(),
            format!("docker run --name one busybox sh -c '{LOOP}'"),
            "does not end at Ctrl-C",
            130,
            true,
        ),
        (
            String::new(),
            "docker run --name one busybox sh -c 'tail -f /dev/null; echo after'".into(),
            "does not end",
            130,
            true,
        ),
        (
            format!("docker run -dt --name one busybox sh -c '{}'", trap(6)),
            "docker attach one".into(),
            "client alone",
            130,
            true,
        ),
        (
            format!("docker run -d --name one busybox sh -c '{}'", trap(6)),
            format!("docker exec one sh -c '{LOOP}'"),
            "client alone",
            130,
            true,
        ),
    ] {
        let mut s = with_busybox();
        if !before.is_empty() {
            assert_eq!(run(&mut s, &before).0.status, 0, "{before}");
        }
        let mut heard = interrupted(&mut s, &line);
        let mut standing = Standing::Busy;
        for _ in 0..20 {
            standing = s.step(1, &mut |event| heard.take(event));
            match standing {
                Standing::Answered => break,
                Standing::Follows => drop(s.begin(Request::Pass { tenths: 1 }, &mut |_| {})),
                Standing::Busy => {}
            }
        }
        assert_eq!(standing, Standing::Answered, "{line}");
        assert!(heard.text.contains(said), "{line}: {}", heard.text);
        assert_eq!(heard.reply.unwrap().status, status, "{line}: {}", heard.text);
        assert_eq!(self::is_up(&mut s, "one"), is_up, "{line}");
        replays(&mut s);
    }
}

#[test]
fn a_question_waits_for_its_answer() {
    let mut s = with_busybox();
    for (line, answer, says, is_left) in [
        ("docker container prune", "n\n", "Total reclaimed space: 0B\n", true),
        ("docker system prune", "\n", "", true),
        ("docker container prune", "y\n", "Deleted Containers:\n", false),
    ] {
        run(&mut s, "docker rm one; docker create --name one busybox true");
        let (standing, heard) = start(&mut s, line);
        assert_eq!(standing, Standing::Follows, "{line}: {}", heard.text);
        assert!(heard.text.ends_with("[y/N] "), "{line}: {}", heard.text);
        let (standing, heard) = type_keys(&mut s, answer.as_bytes());
        assert_eq!(
            (standing, heard.reply.map(|reply| reply.status)),
            (Standing::Answered, Some(0)),
            "{line}"
        );
        assert!(heard.text.starts_with(says), "{line}: {}", heard.text);
        assert_eq!(run(&mut s, "docker ps -aq | wc -l").1, if is_left { "1\n" } else { "0\n" }, "{line}");
    }
    replays(&mut s);
}

/// A server in the foreground stays there, and nobody's time is jumped over meanwhile.
#[test]
fn a_server_in_the_foreground_stays_until_ctrl_c() {
    let mut s = with_busybox();
    run(&mut s, "docker pull nginx; docker run -d --name keep busybox sleep 600");
    let heard = interrupted(&mut s, "docker run --name web nginx");
    assert!(heard.reply.is_none(), "{}", heard.text);
    let (standing, _) = (s.step(1000, &mut |_| {}), heard);
    assert_eq!(standing, Standing::Answered);
    assert!(is_up(&mut s, "keep") && !is_up(&mut s, "web"));
    replays(&mut s);
}
