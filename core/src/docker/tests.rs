//! The main job on the simulated kernel: load, run, change, diff, commit, save, with programs that need no shell.

use super::program;
use crate::kernel::{ByteString, Kernel, Task, Timespec, fs, path};
use crate::program::{
    Body, Env, Flavour, Flow, Input, Output, Pause, Place, Process, Program, Scope, Spawn, Stream, System,
    Table, Terminal, World, end, find, run,
};
use crate::sim::SimKernel;

/// `write FILE TEXT`: what `echo TEXT > FILE` would do.
fn write(system: &mut System<'_>, process: &mut Process) -> Flow {
    let task = process.task.clone();
    let done = fs::write(system.kernel, &task, &process.args[1], &process.args[2], 0o644);
    Flow::Exit(u8::from(done.is_err()))
}

fn remove(system: &mut System<'_>, process: &mut Process) -> Flow {
    let task = process.task.clone();
    let done = fs::remove_all(system.kernel, &task, &process.args[1]);
    Flow::Exit(u8::from(done.is_err()))
}

fn mkdir(system: &mut System<'_>, process: &mut Process) -> Flow {
    let task = process.task.clone();
    Flow::Exit(u8::from(system.kernel.mkdir(&task, &process.args[1], 0o755).is_err()))
}

fn wait(system: &mut System<'_>, _: &mut Process) -> Flow {
    system.goes_on(Asleep {}, None)
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Asleep {}

impl crate::program::ProgramState for Asleep {
    const NAME: &'static str = "asleep";

    fn step(&mut self, _: &mut System<'_>, _: &mut Process) -> crate::program::Next {
        crate::program::Next::Wait(crate::program::Wait::default())
    }
}

/// A lab without a shell: a line is words between blanks.
pub(super) struct Lab {
    pub kernel: SimKernel,
    world: World,
    table: Table,
    pub clock: i64,
}

impl Lab {
    pub(super) fn new() -> Self {
        let program_of = |name, main| Program { name, summary: "", scope: Scope::Everywhere, main };
        let table = Table::new([
            program(),
            program_of("cat", write),
            program_of("rm", remove),
            program_of("mkdir", mkdir),
            program_of("sleep", wait),
        ]);
        let mut lab = Self { kernel: SimKernel::new(), world: World::default(), table, clock: 1_800_000_000 };
        lab.kernel.set_clock(Timespec::seconds(lab.clock));
        for dir in ["/root", "/tmp"] {
            fs::mkdir_all(&mut lab.kernel, &Task::root(), dir.as_bytes(), 0o755).unwrap();
        }
        lab
    }

    /// Runs a line and returns its output, errors after it, and `=> N` where the status is not 0.
    pub(super) fn run(&mut self, line: &str) -> String {
        self.clock += 1;
        self.world.clock = Some(self.clock * crate::program::SECOND);
        let (out, err) = self.world.files.record(Stream::Stdout, Stream::Stderr);
        let mut process = Process {
            task: Task::root().at("/root"),
            env: Env::new(),
            args: line.split(' ').map(ByteString::from).collect(),
            stdin: Input::EMPTY,
            stdout: Output(out),
            stderr: Output(err),
            place: Place::Host,
            terminal: Terminal::No,
            flavour: Flavour::Gnu,
            spoken: None,
        };
        let mut system = System::new(&mut self.kernel, &mut self.world, &self.table);
        let program = find(&mut system, &mut process).unwrap();
        let body = Body::Fresh(program.name.into());
        let pid = system.spawn(Spawn { kept: true, ..Spawn::new(0, process, body) }).unwrap();
        let mut budget = u64::MAX;
        if run(&mut system, &mut budget, None, &mut |world| world.tasks.has_ended(pid)) != Pause::Done {
            end(&mut system, pid, 1);
        }
        let status = self.world.tasks.reap(pid).unwrap();
        let written = self.world.files.take_record(out);
        let text = [written.collect(Stream::Stdout), written.collect(Stream::Stderr)].concat();
        let mut text = String::from_utf8_lossy(&text).into_owned();
        if status != 0 {
            text = format!("{text}=> {status}\n");
        }
        text
    }

    /// Puts a real file into the lab.
    pub(super) fn put(&mut self, at: &str, bytes: &[u8]) {
        let dir = path::parent(at.as_bytes());
        fs::mkdir_all(&mut self.kernel, &Task::root(), dir, 0o755).unwrap();
        fs::write(&mut self.kernel, &Task::root(), at.as_bytes(), bytes, 0o644).unwrap();
    }
}

/// A root file system with programs that are ELF files by their first bytes alone.
fn base() -> Vec<u8> {
    use crate::oci::tar::{END, Kind, TarEntry, padding, write_header};
    let mut tar = Vec::new();
    let mut add = |name: &str, kind: Kind, mode: u32, content: &[u8]| {
        let mut entry = TarEntry::new(name, kind, mode);
        entry.size = content.len() as u64;
        entry.mtime = Timespec::seconds(1_700_000_000);
        tar.extend_from_slice(&write_header(&entry));
        tar.extend_from_slice(content);
        tar.extend_from_slice(padding(entry.size));
    };
    for dir in ["bin/", "data/", "data/dir/"] {
        add(dir, Kind::Dir, 0o755, b"");
    }
    for name in ["bin/cat", "bin/rm", "bin/mkdir", "bin/sleep"] {
        add(name, Kind::File, 0o755, b"\x7fELF stand-in");
    }
    add("data/a.txt", Kind::File, 0o644, b"alpha\n");
    add("data/dir/x", Kind::File, 0o644, b"x\n");
    tar.extend_from_slice(&END);
    tar
}

#[test]
fn load_run_diff_commit_save() {
    let mut lab = Lab::new();
    lab.put("/root/base.tar", &base());
    let id = lab.run("docker import base.tar lab:base");
    assert!(id.starts_with("sha256:"), "{id}");
    assert_eq!(lab.run("docker run --name c1 lab:base cat /new hello"), "");
    assert_eq!(lab.run("docker diff c1"), "A /new\n");
    assert_eq!(lab.run("docker run --name c2 lab:base rm /data/dir"), "");
    assert_eq!(lab.run("docker diff c2"), "C /data\nD /data/dir\n");
    assert!(lab.run("docker commit -m gone c2 lab:gone").starts_with("sha256:"));
    assert_eq!(lab.run("docker run --name c3 lab:gone mkdir /data/dir"), "");
    assert_eq!(lab.run("docker diff c3"), "C /data\nA /data/dir\n");
    assert!(lab.run("docker commit c3 lab:opaque").starts_with("sha256:"));
    assert_eq!(lab.run("docker save -o out.tar lab:opaque"), "");
    assert_eq!(lab.run("docker rm c1 c2 c3"), "c1\nc2\nc3\n");
    let gone = lab.run("docker rmi lab:opaque lab:gone lab:base");
    assert_eq!(gone.matches("Deleted").count(), 6, "{gone}");
    assert_eq!(lab.run("docker images"), "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n");
    assert_eq!(lab.run("docker load -i out.tar"), "Loaded image: lab:opaque\n");
    let history = lab.run("docker history lab:opaque");
    assert_eq!(history.matches("<missing>").count(), 2, "{history}");
    assert_eq!(lab.run("docker save -o again.tar lab:opaque"), "");
    let task = Task::root();
    let (one, two) = (b"/root/out.tar", b"/root/again.tar");
    assert_eq!(fs::read(&mut lab.kernel, &task, one), fs::read(&mut lab.kernel, &task, two));
    let mounts = lab.kernel.mountinfo().unwrap();
    assert!(!mounts.iter().any(|mount| mount.fstype == "overlay"), "{mounts:?}");
}

#[test]
fn what_cannot_run_is_refused_in_docker_s_words() {
    let mut lab = Lab::new();
    lab.put("/root/base.tar", &base());
    lab.run("docker import base.tar lab:base");
    let text = lab.run("docker run --rm lab:base nosuchcmd");
    assert_eq!(
        text,
        "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: exec: \"nosuchcmd\": executable file not found in $PATH: unknown.\n=> 127\n"
    );
    assert!(
        lab.run("docker run --rm lab:base /data/a.txt").ends_with("permission denied: unknown.\n=> 126\n")
    );
    assert_eq!(lab.run("docker ps -a -q"), "");
    assert!(lab.run("docker run -d --name up lab:base sleep 100").len() == 65);
    assert!(
        lab.run("docker ps").contains("\"sleep 100\"   Less than a second ago")
            || lab.run("docker ps").contains("Up ")
    );
    assert!(lab.run("docker rm up").contains("You cannot remove a running container"));
    assert_eq!(lab.run("docker stop up"), "up\n");
    assert!(lab.run("docker ps -a").contains("Exited (137)"));
    assert_eq!(
        lab.run("docker images --frob"),
        "unknown flag: --frob\nSee 'docker images --help'.\n=> 125\n"
    );
    assert_eq!(
        lab.run("docker frob"),
        "docker: 'frob' is not a docker command.\nSee 'docker --help'\n=> 1\n"
    );
}

#[test]
fn flags_before_the_command() {
    let mut lab = Lab::new();
    assert_eq!(lab.run("docker --version"), "Docker version 20.10.24+dfsg1, build 297e128\n");
    assert_eq!(
        lab.run("docker -H tcp://there ps"),
        "Cannot connect to the Docker daemon at tcp://there. Is the docker daemon running?\nLayerlab: the lab has one \
         daemon, its own\n=> 1\n"
    );
    assert_eq!(
        lab.run("docker -H unix:///var/run/docker.sock -c default ps -q"),
        "Conflicting options: either specify \
         --host or --context, not both\n=> 1\n"
    );
    assert_eq!(lab.run("docker -H unix:///var/run/docker.sock -l debug -D ps -q"), "");
    assert_eq!(lab.run("docker -l loud ps"), "Unable to parse logging level: loud\n=> 1\n");
    let context = lab.run("docker -c there ps");
    assert!(
        context
            .starts_with("unable to resolve docker endpoint: context \"there\" does not exist\nLayerlab: ")
    );
    let said = lab.run("docker -H unix:///there run x");
    assert!(said.starts_with(
        "docker: Cannot connect to the Docker daemon at unix:///there. Is the docker daemon running?."
    ));
    assert_eq!(lab.run("docker -D info -f {{.ClientInfo.Debug}}"), "true\n");
    assert_eq!(lab.run("docker --tls=false ps -q"), "", "a switch that is off asks for nothing");
}

#[test]
fn the_configuration_file_says_how_lists_look() {
    let mut lab = Lab::new();
    lab.put("/root/c/config.json", b"{\"networksFormat\":\"N {{.Name}}\"}");
    lab.put("/root/bad/config.json", b"[]");
    assert_eq!(lab.run("docker --config c network ls"), "N bridge\nN host\nN none\n");
    assert_eq!(lab.run("docker --config=/root/c network ls -q").lines().count(), 3);
    assert_eq!(lab.run("docker --config c network ls --format {{.Driver}}"), "bridge\nhost\nnull\n");
    assert!(
        lab.run("docker --config bad network ls")
            .ends_with("WARNING: Error loading config file: bad/config.json: it holds no JSON object\n")
    );
    assert!(lab.run("docker network ls").starts_with("NETWORK ID"));
}
