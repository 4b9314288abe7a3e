//! `find`.

mod expression;
mod form;
mod links;
mod node;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::expression::Parser;
use self::form::{fill, folded};
use self::links::Follow;
use self::node::{Action, File, Limits, Node, Test};
use super::common::run::Run;
use super::common::start::start;
use super::common::users::Users;
use crate::kernel::{ByteString, Stat, fs, path};
use crate::program::{Flow, Next, Pid, Process, Program, ProgramState, Scope, System, Wait};

pub(super) const PROGRAM: Program =
    Program { name: "find", summary: "search a tree for files", scope: Scope::Everywhere, main };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut args = run.process.args[1..].to_vec();
    if args.first().is_some_and(|arg| *arg == "--help") {
        run.print("Usage: find [PATH]... [EXPRESSION]\nSearch for files in a directory hierarchy.\n");
        return run.end();
    }
    let mut follow = Follow::default();
    while let Some(option) = args.first().and_then(|arg| Follow::option(arg)) {
        follow = option;
        args.remove(0);
    }
    let expression =
        args.iter().position(|arg| arg.len() > 1 && arg[0] == b'-' || *arg == "(" || *arg == "!");
    let tail = args.split_off(expression.unwrap_or(args.len()));
    let mut starts = args;
    if starts.is_empty() {
        starts.push(".".into());
    }
    let users = Users::read(&mut run);
    let now = crate::program::to_timespec(run.system.now());
    let mut parser = Parser::new(&mut run, tail.clone(), &users, follow);
    let (node, limits) = match parser.parse() {
        Ok(found) => found,
        Err(refusal) => {
            refusal.tell(&mut run);
            return Flow::Exit(1);
        }
    };
    let search = Search { tail, limits, starts: starts.into(), now: now.sec, ..Search::default() };
    let mut finder = Finder { node: Some(Arc::new(node)), search };
    match finder.go_on(&mut run) {
        Some(pid) => system.goes_on(finder, Wait::child(pid)),
        None => run.end(),
    }
}

/// A search that waits for a command of its `-exec`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Finder {
    /// Its expression; one that was written down is read from its arguments again.
    #[serde(skip)]
    node: Option<Arc<Node>>,
    search: Search,
}

/// What is left to do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Search {
    /// The expression as it was typed.
    tail: Vec<ByteString>,
    limits: Limits,
    starts: VecDeque<ByteString>,
    /// How long the path of the start at hand is.
    start: usize,
    /// The start's device.
    device: u64,
    work: Vec<Work>,
    look: Option<Look>,
    now: i64,
    /// Commands of `-exec … +` with the files that they are for.
    batches: VecDeque<(Vec<ByteString>, Vec<ByteString>)>,
    quit: bool,
    status: u8,
    child: Option<Pid>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Work {
    Visit(ByteString, usize),
    /// With `-depth`, a directory after what is in it.
    Leave(ByteString, usize, Stat),
}

/// A file while the expression is asked about it. The answers of tests and actions are kept, so that the question can be
/// taken up again after a command: what was answered is not asked, and not done, twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Look {
    path: ByteString,
    stat: Stat,
    depth: usize,
    answers: Vec<bool>,
    /// How many of them were taken.
    at: usize,
    pruned: bool,
    /// It is a directory that is gone into after this.
    down: bool,
}

impl ProgramState for Finder {
    const NAME: &'static str = "find";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let mut run = Run::new(system, process);
        match self.go_on(&mut run) {
            Some(pid) => Next::Wait(Wait::child(pid)),
            None => Next::Exit(run.end().status().max(self.search.status)),
        }
    }
}

impl Finder {
    /// Goes on until a command was started, which is to be waited for, or until nothing is left.
    fn go_on(&mut self, run: &mut Run<'_, '_>) -> Option<Pid> {
        if let Some(pid) = self.search.child {
            let tasks = &mut run.system.world.tasks;
            if !tasks.has_ended(pid) {
                return Some(pid);
            }
            let status = tasks.reap(pid).unwrap_or_default();
            self.search.child = None;
            match &mut self.search.look {
                Some(look) => look.answers.push(status == 0),
                // A command of `-exec … +` gives the search its status.
                None => self.search.status = self.search.status.max(u8::from(status != 0)),
            }
        }
        let node = self.node(run)?;
        loop {
            if let Some(mut look) = self.search.look.take() {
                look.at = 0;
                if let ControlFlow::Break(pid) = self.search.holds(run, &node, &mut look) {
                    self.search.look = Some(look);
                    self.search.child = Some(pid);
                    self.search.status = self.search.status.max(run.status);
                    return Some(pid);
                }
                if look.down && !look.pruned {
                    self.search.go_into(run, &look.path, look.depth);
                }
            }
            if !self.search.next(run) {
                break;
            }
        }
        let started = self.search.next_batch(run);
        self.search.child = started;
        self.search.status = self.search.status.max(run.status);
        run.status = self.search.status;
        started
    }

    fn node(&mut self, run: &mut Run<'_, '_>) -> Option<Arc<Node>> {
        if self.node.is_none() {
            let users = Users::read(run);
            let parsed =
                Parser::new(run, self.search.tail.clone(), &users, self.search.limits.follow).parse();
            self.node = parsed.ok().map(|(node, _)| Arc::new(node));
        }
        self.node.clone()
    }
}

impl Search {
    /// Takes the next file to look at; `false` where there is none.
    fn next(&mut self, run: &mut Run<'_, '_>) -> bool {
        loop {
            if self.quit {
                return false;
            }
            let Some(item) = self.work.pop() else {
                let Some(begin) = self.starts.pop_front() else { return false };
                self.start = begin.len();
                self.work.push(Work::Visit(begin, 0));
                continue;
            };
            if !run.step() {
                self.quit = true;
                return false;
            }
            let (file, depth) = match item {
                Work::Leave(file, depth, stat) => {
                    if depth >= self.limits.least {
                        self.look = Some(Look::new(file, stat, depth));
                        return true;
                    }
                    continue;
                }
                Work::Visit(file, depth) => (file, depth),
            };
            let follow = self.limits.follow;
            let stat = match follow.stat(run, &file, depth) {
                Ok(stat) => stat,
                Err(error) => {
                    complain(run, &file, error);
                    continue;
                }
            };
            if follow.is_loop(run, &file, &stat, self.start) {
                continue;
            }
            if depth == 0 {
                self.device = stat.dev;
            }
            let is_near = !self.limits.one_device || stat.dev == self.device;
            let down = stat.is_dir() && depth < self.limits.most && is_near;
            if down && self.limits.depth_first {
                self.work.push(Work::Leave(file.clone(), depth, stat));
            } else if depth >= self.limits.least {
                self.look = Some(Look { down, ..Look::new(file, stat, depth) });
                return true;
            }
            if down {
                self.go_into(run, &file, depth);
            }
        }
    }

    fn go_into(&mut self, run: &mut Run<'_, '_>, file: &ByteString, depth: usize) {
        let (kernel, task) = run.kernel();
        // Sorted, so that the order does not hang on the file system.
        match fs::read_dir_sorted(kernel, task, file) {
            Ok(entries) => {
                let inside = entries.iter().rev();
                self.work.extend(inside.map(|e| Work::Visit(path::join(file, &e.name), depth + 1)));
            }
            Err(error) => complain(run, file, error),
        }
    }

    /// Starts the next command of `-exec … +`.
    fn next_batch(&mut self, run: &mut Run<'_, '_>) -> Option<Pid> {
        while let Some((command, files)) = self.batches.pop_front() {
            let at = command.iter().position(|arg| *arg == "{}").unwrap_or(command.len());
            let mut args = command[..at].to_vec();
            args.extend(files);
            args.extend(command.get(at + 1..).unwrap_or_default().to_vec());
            match start(run, args) {
                Ok(pid) => return Some(pid),
                Err(_) => self.status = 1,
            }
        }
        None
    }

    /// Whether an expression holds for a file; or the command whose end says so.
    fn holds(&mut self, run: &mut Run<'_, '_>, node: &Node, look: &mut Look) -> ControlFlow<Pid, bool> {
        match node {
            Node::And(nodes) => {
                for node in nodes {
                    if !self.holds(run, node, look)? {
                        return ControlFlow::Continue(false);
                    }
                }
                ControlFlow::Continue(true)
            }
            Node::Or(nodes) => {
                for node in nodes {
                    if self.holds(run, node, look)? {
                        return ControlFlow::Continue(true);
                    }
                }
                ControlFlow::Continue(false)
            }
            Node::Not(node) => ControlFlow::Continue(!self.holds(run, node, look)?),
            Node::Test(_) | Node::Action(_) => {
                let known = look.answers.get(look.at).copied();
                look.at += 1;
                if let Some(answer) = known {
                    return ControlFlow::Continue(answer);
                }
                let answer = match node {
                    Node::Test(test) => self.test(run, test, &look.file(self.start)),
                    Node::Action(Action::Exec(command)) => {
                        let args = command.iter().map(|arg| fill(arg, &look.path)).collect();
                        match start(run, args) {
                            Ok(pid) => return ControlFlow::Break(pid),
                            Err(_) => false,
                        }
                    }
                    Node::Action(Action::Prune) => {
                        look.pruned = true;
                        true
                    }
                    Node::Action(action) => self.act(run, action, &look.file(self.start)),
                    _ => unreachable!("the others have no answer of their own"),
                };
                look.answers.push(answer);
                ControlFlow::Continue(answer)
            }
        }
    }

    fn test(&self, run: &mut Run<'_, '_>, test: &Test, file: &File<'_>) -> bool {
        let stat = file.stat;
        let name = path::file_name(file.path).unwrap_or(file.path);
        match test {
            Test::Constant(holds) => *holds,
            Test::Name(pattern, fold) => pattern.matches(&folded(name, *fold)),
            Test::Path(pattern, fold) => pattern.matches(&folded(file.path, *fold)),
            Test::Regex(regex) => {
                regex.all(file.path).iter().any(|groups| groups[0] == Some((0, file.path.len())))
            }
            Test::Kinds(kinds) => kinds.contains(&stat.kind),
            Test::Size(compare, unit) => compare.holds(stat.size.div_ceil(*unit) as i64),
            Test::Links(compare) => compare.holds(i64::from(stat.nlink)),
            Test::Inode(compare) => compare.holds(stat.ino as i64),
            Test::Days(compare, time) => compare.holds((self.now - time.of(stat).sec).div_euclid(86_400)),
            Test::Minutes(compare, time) => compare.holds((self.now - time.of(stat).sec + 59).div_euclid(60)),
            Test::Newer(than, time) => time.of(stat) > *than,
            Test::User(uid) => stat.uid == *uid,
            Test::Group(gid) => stat.gid == *gid,
            Test::Mode(mode, how) => match how {
                b'-' => stat.mode & mode == *mode,
                b'/' => *mode == 0 || stat.mode & mode != 0,
                _ => stat.mode == *mode,
            },
            Test::Empty if stat.is_dir() => {
                let (kernel, task) = run.kernel();
                fs::read_dir(kernel, task, file.path).is_ok_and(|entries| entries.is_empty())
            }
            Test::Empty => stat.kind == crate::kernel::FileType::File && stat.size == 0,
            Test::Access(access) => {
                let (kernel, task) = run.kernel();
                kernel.access(task, file.path, *access).is_ok()
            }
            Test::Target(pattern) => {
                let (kernel, task) = run.kernel();
                kernel.readlink(task, file.path).is_ok_and(|target| pattern.matches(&target))
            }
        }
    }

    fn act(&mut self, run: &mut Run<'_, '_>, action: &Action, file: &File<'_>) -> bool {
        match action {
            Action::Print(end) => run.print([&file.path[..], &[*end]].concat()),
            Action::Printf(form) => {
                let text = form::render(run, form, file);
                run.print(text);
            }
            Action::Ls => {
                let text = form::render(run, expression::LS, file);
                run.print(text);
            }
            Action::Quit => self.quit = true,
            Action::Delete if file.path != "." => {
                let (kernel, task) = run.kernel();
                let dir = file.stat.is_dir();
                let result = if dir { kernel.rmdir(task, file.path) } else { kernel.unlink(task, file.path) };
                if let Err(error) = result {
                    let shown = run.curly(file.path);
                    run.warn([b"cannot delete ", &shown[..], b": ", error.text().as_bytes()].concat());
                    return false;
                }
            }
            Action::Delete => {}
            Action::Exec(_) | Action::Prune => unreachable!("they are done where they are met"),
            Action::ExecAll(command) => match self.batches.iter_mut().find(|(known, _)| known == command) {
                Some((_, files)) => files.push(file.path.clone()),
                None => self.batches.push_back((command.clone(), vec![file.path.clone()])),
            },
        }
        true
    }
}

impl Look {
    fn new(path: ByteString, stat: Stat, depth: usize) -> Self {
        Self { path, stat, depth, answers: Vec::new(), at: 0, pruned: false, down: false }
    }

    fn file(&self, start: usize) -> File<'_> {
        File { path: &self.path, stat: &self.stat, depth: self.depth, start }
    }
}

fn complain(run: &mut Run<'_, '_>, file: &[u8], error: crate::kernel::Errno) {
    run.warn_failed(run.words().find_cannot_read, file, error);
}
