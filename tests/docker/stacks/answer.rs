//! What a Docker makes of a stack: its words, its layers' directories, and the tree that it exports.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::kernel::{FileType, Follow, Kernel, Task, fs, path};
use layerlab_core::session::{Backend, Session, SimBackend, programs};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::listing::sha256;
use layerlab_tests::process::{run, tool};
use layerlab_tests::sim;
use layerlab_tests::stacks::{Item, archive, tar, when};
use serde_json::Value;

use super::engines::on_disk;

const NAME: &str = "stack:1";
/// The status of `timeout`.
const HUNG: i32 = 124;

/// Words and exit status of a command.
type Said = (String, i32);

/// What a Docker made of a stack.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// `docker load`, and what it came to where it went well.
    pub(crate) load: Said,
    pub(crate) id: String,
    pub(crate) create: Said,
    /// The layers' directories, the lowest first: each path with what it is.
    pub(crate) layers: Vec<BTreeMap<String, String>>,
    /// The entries of the exported tar in their order.
    pub(crate) export: Vec<String>,
    /// The same of the saved archive, or why there is none.
    pub(crate) save: Option<Result<Vec<String>, Said>>,
}

/// A Docker: real, or the lab.
trait Docker {
    /// A line of its command line.
    fn say(&mut self, arguments: &[&str]) -> Said;
    /// Puts the archive to `load` into a file, and names it.
    fn put(&mut self, archive: &[u8]) -> String;
    /// The tar that a line writes.
    fn tar(&mut self, arguments: [&str; 2]) -> Result<Vec<u8>, Said>;
    fn dump(&mut self, dir: &str) -> BTreeMap<String, String>;
}

fn ask(docker: &mut dyn Docker, stack: &[Vec<Item>]) -> Answer {
    let file = docker.put(&archive(NAME, stack));
    let load = docker.say(&["load", "-i", &file]);
    if load.1 != 0 {
        return Answer { load, ..Answer::default() };
    }
    let (shown, _) =
        docker.say(&["image", "inspect", "--format", "{{.Id}} {{json .GraphDriver.Data}}", NAME]);
    let (id, data) = shown.trim().split_once(' ').expect("an id and the layers");
    let data: Value = serde_json::from_str(data).expect("JSON");
    let upper = data["UpperDir"].as_str().into_iter();
    let dirs = upper.chain(data["LowerDir"].as_str().into_iter().flat_map(|dirs| dirs.split(':')));
    let mut layers: Vec<_> = dirs.map(|dir| docker.dump(dir)).collect();
    layers.reverse();
    let create = docker.say(&["create", NAME, "sh"]);
    let mut answer = Answer { load, id: id.to_owned(), layers, ..Answer::default() };
    if create.1 == 0 {
        // Real Docker may warn after it.
        let container = create.0.lines().next().expect("the container's id");
        match docker.tar(["export", container]) {
            Ok(tar) => answer.export = rows(&tar),
            Err(said) => answer.export = vec![format!("{said:?}").replace(container, "ID")],
        }
        docker.say(&["rm", container]);
    } else {
        answer.create = create;
    }
    let is_linked = stack.iter().flatten().any(|item| item.flag == b'2');
    let refused = |said: Said| if is_linked && said.1 != HUNG { (String::new(), 1) } else { nameless(said) };
    answer.save = Some(docker.tar(["save", NAME]).map(|tar| rows(&tar)).map_err(refused));
    if let Some(Ok(saved)) = &answer.save {
        let is_there = |layer: &Vec<Item>| saved.iter().any(|row| row.ends_with(&sha256(&tar(layer))));
        assert!(stack.iter().all(is_there), "every layer is saved to the byte");
    }
    docker.say(&["rmi", NAME]);
    answer
}

/// Without the name of a layer's directory, which is random, and of the view that Docker mounts to read a layer with others
/// below it, where the lab reads the layer's own directory. (Through links, which Docker follows in that view and out of it,
/// the two fail at other files: there only that both refuse is compared.)
fn nameless((text, status): Said) -> Said {
    let mut parts = text.split("/overlay2/");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    (rest.fold(first, |text, part| text + "/overlay2/ID" + &part.replacen("/merged", "/diff", 1)), status)
}

/// Real Docker's answer.
pub(crate) fn of_docker(docker: &Dockerd, stack: &[Vec<Item>]) -> Answer {
    ask(&mut Real(docker), stack)
}

struct Real<'a>(&'a Dockerd);

impl Real<'_> {
    fn plain(&self, text: &[u8]) -> String {
        let root = self.0.folder().join("data").display().to_string();
        undated(&String::from_utf8_lossy(text).replace(&root, "/var/lib/docker"))
    }
}

impl Docker for Real<'_> {
    fn say(&mut self, arguments: &[&str]) -> Said {
        let out = run(self.0.docker().args(arguments));
        (self.plain(&[out.stdout, out.stderr].concat()), out.status.code().unwrap_or(-1))
    }

    fn put(&mut self, archive: &[u8]) -> String {
        let file = self.0.folder().join("in.tar");
        std::fs::write(&file, archive).expect("our own folder");
        file.display().to_string()
    }

    fn tar(&mut self, arguments: [&str; 2]) -> Result<Vec<u8>, Said> {
        // Docker waits for ever for a writer of a fifo that took the place of a file.
        let mut limited = tool("/usr/bin/timeout", "coreutils");
        let docker = self.0.docker();
        limited.arg("20").arg(docker.get_program()).args(docker.get_args());
        limited.envs(docker.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let out = run(limited.args(arguments));
        if out.status.success() {
            return Ok(out.stdout);
        }
        Err((self.plain(&out.stderr), out.status.code().unwrap_or(-1)))
    }

    fn dump(&mut self, dir: &str) -> BTreeMap<String, String> {
        let dir = dir.replace("/var/lib/docker", &self.0.folder().join("data").display().to_string());
        on_disk(|kernel| dump(kernel, &dir))
    }
}

/// The lab's answer.
pub(crate) fn of_lab(stack: &[Vec<Item>]) -> Answer {
    let seen = Rc::new(RefCell::new(SimBackend::default()));
    let backend = Watched { machine: SimBackend::default(), seen: seen.clone() };
    let session = Session::new(Box::new(backend), programs()).expect("the simulator has room");
    ask(&mut Lab { session, seen }, stack)
}

/// The simulator, which leaves a copy of itself where a test can look at it after each line.
#[derive(Debug)]
struct Watched {
    machine: SimBackend,
    seen: Rc<RefCell<SimBackend>>,
}

impl Backend for Watched {
    fn kernel(&mut self) -> &mut dyn Kernel {
        self.machine.kernel()
    }

    fn fork(&self) -> Option<Box<dyn Backend>> {
        *self.seen.borrow_mut() = self.machine.clone();
        self.machine.fork()
    }

    fn reset(&mut self) -> Result<(), String> {
        self.machine.reset()
    }

    fn pass(&mut self, seconds: u64) {
        self.machine.pass(seconds);
    }
}

struct Lab {
    session: Session,
    seen: Rc<RefCell<SimBackend>>,
}

impl Docker for Lab {
    fn say(&mut self, arguments: &[&str]) -> Said {
        let quoted: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let answer = sim::run(&mut self.session, &format!("docker {}", quoted.join(" ")));
        let text = [answer.stdout, answer.stderr].concat();
        (undated(&String::from_utf8_lossy(&text)), answer.status.into())
    }

    fn put(&mut self, archive: &[u8]) -> String {
        sim::put(&mut self.session, "/in.tar", archive);
        "/in.tar".to_owned()
    }

    fn tar(&mut self, [verb, what]: [&str; 2]) -> Result<Vec<u8>, Said> {
        let said = self.say(&[verb, "-o", "/out.tar", what]);
        if said.1 == 0 { Ok(sim::get(&mut self.session, "/out.tar")) } else { Err(said) }
    }

    fn dump(&mut self, dir: &str) -> BTreeMap<String, String> {
        dump(self.seen.borrow_mut().kernel(), dir)
    }
}

/// Without the times of what was logged.
fn undated(text: &str) -> String {
    let mut parts = text.split("time=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "time" + part.trim_start_matches(|c: char| c != '"'))
}

/// All that is in a directory.
fn dump(kernel: &mut dyn Kernel, dir: &str) -> BTreeMap<String, String> {
    let task = Task::root();
    let mut out = BTreeMap::new();
    let mut todo = vec![dir.as_bytes().to_vec()];
    while let Some(at) = todo.pop() {
        let stat = kernel.lstat(&task, &at).expect("it was listed");
        let (uid, gid, links) = (stat.uid, stat.gid, stat.nlink);
        let mut what = format!("{:?} {:04o} {uid}:{gid} {links}", stat.kind, stat.mode);
        what += &format!(" m {}", when(stat.mtime.sec, stat.mtime.nsec));
        match stat.kind {
            FileType::File => {
                // Reading one name of a file changes what the others say.
                if stat.nlink == 1 {
                    what += &format!(" a {}", when(stat.atime.sec, stat.atime.nsec));
                }
                let content = fs::read(kernel, &task, &at).expect("root reads every file");
                what += &format!(" {} {}", stat.size, &sha256(&content)[..8]);
            }
            FileType::Symlink => {
                let target = kernel.readlink(&task, &at).expect("a link");
                what += &format!(" -> {}", target.escape_ascii());
            }
            FileType::Dir => {
                let names = fs::read_dir(kernel, &task, &at).expect("root lists every directory");
                todo.extend(names.iter().map(|entry| path::join(&at, &entry.name).into_vec()));
            }
            _ => what += &format!(" {}:{}", stat.rdev.major, stat.rdev.minor),
        }
        let mut names = kernel.listxattr(&task, &at, Follow::Link).expect("root lists all");
        names.sort();
        for name in names {
            let value = kernel.getxattr(&task, &at, &name, Follow::Link).expect("it was listed");
            what += &format!(" {}={}", name.escape_ascii(), value.escape_ascii());
        }
        out.insert(at[dir.len()..].escape_ascii().to_string(), what);
    }
    out
}

/// A tar's blocks as text, a header a line: all of it but the checksum, and "now" for the times of today.
fn rows(tar: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(header) = tar.get(at..at + 512).filter(|header| header[0] != 0) {
        let number = |from: usize, len: usize| {
            let text = String::from_utf8_lossy(&header[from..from + len]);
            i64::from_str_radix(text.trim_matches(['\0', ' ']), 8)
        };
        let size = number(124, 12).expect("small files have octal sizes") as usize;
        let now = number(136, 12).is_ok_and(|seconds| when(seconds, 0) == "now");
        let mtime = if now { &b"now"[..] } else { &header[136..148] };
        let text = [&header[..136], b"|", mtime, b"|", &header[156..]].concat();
        let data = &tar[at + 512..at + 512 + size];
        let data = if header[156] == b'x' { data.to_vec() } else { sha256(data).into_bytes() };
        let line = format!("{}|{}", text.escape_ascii(), data.escape_ascii());
        out.push(
            line.replace("\\x00", "\0").split('\0').filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" "),
        );
        at += 512 + size.next_multiple_of(512);
    }
    out
}

/// What is in one answer and not in the other, or nothing.
pub(crate) fn difference(docker: &Answer, lab: &Answer) -> Option<String> {
    if docker == lab {
        return None;
    }
    let mut text = String::new();
    for (what, docker, lab) in [("load", &docker.load, &lab.load), ("create", &docker.create, &lab.create)] {
        if docker != lab {
            text += &format!("  {what}\n    docker {docker:?}\n    lab    {lab:?}\n");
        }
    }
    if docker.id != lab.id {
        text += &format!("  id {} {}\n", docker.id, lab.id);
    }
    let lines = |tree: &BTreeMap<String, String>| -> Vec<String> {
        tree.iter().map(|(path, what)| format!("{path} {what}")).collect()
    };
    let mut both = |what: &str, docker: &[String], lab: &[String]| {
        if docker != lab {
            let shown = layerlab_tests::listing::difference(docker, lab);
            text += &format!("  {what} (- docker, + lab)\n{shown}");
        }
    };
    if docker.load == lab.load {
        for (i, (docker, lab)) in docker.layers.iter().zip(&lab.layers).enumerate() {
            both(&format!("layer {i}"), &lines(docker), &lines(lab));
        }
        both("export", &docker.export, &lab.export);
        match (&docker.save, &lab.save) {
            (Some(Ok(docker)), Some(Ok(lab))) => both("save", docker, lab),
            // Docker looks for the layer's files through links that leave it; the lab never does, finds them, and saves.
            (Some(Err(_)), Some(Ok(_))) => {}
            // It hung, where the lab refuses.
            (Some(Err((_, HUNG))), Some(Err(_))) => {}
            (docker, lab) if docker != lab => {
                text += &format!("  save\n    docker {docker:?}\n    lab    {lab:?}\n");
            }
            _ => {}
        }
    }
    Some(text).filter(|text| !text.is_empty())
}
