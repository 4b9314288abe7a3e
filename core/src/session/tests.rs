//! A session as its clients see it.

mod branches;
mod builds;
mod calls;
mod compare_two;
mod help;
mod terminal;
mod time;
mod transfers;

use super::*;
use crate::program::Stream;

fn session() -> Session {
    Session::new(Box::new(SimBackend::default()), programs()).unwrap()
}

fn run(session: &mut Session, line: &str) -> (Reply, String) {
    let mut text = String::new();
    let reply = session.run(line.as_bytes(), &mut |event| {
        if let Event::Output { stream, data } = event {
            text += match stream {
                Stream::Stdout => "",
                Stream::Stderr => "! ",
            };
            text += &data.to_text();
        }
    });
    (reply, text)
}

fn ask(session: &mut Session, request: Request) -> Vec<Event> {
    let mut events = Vec::new();
    session.handle(request, &mut |event| events.push(event));
    events
}

#[test]
fn a_deletion_is_told_undone_and_redone() {
    let mut s = session();
    run(&mut s, "docker pull nginx");
    let (reply, text) = run(&mut s, "docker run -d --name web1 nginx");
    assert_eq!(reply.status, 0, "{text}");
    let (reply, text) = run(&mut s, "docker exec web1 rm /etc/motd");
    assert_eq!((reply.status, text.as_str()), (0, ""));
    let gone = reply.changes.iter().find(|c| c.path == "/etc/motd").unwrap();
    assert_eq!((gone.layer.as_str(), gone.kind), ("web1", ChangeKind::Whiteout));
    let (_, diff) = run(&mut s, "docker diff web1");
    assert!(diff.contains("D /etc/motd\n"), "{diff}");
    for _ in 0..2 {
        ask(&mut s, Request::Undo);
    }
    let (reply, text) = run(&mut s, "docker exec web1 cat /etc/motd");
    assert_eq!((reply.status, reply.tick, text.as_str()), (0, 3, "Layers below, paint on top.\n"));
    assert!(
        matches!(&ask(&mut s, Request::Redo)[..], [Event::Failed { message }] if message.contains("redo"))
    );
}

#[test]
fn a_line_tells_what_it_copied_up() {
    let mut s = session();
    run(&mut s, "docker pull nginx");
    run(&mut s, "docker run -d --name web1 nginx");
    let cost = |s: &mut Session, line: &str, path: &str| {
        let (reply, text) = run(s, &format!("docker exec web1 sh -c '{line}'"));
        assert_eq!((reply.status, text.as_str()), (0, ""));
        let of_path = reply.changes.iter().find(|c| c.path == path).map_or(0, |c| c.copied_up);
        (of_path, reply.copied_up.bytes, reply.copied_up.entries)
    };
    let size = "Layers below, paint on top.\n".len() as u64;
    // The file and its directory; what is in the upper layer by then costs nothing more.
    assert_eq!(cost(&mut s, "echo one more >> /etc/motd", "/etc/motd"), (size, size, 2));
    assert_eq!(cost(&mut s, "echo one more >> /etc/motd", "/etc/motd"), (0, 0, 0));
    // Cut as it is opened: nothing of its content is copied.
    let (of_path, bytes, entries) =
        cost(&mut s, "> /usr/share/nginx/html/index.html", "/usr/share/nginx/html/index.html");
    assert_eq!((of_path, bytes), (0, 0));
    assert!(entries > 1);
}

#[test]
fn a_shell_in_a_container_takes_the_next_lines() {
    let mut s = session();
    run(&mut s, "docker pull busybox");
    let (reply, text) = run(&mut s, "docker run -it --rm --name box busybox sh");
    assert_eq!(reply.prompt, "/ # ", "{text}");
    let (_, text) = run(&mut s, "cd /etc && pwd");
    assert_eq!(text, "/etc\n");
    let (reply, _) = run(&mut s, "exit 3");
    assert_eq!((reply.status, reply.prompt.as_str()), (3, "[root@lab ~]# "));
    let (_, text) = run(&mut s, "docker ps -aq; echo $?");
    assert_eq!(text, "0\n");
}

#[test]
fn a_line_that_is_not_complete_waits() {
    let mut s = session();
    let (reply, _) = run(&mut s, "echo 'one");
    assert_eq!((reply.prompt.as_str(), reply.tick), ("> ", 0));
    let (reply, text) = run(&mut s, "two'");
    assert_eq!((text.as_str(), reply.tick), ("one\ntwo\n", 1));
    run(&mut s, "if true; then");
    ask(&mut s, Request::Interrupt);
    assert_eq!(run(&mut s, "echo back").1, "back\n");
}

#[test]
fn a_journal_brings_a_session_back() {
    let mut s = session();
    for line in ["mkdir /a", "echo 1 > /a/f", "rm /a/f"] {
        run(&mut s, line);
    }
    ask(&mut s, Request::Undo);
    let journal = s.journal();
    let mut other = session();
    let events = ask(&mut other, Request::Restore { journal: journal.clone() });
    assert!(matches!(events.last(), Some(Event::Done { reply }) if (reply.tick, reply.ticks) == (2, 3)));
    assert_eq!(other.journal(), journal);
    assert_eq!(run(&mut other, "cat /a/f").1, "1\n");
    let strange = Journal { version: 9, ..journal };
    assert!(matches!(&ask(&mut other, Request::Restore { journal: strange })[..], [Event::Failed { .. }]));
    assert_eq!(run(&mut other, "cat /a/f").1, "1\n");
}

#[test]
fn files_go_in_and_come_out() {
    let mut s = session();
    run(&mut s, "true");
    let path = crate::kernel::ByteString::from("/in/deep/file");
    for (offset, data) in [(0, "abc"), (3, "def")] {
        let request = Request::PutFile { path: path.clone(), offset, data: data.into() };
        assert!(matches!(&ask(&mut s, request)[..], [Event::Done { .. }]));
    }
    ask(&mut s, Request::Undo);
    ask(&mut s, Request::Redo);
    let events = ask(&mut s, Request::GetFile { path, offset: 1, len: 100 });
    assert!(matches!(&events[0], Event::Data { data } if *data == "bcdef"));
}

#[test]
fn the_cursor_s_word_is_completed() {
    let mut s = session();
    run(&mut s, "docker pull nginx");
    let mut words = |line: &str| {
        let request = Request::Complete { line: line.into(), cursor: line.len() };
        match &ask(&mut s, request)[0] {
            Event::Completions { words, .. } => words.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(words("docker hist"), ["history "]);
    assert_eq!(words("docker run --na"), ["--name "]);
    assert!(words("docker run ngi").contains(&"nginx:latest ".to_owned()));
    assert_eq!(words("ls /etc/host"), ["/etc/hostname ", "/etc/hosts "]);
}

#[test]
fn a_container_s_paths_are_completed() {
    let mut s = session();
    run(&mut s, "docker run -d --name web1 nginx; docker create --name idle busybox; mkdir /root/hostdir");
    run(&mut s, "docker exec -w /usr/share web1 sh -c 'mkdir -p /data/one; touch /data/only'");
    let before = ask(&mut s, Request::Save);
    let mut words = |line: &str| {
        let request = Request::Complete { line: line.into(), cursor: line.len() };
        match &ask(&mut s, request)[0] {
            Event::Completions { words, start } => (*start, words.clone()),
            other => panic!("{other:?}"),
        }
    };
    for (line, start, found) in [
        ("docker exec web1 ls /data/o", 20, vec!["/data/one/ ", "/data/only "]),
        ("docker exec -it -w /tmp web1 cat /data/onl", 33, vec!["/data/only "]),
        ("docker container exec web1 ls data/onl", 30, vec!["data/only "]),
        ("docker cp web1:/data/o", 10, vec!["web1:/data/one/ ", "web1:/data/only "]),
        ("docker cp web1:data/onl", 10, vec!["web1:data/only "]),
        ("docker cp idle:/bin/busyb", 10, vec!["idle:/bin/busybox "]),
        ("docker cp id", 10, vec!["idle:"]),
        ("docker cp hostd", 10, vec!["hostdir/ "]),
        ("docker exec web1 ngin", 17, vec!["nginx "]),
        // A container that is not up runs nothing, and an image shows nothing.
        ("docker exec idle ls /b", 20, vec![]),
        ("docker run nginx ls /e", 20, vec![]),
        ("docker exec web1 ls -", 20, vec![]),
    ] {
        let found: Vec<String> = found.into_iter().map(|word| word.replace("/ ", "/")).collect();
        assert_eq!(words(line), (start, found), "{line}");
    }
    assert_eq!(ask(&mut s, Request::Save), before);
    let id = |s: &mut Session| run(s, "docker create busybox");
    let mut other = session();
    run(
        &mut other,
        "docker run -d --name web1 nginx; docker create --name idle busybox; mkdir /root/hostdir",
    );
    run(&mut other, "docker exec -w /usr/share web1 sh -c 'mkdir -p /data/one; touch /data/only'");
    assert_eq!(id(&mut s).0, id(&mut other).0, "a completion takes no name away");
}

#[test]
fn a_file_is_opened_where_the_shell_at_hand_finds_it() {
    let mut s = session();
    run(&mut s, "cd /root; echo old > file; ln -s file link; mkdir dir; printf '\\377' > bytes");
    let open = |s: &mut Session, path: &str| match ask(s, Request::Open { path: path.into() }).remove(0) {
        Event::Opened { path, content } => {
            Ok((path.to_text(), content.map_or_else(|| "none".to_owned(), |content| content.to_text())))
        }
        Event::Failed { message } => Err(message),
        other => panic!("{other:?}"),
    };
    let found = |path: &str, content: &str| Ok((path.to_owned(), content.to_owned()));
    assert_eq!(open(&mut s, "file"), found("/root/file", "old\n"));
    assert_eq!(open(&mut s, "./link"), found("/root/file", "old\n"));
    assert_eq!(open(&mut s, "dir/new"), found("/root/dir/new", "none"));
    for (path, why) in
        [("dir", "no file"), ("bytes", "UTF-8"), ("none/x", "No such file"), ("/", "directory")]
    {
        assert!(open(&mut s, path).is_err_and(|message| message.contains(why)), "{path}");
    }
    // In a container's shell it is the container's file, by its place in the lab, links and all.
    run(&mut s, "docker run -it --name web1 busybox sh");
    run(&mut s, "cd /tmp; ln -s /etc/new made");
    let (path, _) = open(&mut s, "made").unwrap();
    assert!(path.starts_with("/var/lib/docker/overlay2/") && path.ends_with("/merged/etc/new"), "{path}");
    ask(&mut s, Request::Edit { path: path.as_str().into(), content: "hi\n".into(), after: 0 });
    assert_eq!(run(&mut s, "cat made").1, "hi\n");
}
