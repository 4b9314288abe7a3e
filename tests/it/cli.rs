//! The command line on the simulator: `run`, `shell`, `serve`, completions, help.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use layerlab_core::conformance::Judge;
use layerlab_core::kernel::{Call, Errno, Kernel, Made, Outcome, Task};
use layerlab_core::sim::SimKernel;
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::{self, On};
use layerlab_tests::poll::{poll, within};
use layerlab_tests::process::{Daemon, must};

fn run(arguments: &[&str], input: &str) -> (String, String, i32) {
    answer(&typed(On::Sim, &[&["run"], arguments].concat(), input))
}

#[test]
fn streams_are_apart_and_the_last_status_counts() {
    let (out, err, status) = run(&["-c", "echo one", "-c", "cat /nothing", "-c", "sh -c 'exit 7'"], "");
    assert_eq!((out.as_str(), status), ("one\n", 7));
    let help = "Layerlab: There is no /nothing here. pwd shows where you are, ls what is there.\n";
    assert_eq!(err, format!("cat: /nothing: No such file or directory\n{help}"));
    let (out, err, status) = run(&["--json", "-c", "echo out; echo err >&2; false"], "");
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((object["stdout"].as_str(), object["stderr"].as_str()), (Some("out\n"), Some("err\n")));
    assert_eq!((object["status"].as_u64(), object["changes"].is_array()), (Some(1), true));
    assert_eq!((err.as_str(), status), ("", 1));
}

#[test]
fn a_script_is_read_as_typed() {
    let script = "x='a\nb'\r\necho \"$x\"\n\nfalse\n";
    let (out, err, status) = run(&["-"], script);
    assert_eq!((out.as_str(), err.as_str(), status), ("a\nb\n", "", 1));
    let folder = lab::shared_folder();
    let file = folder.path().join("script");
    std::fs::write(&file, script).unwrap();
    assert_eq!(run(&[file.to_str().unwrap()], "").0, "a\nb\n");
    let (_, err, status) = run(&["-"], "echo 'open\n");
    assert_eq!((err.as_str(), status), ("bash: syntax error: unexpected end of file\n", 2));
}

/// What is printed here goes into a pipe.
#[test]
fn a_terminal_is_only_where_there_is_one() {
    let lines = ["-c", "touch a b; ls", "-c", "test -t 1; echo $?", "-c", "docker pull -q busybox"];
    let terminal = "docker run --rm -it busybox true";
    let (out, err, status) = run(&[&lines[..], &["-c", terminal]].concat(), "");
    assert_eq!((out.as_str(), status), ("a\nb\n1\ndocker.io/library/busybox:latest\n", 1));
    assert!(err.starts_with("the input device is not a TTY\n"), "{err}");
    let (out, err, status) = run(&[&["--tty"], &lines[..], &["-c", terminal]].concat(), "");
    assert_eq!((out.as_str(), err.as_str(), status), ("a  b\n0\ndocker.io/library/busybox:latest\n", "", 0));
    let save = "docker save busybox | wc -c; docker save busybox | head -c 1 > /dev/null";
    assert_eq!(run(&["--tty", "--no-tty", "-c", "docker pull -q busybox", "-c", save], "").2, 0);
}

/// What `--calls` writes, read as data by another kernel.
#[test]
fn the_calls_of_each_line_come_as_data() {
    let folder = lab::shared_folder();
    let file = folder.path().join("calls");
    let script = "mkdir /d\n\nif true; then\nmv /d /e; fi\ncat /nothing\n";
    let (_, _, status) = run(&["--calls", file.to_str().unwrap(), "-"], script);
    assert_eq!(status, 1);
    let text = std::fs::read_to_string(&file).unwrap();
    let (mut lines, mut calls) = (Vec::new(), vec![Vec::new(); 4]);
    let (mut kernel, mut judge) = (SimKernel::new(), Judge::default());
    for object in text.lines() {
        match serde_json::from_str::<Made>(object) {
            Ok(made) => {
                assert_eq!(judge.make(&mut kernel, &made), None, "{object}");
                calls[lines.len() - 1].push(made);
            }
            Err(_) => {
                let object: serde_json::Value = serde_json::from_str(object).unwrap();
                lines.push(object["line"].as_str().map(str::to_owned));
            }
        }
    }
    let typed = ["mkdir /d", "if true; then\nmv /d /e; fi", "cat /nothing"];
    assert_eq!(lines, [None].into_iter().chain(typed.map(|line| Some(line.to_owned()))).collect::<Vec<_>>());
    assert!(kernel.stat(&Task::root(), b"/e").is_ok_and(|stat| stat.is_dir()));
    let missing = |made: &Made| made.outcome == Outcome::Err(Errno::ENOENT);
    assert!(
        calls[3].iter().any(missing) && calls[2].iter().any(|made| matches!(made.call, Call::Rename { .. }))
    );
    let (_, err, status) = run(&["--calls", "/no/such/file", "-c", "true"], "");
    assert_eq!((err.as_str(), status), ("layerlab: /no/such/file: No such file or directory\n", 1));
}

#[test]
fn files_go_in_and_come_out_whole() {
    let folder = lab::shared_folder();
    let (big, empty) = (folder.path().join("big"), folder.path().join("empty"));
    // Longer than a piece, and no text.
    let content: Vec<u8> =
        (0u32..700_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    std::fs::write(&big, &content).unwrap();
    std::fs::write(&empty, "").unwrap();
    let (out_big, out_empty) = (folder.path().join("out-big"), folder.path().join("out-empty"));
    let given = |file: &std::path::Path, path: &str| format!("{}:{path}", file.display());
    let taken = |path: &str, file: &std::path::Path| format!("{path}:{}", file.display());
    let (out, err, status) = run(
        &[
            "--copy-in",
            &given(&big, "/data/big"),
            "--copy-in",
            &given(&empty, "/data/empty"),
            "--copy-out",
            &taken("/data/copy", &out_big),
            "--copy-out",
            &taken("/data/empty", &out_empty),
            "-c",
            "cp /data/big /data/copy; wc -c < /data/copy",
        ],
        "",
    );
    assert_eq!((out.trim(), err.as_str(), status), ("2800000", "", 0));
    assert!(std::fs::read(&out_big).unwrap() == content, "the content is the same");
    assert_eq!(std::fs::read(&out_empty).unwrap(), b"");
    // What is not there is said, and leaves no file.
    let missing = folder.path().join("missing");
    let (_, err, status) = run(&["--copy-out", &taken("/nothing", &missing), "-c", "true"], "");
    assert_eq!((err.as_str(), status), ("layerlab: --copy-out: /nothing: No such file or directory\n", 1));
    assert!(!missing.exists());
    let (_, err, status) = run(&["--copy-in", &given(&missing, "/x"), "-c", "true"], "");
    assert_eq!(status, 1);
    assert!(err.contains("missing: No such file or directory"), "{err}");
}

#[test]
fn the_clock_is_fixed_unless_it_is_set() {
    let line = "touch /f; stat -c %Y /f";
    assert_eq!(run(&["-c", line], "").0.trim(), layerlab_core::session::DEFAULT_CLOCK.to_string());
    assert_eq!(run(&["--clock", "86400", "-c", line], "").0.trim(), "86400");
}

#[test]
fn what_does_not_go_together_is_a_usage_error() {
    for arguments in [
        &["-c", "true", "--root", "/tmp"][..],
        &["-c", "true", "--on", "host", "--clock", "1"],
        &[],
        &["-c", "true", "--copy-in", "nothing"],
        &["-c", "true", "--copy-out", "relative:x"],
        &["-c", "true", "--on", "moon"],
    ] {
        let (out, err, status) = run(arguments, "");
        assert_eq!((out.as_str(), status), ("", 2), "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
    let (_, err, status) = run(&["/no/such/script"], "");
    assert_eq!((err.as_str(), status), ("layerlab: /no/such/script: No such file or directory\n", 1));
}

#[test]
fn the_shell_undoes_and_redoes() {
    let lines = "echo a > /f\n:undo\ncat /f\necho b > /g\n:undo\n:redo\ncat /g\n";
    let (out, err, _) = answer(&typed(On::Sim, &["shell"], lines));
    assert_eq!(out, "b\n", "{err}");
    assert!(err.contains("cat: /f: No such file or directory"), "{err}");
}

#[test]
fn every_command_explains_itself_with_examples() {
    for command in ["run", "shell", "replay", "serve", "completions"] {
        let (out, _, status) = answer(&typed(On::Sim, &[command, "--help"], ""));
        assert!(status == 0 && out.contains("Example"), "{command}: {out}");
    }
    let (script, _, _) = answer(&typed(On::Sim, &["completions", "bash"], ""));
    assert!(script.contains("--copy-in") && !script.contains('\x1b'), "{script}");
    let (page, _, _) = answer(&typed(On::Sim, &["man"], ""));
    assert!(page.contains(".TH layerlab"), "{page}");
}

#[test]
fn the_page_is_served_to_its_own_address_alone() {
    let folder = lab::shared_folder();
    std::fs::write(folder.path().join("index.html"), "<title>lab</title>").unwrap();
    let log = folder.path().join("log");
    let dist = folder.path().to_str().unwrap().to_owned();
    let mut serve = lab::layerlab(On::Sim);
    serve.args(["serve", "--no-host", "--listen", "127.0.0.1:0", "--dist", &dist]);
    let server = Daemon::start(&mut serve, &log);
    let url = poll("the URL", Duration::from_secs(10), || server.log().lines().next().map(str::to_owned));
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let page = ask(&address);
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<title>lab</title>"), "{page}");
    assert!(page.contains("frame-ancestors 'none'"), "{page}");
    assert!(ask("lab.example").starts_with("HTTP/1.1 421"));
    // Its port is taken: one line, with what to do.
    let (_, err, status) = answer(&typed(On::Sim, &["serve", "--listen", &address, "--dist", &dist], ""));
    assert_eq!(status, 1);
    assert!(err.contains("another program listens there; take a free port with --listen"), "{err}");
}

#[test]
fn ctrl_c_stops_a_line_and_keeps_the_session() {
    let folder = lab::shared_folder();
    let log = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
    let mut command = lab::layerlab(On::Sim);
    command.arg("shell").stdin(Stdio::piped()).stdout(log("out")).stderr(log("err"));
    let mut shell = command.spawn().unwrap();
    let mut input = shell.stdin.take().unwrap();
    input.write_all(b"echo kept > /f; echo ready\nwhile true; do ls -lR / > /dev/null; done\n").unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    // Before its first answer it may not listen yet, and would simply end.
    poll("the first line to be answered", Duration::from_secs(30), || {
        read("out").contains("ready").then_some(())
    });
    poll("the line to be stopped", Duration::from_secs(30), || {
        must(Command::new("kill").args(["-INT", &shell.id().to_string()]));
        // Pressed again only where the first was too early: one more could meet the next line.
        within(Duration::from_secs(1), || read("err").contains("^C").then_some(()))
    });
    input.write_all(b"cat /f\n").unwrap();
    drop(input);
    assert!(shell.wait().unwrap().success(), "{}", read("err"));
    assert_eq!((read("out").as_str(), read("err").as_str()), ("ready\nkept\n", "^C\n"));
}
