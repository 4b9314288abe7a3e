//! Transcripts: `$ line` and what the terminal shows, on the simulated kernel.

use super::*;
use crate::kernel::{Kernel, Task, Timespec, fs};
use crate::program::{Flow, Output, Pause, Place, System, Table, World, run};
use crate::sim::SimKernel;

struct Lab {
    kernel: SimKernel,
    world: World,
    table: Table,
    pid: crate::program::Pid,
    first: ShellState,
}

impl Lab {
    fn new() -> Self {
        let mut kernel = SimKernel::new();
        kernel.set_clock(Timespec::seconds(1_795_319_559));
        let root = Task::root();
        for dir in ["/root", "/tmp", "/etc"] {
            kernel.mkdir(&root, dir.as_bytes(), 0o755).expect("the disk is empty");
        }
        fs::write(&mut kernel, &root, b"/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n", 0o644)
            .expect("there is room");
        fs::write(&mut kernel, &root, b"/etc/group", b"root:x:0:\n", 0o644).expect("there is room");
        let env = [("HOME", "/root"), ("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")];
        let env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let state = ShellState::new(root.at("/root"), env, Place::Host);
        let (mut world, table) = (World::default(), Table::new(programs()));
        let first = state.clone();
        let pid = open(&mut System::new(&mut kernel, &mut world, &table), state).expect("there is room");
        Self { kernel, world, table, pid, first }
    }

    fn run(&mut self, line: &str) -> (String, Flow) {
        self.world.tasks.lines.push(line.into());
        let mut system = System::new(&mut self.kernel, &mut self.world, &self.table);
        if system.world.tasks.has_ended(self.pid) {
            self.pid = open(&mut system, self.first.clone()).expect("there is room");
        }
        let (pid, mut budget) = (self.pid, u64::MAX);
        let at_prompt =
            |world: &World| world.tasks.get(pid).is_none_or(|row| row.wait.as_ref().is_some_and(|w| w.line));
        let pause = run(&mut system, &mut budget, None, &mut |world| {
            world.tasks.lines.is_empty() && at_prompt(world)
        });
        let mut flow = Flow::Exit(0);
        if pause == Pause::Spent {
            let told = system.limits.tell().unwrap_or_default();
            Output::TERMINAL_ERR.write(&mut system, told);
            self.world.tasks.job_mut::<Vm>(pid).expect("it lives").interrupt(crate::program::Limits::STATUS);
            self.world.tasks.wake(pid);
            flow = Flow::Exit(crate::program::Limits::STATUS);
        } else if let Some(vm) = self.world.tasks.job::<Vm>(pid) {
            flow = Flow::Exit(vm.state().status());
        } else if let Some(row) = self.world.tasks.get(pid) {
            flow = Flow::Exit(row.ended.unwrap_or_default());
        }
        let all = self
            .world
            .files
            .take_terminal()
            .pieces
            .into_iter()
            .flat_map(|(_, data)| data)
            .collect::<Vec<u8>>();
        (String::from_utf8_lossy(&all).into_owned(), flow)
    }
}

/// Runs a transcript in a fresh lab: `$ line`, `> ` for its further lines, then exactly what is shown.
#[track_caller]
pub(in crate::shell) fn check(transcript: &str) {
    let mut lab = Lab::new();
    let mut lines = transcript.lines().map(str::trim_start).filter(|l| !l.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let mut command = line.strip_prefix("$ ").expect("a transcript starts with a command").to_owned();
        while let Some(more) = lines.next_if(|l| l.starts_with("> ") || *l == ">") {
            command.push('\n');
            command.push_str(more.strip_prefix("> ").unwrap_or(""));
        }
        let mut want = String::new();
        while let Some(shown) = lines.next_if(|l| !l.starts_with("$ ")) {
            want.push_str(shown.strip_prefix('|').unwrap_or(shown));
            want.push('\n');
        }
        let (mut got, _) = lab.run(&command);
        if !got.is_empty() && !got.ends_with('\n') {
            got.push('\n');
        }
        assert_eq!(got, want, "$ {command}");
    }
}

#[test]
fn words_and_quotes() {
    check(
        r#"
        $ echo a  'b  c' "d $HOME" \$x e\ f
        a b  c d /root $x e f
        $ x='a  b'; echo $x; echo "$x"; echo "${x}y" ${#x}
        a b
        a  b
        a  by 4
        $ echo ${u:-def} ${u-"x y"} ${HOME:+set} ${u:+no} "${u:-}"|cat -A
        def x y set $
        $ f=a.tar.gz; echo ${f%.*} ${f%%.*} ${f#*.} ${f##*.} ${f/tar/zip} ${f:2:3}
        a.tar a tar.gz gz a.zip.gz tar
        $ echo $((1+2*3)) $((7/2)) $(( (1+2)*3 )) $((x=5)) $x $((x++)) $x $((1<2&&3))
        7 3 9 5 5 5 6 1
        $ echo `echo hi` $(echo "a   b") "$(echo "a   b")" $(printf 'x\n\n')
        hi a b a   b x
        $ echo ~ ~/x "~" ~root
        /root /root/x ~ /root
        $ set -- a 'b c'; for i in "$@"; do echo "[$i]"; done; echo $# "$*"
        [a]
        [b c]
        2 a b c
        $ echo $'a\tb' "a\
        > b"
        a	b ab
    "#,
    );
}

#[test]
fn control() {
    check(
        r#"
        $ if false; then echo a; elif true; then echo b; else echo c; fi
        b
        $ i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done
        1
        3
        $ for x in 1 2 3; do for y in a b; do echo $x$y; break 2; done; done
        1a
        $ case foo.txt in *.md) echo md;; *.txt|*.c) echo txt;; esac
        txt
        $ f() { local v=$1; echo "f $v"; return 3; }; f x; echo $? "[$v]"
        f x
        3 []
        $ true && echo y || echo n; false && echo y || echo n; ! true; echo $?
        y
        n
        1
        $ (cd /tmp; x=1; pwd); pwd; echo "[$x]"
        /tmp
        /root
        [1]
        $ { echo a; echo b; } | { read l; echo "<$l>"; cat; }
        <a>
        b
        $ cat <<EOF
        > a $HOME
        > $((1+1))
        > EOF
        a /root
        2
        $ cat <<'EOF' | cat; cat <<< "here"
        > $HOME
        > EOF
        $HOME
        here
        $ sh -c 'exit 7'; echo $?; sh -c 'echo $0 $1' n m
        7
        n m
        $ set -e; false; echo not here
        $ nosuch
        bash: nosuch: command not found
        $ echo $?
        127
        $ eval 'echo $((2+2))'; echo a; exit 3
        4
        a
    "#,
    );
}

#[test]
fn files() {
    check(
        r#"
        $ cd /tmp; mkdir -p a/b; echo one > a/f; echo two >> a/f; cat a/f
        one
        two
        $ ls -l a | cat; ls a | cat
        total 4
        drwxr-xr-x 2 root root 40 Nov 22 03:52 b
        -rw-r--r-- 1 root root  8 Nov 22 03:52 f
        b
        f
        $ cp a/f a/g; mv a/g a/h; ln a/h a/i; ln -s f a/l; ls -1 a; stat -c '%n %h %F %a' a/*
        b
        f
        h
        i
        l
        a/b 2 directory 755
        a/f 1 regular file 644
        a/h 2 regular file 644
        a/i 2 regular file 644
        a/l 1 symbolic link 777
        $ cat nope; rm nope; rm a; rmdir a; mkdir a; ls nope; echo $?
        cat: nope: No such file or directory
        rm: cannot remove 'nope': No such file or directory
        rm: cannot remove 'a': Is a directory
        rmdir: failed to remove 'a': Directory not empty
        mkdir: cannot create directory ‘a’: File exists
        ls: cannot access 'nope': No such file or directory
        2
        $ chmod u+x,go-r a/f; stat -c %A a/f; touch -d '2023-11-14 22:13:20' a/f; stat -c %y a/f; ls -l a/f
        -rwx------
        2023-11-14 22:13:20.000000000 +0000
        -rwx------ 1 root root 8 Nov 14  2023 a/f
        $ mknod a/wh c 0 0; ls -l a/wh; setfattr -n trusted.overlay.opaque -v y a/b; getfattr -n trusted.overlay.opaque a/b
        crw-r--r-- 1 root root 0, 0 Nov 22 03:52 a/wh
        # file: a/b
        trusted.overlay.opaque="y"
        |
        $ cp -a a c; ls -A c | cat; rm -rf a c; ls
        b
        f
        h
        i
        l
        wh
        $ echo x > /nope/y; cat < zz; ls > /dev/null; echo $?
        bash: /nope/y: No such file or directory
        bash: zz: No such file or directory
        0
        $ printf '%05d|%-4s|%x|%s\n' 42 ab 255 z; printf '%s-' a b c; echo
        00042|ab  |ff|z
        a-b-c-
    "#,
    );
}

#[test]
fn nothing_runs_for_ever() {
    let mut lab = Lab::new();
    for line in [
        "while true; do :; done",
        "f() { f; }; f",
        "f() { $(f); }; f",
        "sh -c 'while :; do :; done'",
        "until false; do echo x; done >/dev/null",
    ] {
        let (text, flow) = lab.run(line);
        assert!(text.contains("Layerlab: "), "{line}: {text:?}");
        assert_eq!(text.lines().count(), 1, "{line}: {text:?}");
        assert_ne!(flow, Flow::Exit(0), "{line}");
    }
    assert_eq!(lab.run("echo alive").0, "alive\n");
}

#[test]
fn no_text_makes_it_panic() {
    let deep = ["(", "{ ", "$(", "\"$(", "${a:-", "if ", "! ", "$((", "case x in x) "];
    let mut lab = Lab::new();
    for piece in deep {
        let (text, _) = lab.run(&piece.repeat(5000));
        assert!(!text.is_empty(), "{piece}");
    }
    // Every short text over the characters that mean something.
    let alphabet: Vec<char> = "a $(){}'\"`;&|<>\n\\#*[!=".chars().collect();
    for a in &alphabet {
        for b in &alphabet {
            for c in &alphabet {
                let text: String = [a, b, c].into_iter().collect();
                let _ = is_incomplete(text.as_bytes());
                let _ = lab.run(&text);
                let _ = lab.run(&format!("echo {text}${{x{text}"));
            }
        }
    }
}

#[test]
fn incomplete_lines_are_told() {
    for text in [
        "echo 'a",
        "if true",
        "echo a |",
        "a &&",
        "echo \\",
        "f() {",
        "cat <<E\nx",
        "$(",
        "\"",
        "for i in a; do",
        "case x in",
    ] {
        assert!(is_incomplete(text.as_bytes()), "{text}");
    }
    for text in ["echo a", "if true; then :; fi", "echo )", "a ;;", "cat <<E\nx\nE", "", "# 'x", "done"] {
        assert!(!is_incomplete(text.as_bytes()), "{text}");
    }
}

#[test]
fn texts() {
    check(
        r"
        $ cd /tmp; printf 'b 2\na 10\nb 2\nc 1\n' > t; sort -u t; sort -k2 -n t | head -n 1; wc t; wc -l < t
        a 10
        b 2
        c 1
        c 1
        | 4  8 17 t
        4
        $ grep -n b t; grep -c '^b' t; grep -v b t; grep -rl 10 .; grep -o '[0-9]*$' t | tail -n 1; grep zz t; echo $?
        1:b 2
        3:b 2
        2
        a 10
        c 1
        ./t
        1
        1
        $ sed 's/b/x/;s/ \([0-9]\)/-\1/g' t; sed -n '2,3p;$=' t; sed -i '/^b/d' t; cat t
        x-2
        a-10
        x-2
        c-1
        a 10
        b 2
        4
        a 10
        c 1
        $ cut -d' ' -f2 t; tr a-c A-C < t; tail -n +2 t; seq 3 | tac | xargs echo n
        10
        1
        A 10
        C 1
        c 1
        n 3 2 1
        $ mkdir -p d/e; echo x > d/e/f; find d; find d -type f -name 'f*' -exec cat {} \;; find d -empty; tree d
        d
        d/e
        d/e/f
        x
        d
        └── e
        |    └── f
        |
        1 directory, 1 file
        $ find . -maxdepth 1 -type d -printf '%f %m\n'; basename /a/b.c .c; dirname /a/b; readlink -f d/../t; du -s d; which ls
        . 755
        d 755
        b
        /a
        /tmp/t
        4	d
        /usr/bin/ls
        $ echo abc | sha256sum; id; whoami; uname; env -i A=1 env; date -d @0 '+%F %T'; test -f t && [ -d d ] && echo yes
        edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb  -
        uid=0(root) gid=0(root) groups=0(root)
        root
        Linux
        A=1
        1970-01-01 00:00:00
        yes
        $ dd if=/dev/zero of=z bs=1 count=1 seek=9 2>/dev/null; stat -c %s z; head -c 100000 /dev/zero | wc -c; cmp t z; diff t z
        10
        100000
        t z differ: byte 1, line 1
        Binary files t and z differ
        $ cat t > /dev/full; echo $?; head -n 1 t > /dev/full; echo $?; yes > /dev/full; echo $?
        cat: write error: No space left on device
        1
        head: write error: No space left on device
        1
        yes: write error: No space left on device
        1
        $ echo a > p; printf 'a\nb\n' > q; diff p q; diff -u p q | tail -n 2; busybox cat nope; vi x; paste
        1a2
        > b
        | a
        +b
        cat: can't open 'nope': No such file or directory
        Layerlab: there is no full-screen editor here; use 'echo text > x', 'cat > x <<EOF' or 'sed -i s/old/new/ x'
        bash: paste: command not found
    ",
    );
}

#[test]
fn as_many_processes_as_there_may_be() {
    let mut lab = Lab::new();
    let (got, _) = lab.run("i=0; while [ $i -lt 10000 ]; do sleep 1000 & i=$((i+1)); done; echo not reached");
    let last: Vec<&str> = got.lines().rev().take(2).collect();
    assert!(last[0].starts_with("Layerlab: 1000 processes are running, "), "{last:?}");
    assert_eq!(last[1], "bash: fork: Resource temporarily unavailable");
    // Room is made as the line says, and the session goes on.
    lab.run("kill %1; wait %1");
    let (got, _) = lab.run("sleep 1; echo on");
    assert!(got.lines().any(|line| line == "on"), "{got}");
}
