//! `find`.

mod expression;
mod form;
mod node;

use self::expression::Parser;
use self::node::{Action, File, Node, Test};
use super::common::run::Run;
use super::common::users::Users;
use super::who::start;
use crate::kernel::{ByteString, Stat, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "find", summary: "search a tree for files", scope: Scope::Everywhere, main };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut args = run.process.args[1..].to_vec();
    if args.first().is_some_and(|arg| *arg == "--help") {
        run.print("Usage: find [PATH]... [EXPRESSION]\nSearch for files in a directory hierarchy.\n");
        return run.end();
    }
    args.retain(|arg| !matches!(&arg[..], b"-H" | b"-P"));
    let expression =
        args.iter().position(|arg| arg.len() > 1 && arg[0] == b'-' || *arg == "(" || *arg == "!");
    let tail = args.split_off(expression.unwrap_or(args.len()));
    let mut starts = args;
    if starts.is_empty() {
        starts.push(".".into());
    }
    let users = Users::read(&mut run);
    let now = crate::program::to_timespec(run.system.now());
    let mut parser = Parser::new(&mut run, tail, &users);
    let (node, limits) = match parser.parse() {
        Ok(found) => found,
        Err(message) => {
            run.warn(message);
            return Flow::Exit(1);
        }
    };
    let mut finder =
        Finder { node, now: now.sec, batches: Vec::new(), deep: limits.depth_first, quit: false };
    for begin in starts {
        finder.tree(&mut run, &begin, limits.least, limits.most, limits.follow);
    }
    for (command, files) in std::mem::take(&mut finder.batches) {
        let at = command.iter().position(|arg| *arg == "{}").unwrap_or(command.len());
        let mut args = command[..at].to_vec();
        args.extend(files);
        args.extend(command.get(at + 1..).unwrap_or_default().to_vec());
        if start(&mut run, args).status() != 0 {
            run.status = 1;
        }
    }
    run.end()
}

struct Finder {
    node: Node,
    now: i64,
    /// Commands of `-exec … +` with the files that they are for.
    batches: Vec<(Vec<ByteString>, Vec<ByteString>)>,
    deep: bool,
    quit: bool,
}

enum Work {
    Visit(ByteString, usize),
    /// With `-depth`, a directory after what is in it.
    Leave(ByteString, usize, Stat),
}

impl Finder {
    fn tree(&mut self, run: &mut Run<'_, '_>, begin: &ByteString, least: usize, most: usize, follow: bool) {
        let mut work = vec![Work::Visit(begin.clone(), 0)];
        while let Some(item) = work.pop() {
            if self.quit || !run.step() {
                return;
            }
            let (file, depth) = match item {
                Work::Leave(file, depth, stat) => {
                    if depth >= least {
                        self.look(run, &File { path: &file, stat: &stat, depth, start: begin.len() });
                    }
                    continue;
                }
                Work::Visit(file, depth) => (file, depth),
            };
            let found = if follow { run.stat(&file).or_else(|_| run.lstat(&file)) } else { run.lstat(&file) };
            let stat = match found {
                Ok(stat) => stat,
                Err(error) => {
                    complain(run, &file, error);
                    continue;
                }
            };
            let down = stat.is_dir() && depth < most;
            let mut pruned = false;
            if down && self.deep {
                work.push(Work::Leave(file.clone(), depth, stat.clone()));
            } else if depth >= least {
                pruned = self.look(run, &File { path: &file, stat: &stat, depth, start: begin.len() });
            }
            if !down || pruned {
                continue;
            }
            let (kernel, task) = run.kernel();
            // Sorted, so that the order does not hang on the file system.
            match fs::read_dir_sorted(kernel, task, &file) {
                Ok(entries) => {
                    work.extend(
                        entries.iter().rev().map(|e| Work::Visit(path::join(&file, &e.name), depth + 1)),
                    );
                }
                Err(error) => complain(run, &file, error),
            }
        }
    }

    /// Evaluates the expression; whether the directory is not to be gone into.
    fn look(&mut self, run: &mut Run<'_, '_>, file: &File<'_>) -> bool {
        let node = self.node.clone();
        let mut pruned = false;
        self.holds(run, &node, file, &mut pruned);
        pruned
    }

    fn holds(&mut self, run: &mut Run<'_, '_>, node: &Node, file: &File<'_>, pruned: &mut bool) -> bool {
        match node {
            Node::And(nodes) => nodes.iter().all(|node| self.holds(run, node, file, pruned)),
            Node::Or(nodes) => nodes.iter().any(|node| self.holds(run, node, file, pruned)),
            Node::Not(node) => !self.holds(run, node, file, pruned),
            Node::Test(test) => self.test(run, test, file),
            Node::Action(action) => self.act(run, action, file, pruned),
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

    fn act(&mut self, run: &mut Run<'_, '_>, action: &Action, file: &File<'_>, pruned: &mut bool) -> bool {
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
            Action::Prune => *pruned = true,
            Action::Quit => self.quit = true,
            Action::Delete => {
                let (kernel, task) = run.kernel();
                let is_dir = file.stat.is_dir();
                let result =
                    if is_dir { kernel.rmdir(task, file.path) } else { kernel.unlink(task, file.path) };
                if let Err(error) = result {
                    let shown = run.curly(file.path);
                    run.warn([b"cannot delete ", &shown[..], b": ", error.text().as_bytes()].concat());
                    return false;
                }
            }
            Action::Exec(command) => {
                let args: Vec<ByteString> = command.iter().map(|arg| fill(arg, file.path)).collect();
                return start(run, args).status() == 0;
            }
            Action::ExecAll(command) => match self.batches.iter_mut().find(|(known, _)| known == command) {
                Some((_, files)) => files.push(file.path.clone()),
                None => self.batches.push((command.clone(), vec![file.path.clone()])),
            },
        }
        true
    }
}

/// The argument with every `{}` replaced.
fn fill(arg: &[u8], file: &[u8]) -> ByteString {
    let mut out = Vec::new();
    let mut at = 0;
    while at < arg.len() {
        if arg[at..].starts_with(b"{}") {
            out.extend_from_slice(file);
            at += 2;
        } else {
            out.push(arg[at]);
            at += 1;
        }
    }
    out.into()
}

fn folded(text: &[u8], fold: bool) -> Vec<u8> {
    if fold { text.to_ascii_lowercase() } else { text.to_vec() }
}

fn complain(run: &mut Run<'_, '_>, file: &[u8], error: crate::kernel::Errno) {
    let shown = if run.is_busybox() { file.to_vec() } else { run.curly(file) };
    run.warn([&shown[..], b": ", error.text().as_bytes()].concat());
}
