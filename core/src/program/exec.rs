//! From a command's name to a running program, as `execvp(3)` and the container runtime find it.
//!
//! In a container the file must be there and executable. What is in the file decides: `#!` names an interpreter; an ELF
//! file runs the lab's program of the same name (BusyBox and coreutils names), or the service that the file is marked as.
//! The lab does not execute machine code, and says so where a file is neither.

use thiserror::Error;

use super::{Flavour, Place, Process, Program, Scope, System};
use crate::kernel::{Access, ByteString, Errno, Kernel, OpenFlags, Stat, Task, fs, path};

/// Where a container looks for programs when its environment does not say (runc's default).
const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The mark in a hub image's service file, followed by the service's name and a line feed.
const SERVICE_MARK: &[u8] = b"layerlab-service:";
/// How much of a file is read to see what it is.
const HEAD: usize = 256;
/// How many `#!` lines may lead from one to the next (Linux allows 4 rewrites).
const MAX_INTERPRETERS: usize = 5;
/// How many symbolic links may lead to a program (Linux allows 40 in a path).
const MAX_LINKS: usize = 40;

/// Why a program could not be started.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExecError {
    /// No file of that name in `$PATH`.
    #[error("executable file not found in $PATH")]
    NotInPath,
    /// The file could not be looked at or run: missing, a directory, not executable.
    #[error("{}", .0.text().to_lowercase())]
    File(Errno),
    /// The file is a program that the lab has no counterpart of.
    #[error("{0} holds machine code, which the lab does not execute")]
    MachineCode(ByteString),
}

/// Directories whose programs the lab's host has without a file: what `PATH` finds there is in the table.
const HOST_DIRS: &[&[u8]] =
    &[b"/bin", b"/sbin", b"/usr/bin", b"/usr/sbin", b"/usr/local/bin", b"/usr/local/sbin"];

/// Finds the program that `process.args[0]` names. A script's interpreter comes before its arguments then, and the
/// process speaks as the file that was found.
///
/// # Errors
/// Where there is nothing that could be started.
pub fn find(system: &mut System<'_>, process: &mut Process) -> Result<Program, ExecError> {
    for _ in 0..MAX_INTERPRETERS {
        if let Some(program) = host_program(system, process) {
            process.flavour = Flavour::Gnu;
            return Ok(program);
        }
        let file = find_in_path(system.kernel, process)?;
        match inspect(system, process, &file)? {
            Found::Program(program) => {
                process.flavour = flavour(system.kernel, &process.task, &file);
                return Ok(program);
            }
            Found::Interpreter(mut line) => {
                line.push(file);
                line.extend(process.args.drain(1..));
                process.args = line;
            }
        }
    }
    Err(ExecError::File(Errno::ELOOP))
}

/// On the lab's host every program of the table is at hand, by its name and as a file of a program directory.
fn host_program(system: &mut System<'_>, process: &Process) -> Option<Program> {
    if process.place != Place::Host {
        return None;
    }
    let name = process.args.first()?;
    let last = path::file_name(name)?;
    let by_name = !name.contains(&b'/');
    let mut in_dir =
        || HOST_DIRS.contains(&path::parent(name)) && !fs::exists(system.kernel, &process.task, name);
    (by_name || in_dir())
        .then(|| system.table.get(last).filter(|p| p.scope != Scope::Service).copied())
        .flatten()
}

/// Whose program a file is: BusyBox's where the file is, or is a link to, a file of that name.
fn flavour(kernel: &mut dyn Kernel, task: &Task, file: &[u8]) -> Flavour {
    let mut file = ByteString::from(file);
    for _ in 0..MAX_LINKS {
        let Ok(target) = kernel.readlink(task, &file) else { break };
        file = path::join(path::parent(&file), &target);
    }
    let sibling = path::join(path::parent(&file), b"busybox");
    let same = |a: &Stat, b: &Stat| (a.dev, a.ino) == (b.dev, b.ino);
    match (kernel.stat(task, &file), kernel.stat(task, &sibling)) {
        (Ok(a), Ok(b)) if same(&a, &b) => Flavour::Busybox,
        _ if path::file_name(&file) == Some(b"busybox") => Flavour::Busybox,
        _ => Flavour::Gnu,
    }
}

/// The file that `args[0]` names: as it stands where it has a slash, else from `$PATH`.
///
/// # Errors
/// [`ExecError::NotInPath`], or what looking at the file answered.
pub fn find_in_path(kernel: &mut dyn Kernel, process: &Process) -> Result<ByteString, ExecError> {
    let name = process.args.first().cloned().unwrap_or_default();
    if name.contains(&b'/') {
        check_executable(kernel, &process.task, &name).map_err(ExecError::File)?;
        return Ok(name);
    }
    let dirs = process.env.get(&b"PATH"[..]).map_or(DEFAULT_PATH, |value| value.as_bytes());
    let mut denied = false;
    for dir in dirs.split(|b| *b == b':') {
        let candidate = path::join(if dir.is_empty() { b"." } else { dir }, &name);
        match check_executable(kernel, &process.task, &candidate) {
            Ok(()) if !name.is_empty() => return Ok(candidate),
            Err(Errno::EACCES) => denied = true,
            _ => {}
        }
    }
    Err(if denied { ExecError::File(Errno::EACCES) } else { ExecError::NotInPath })
}

fn check_executable(kernel: &mut dyn Kernel, task: &Task, file: &[u8]) -> Result<(), Errno> {
    let stat = kernel.stat(task, file)?;
    if stat.is_dir() || stat.mode & 0o111 == 0 {
        return Err(Errno::EACCES);
    }
    kernel.access(task, file, Access::EXECUTE)
}

enum Found {
    Program(Program),
    Interpreter(Vec<ByteString>),
}

fn inspect(system: &mut System<'_>, process: &Process, file: &[u8]) -> Result<Found, ExecError> {
    // Reading a program needs no permission to read, only to execute.
    let reader = Task { uid: 0, ..process.task.clone() };
    let head = fs::with_open(system.kernel, &reader, file, OpenFlags::RDONLY, 0, |kernel, fd| {
        kernel.pread(fd, 0, HEAD)
    })
    .map_err(ExecError::File)?;
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii();
        let (interpreter, argument) = match line.iter().position(u8::is_ascii_whitespace) {
            Some(space) => (&line[..space], Some(line[space..].trim_ascii())),
            None => (line, None),
        };
        if interpreter.is_empty() {
            return Err(ExecError::File(Errno::ENOEXEC));
        }
        return Ok(Found::Interpreter(
            std::iter::once(interpreter).chain(argument).map(ByteString::from).collect(),
        ));
    }
    if !head.starts_with(b"\x7fELF") {
        return Err(ExecError::File(Errno::ENOEXEC));
    }
    if let Some(at) = head.windows(SERVICE_MARK.len()).position(|w| w == SERVICE_MARK) {
        let name = head[at + SERVICE_MARK.len()..].split(|b| *b == b'\n').next().unwrap_or_default();
        if let Some(program) = system.table.get(name) {
            return Ok(Found::Program(*program));
        }
    }
    system
        .table
        .get(process.name())
        .filter(|p| p.scope == Scope::Everywhere)
        .map(|p| Found::Program(*p))
        .ok_or_else(|| ExecError::MachineCode(file.into()))
}
