//! `tar`: makes, lists and unpacks archives (POSIX.1-2017, `pax`, "ustar Interchange Format"; GNU's long names are read).

mod create;
mod extract;
mod plan;

use self::plan::{Mode, Plan};
use super::common::args::advise;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "tar", summary: "make, list and unpack archives", scope: Scope::Everywhere, main };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let plan = match arguments(&mut run) {
        Ok(plan) => plan,
        Err(status) => return Flow::Exit(status),
    };
    match plan.mode {
        Mode::Create => create::run(&mut run, &plan),
        Mode::List | Mode::Extract => extract::run(&mut run, &plan),
    }
    if run.status > 0 {
        run.complain_if_any(run.words().tar_failed);
        run.status = run.habits().grave_status;
    }
    run.end()
}

/// Reads the arguments. The first may be a bundle of letters without a dash (`tar xzf a.tgz`), whose values follow it in
/// their order.
fn arguments(run: &mut Run<'_, '_>) -> Result<Plan, u8> {
    let root = run.process.task.uid == 0;
    let mut mode = None;
    let mut plan = Plan {
        mode: Mode::List,
        archive: "-".into(),
        gzip: false,
        verbose: false,
        to_stdout: false,
        dir: ByteString::new(),
        strip: 0,
        keep_modes: root,
        exclude: Vec::new(),
        operands: Vec::new(),
    };
    let args = run.process.args[1..].to_vec();
    let mut rest = args.into_iter();
    let mut first = true;
    while let Some(arg) = rest.next() {
        let bundled = std::mem::replace(&mut first, false) && !arg.starts_with(b"-");
        if let Some(long) = arg.strip_prefix(b"--") {
            let text = String::from_utf8_lossy(long).into_owned();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(ByteString::from(value))),
                None => (text, None),
            };
            let letter = match name.as_str() {
                "create" => 'c',
                "extract" | "get" => 'x',
                "list" => 't',
                "file" => 'f',
                "directory" => 'C',
                "gzip" => 'z',
                "verbose" => 'v',
                "to-stdout" => 'O',
                "preserve-permissions" | "same-permissions" => 'p',
                "exclude" => 'e',
                "strip-components" => 's',
                "numeric-owner" | "same-owner" => continue,
                "help" => {
                    run.print("Usage: tar [OPTION...] [FILE]...\n -c create  -x extract  -t list  -f ARCHIVE  -C DIR  -z gzip  -v verbose  -O to stdout\n");
                    return Err(0);
                }
                _ => return Err(usage(run, &format!("unrecognized option '--{name}'"))),
            };
            letters(run, &mut plan, &mut mode, &[letter], value, &mut rest)?;
        } else if bundled || (arg.len() > 1 && arg.starts_with(b"-")) {
            let text = arg.to_text();
            let all: Vec<char> = text.trim_start_matches('-').chars().collect();
            if bundled {
                letters(run, &mut plan, &mut mode, &all, None, &mut rest)?;
                continue;
            }
            // A value may follow its letter at once.
            let takes = all.iter().position(|letter| "fC".contains(*letter));
            let (plain, value) = match takes {
                Some(at) if at + 1 < all.len() => {
                    (&all[..=at], Some(all[at + 1..].iter().collect::<String>().as_str().into()))
                }
                _ => (&all[..], None),
            };
            letters(run, &mut plan, &mut mode, plain, value, &mut rest)?;
        } else {
            plan.operands.push(arg);
        }
    }
    let Some(mode) = mode else {
        return Err(usage(
            run,
            "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options",
        ));
    };
    plan.mode = mode;
    Ok(plan)
}

fn letters(
    run: &mut Run<'_, '_>,
    plan: &mut Plan,
    mode: &mut Option<Mode>,
    letters: &[char],
    mut value: Option<ByteString>,
    rest: &mut std::vec::IntoIter<ByteString>,
) -> Result<(), u8> {
    for letter in letters {
        let mut take = |run: &mut Run<'_, '_>| match value.take().or_else(|| rest.next()) {
            Some(value) => Ok(value),
            None => Err(usage(run, &format!("option requires an argument -- '{letter}'"))),
        };
        match letter {
            'c' => *mode = Some(Mode::Create),
            'x' => *mode = Some(Mode::Extract),
            't' => *mode = Some(Mode::List),
            'f' => plan.archive = take(run)?,
            'C' => plan.dir = take(run)?,
            'e' => plan.exclude.push(take(run)?),
            's' => {
                let text = take(run)?.to_text();
                let Ok(strip) = text.parse() else {
                    return Err(usage(run, &format!("{text}: Invalid number of elements")));
                };
                plan.strip = strip;
            }
            'z' => plan.gzip = true,
            'v' => plan.verbose = true,
            'O' => plan.to_stdout = true,
            'p' => plan.keep_modes = true,
            other => {
                let status = usage(run, &format!("invalid option -- '{other}'"));
                advise(run, &format!("-{other}"));
                return Err(status);
            }
        }
    }
    Ok(())
}

fn usage(run: &mut Run<'_, '_>, message: &str) -> u8 {
    run.warn(message);
    run.complain_if_any(run.words().tar_hint);
    run.habits().grave_status
}
