//! The scheduler: one process takes a step at a time, ready ones in the order of their numbers, and the lab's clock goes
//! on when nothing else can.

use std::sync::Arc;

use super::bounds::{Bound, Size};
use super::clock::MILLISECOND;
use super::files::Desc;
use super::job::{Body, Next};
use super::piecewise::Piecewise;
use super::row::{Core, Row};
use super::table::Reads;
use super::tasks::BACKGROUND_STEPS;
use super::turns::{next_event, pick, second};
use super::wait::{Nanos, Pid, Wait};
use super::{Flow, Place, Process, System, World, signals};
use crate::kernel::Fd;

/// Why the scheduler stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// What was waited for is there.
    Done,
    /// It took as many steps as it might.
    Budget,
    /// The time that it might go on to has come.
    Time,
    /// Nothing can happen any more.
    Idle,
    /// What is in the foreground follows something.
    Follows,
    /// The line has no steps left.
    Spent,
}

/// Lets processes run, at most `budget` steps, until `done` says so. The clock goes on by itself where nothing is ready,
/// up to `until`; without that, as far as what is in the foreground waits.
pub fn run(
    system: &mut System<'_>,
    budget: &mut u64,
    until: Option<Nanos>,
    done: &mut dyn FnMut(&World) -> bool,
) -> Pause {
    loop {
        if done(system.world) {
            return Pause::Done;
        }
        if *budget == 0 {
            return Pause::Budget;
        }
        if until.is_none() && system.limits.is_spent() {
            return Pause::Spent;
        }
        if let Some(pid) = pick(system.world) {
            *budget -= 1;
            step(system, pid);
            continue;
        }
        let next = next_event(system.world);
        match (next, until) {
            (Some(at), Some(until)) if at <= until => system.set_time(at.max(system.now())),
            (_, Some(until)) => {
                system.set_time(until.max(system.now()));
                return Pause::Time;
            }
            (Some(_), None) if follows(system.world) || !system.limits.jump() => return Pause::Follows,
            (Some(at), None) => system.set_time(at.max(system.now())),
            (None, None) if follows(system.world) => return Pause::Follows,
            (None, None) => return Pause::Idle,
        }
    }
}

/// Whether something in the foreground follows.
pub fn follows(world: &World) -> bool {
    let waits = |wait: &Wait| wait.follows || reads(world, wait);
    world.tasks.rows.values().any(|row| row.front && row.wait.as_ref().is_some_and(waits)) || stays_up(world)
}

/// Whether what is in the foreground waits for a container that stays up by itself (`docker run nginx`): no time that it
/// waits for will end it, and the person's own passes until Ctrl-C.
fn stays_up(world: &World) -> bool {
    let rows = || world.tasks.rows.values().filter(|row| row.ended.is_none());
    let is_timed = |row: &Row| row.wait.as_ref().is_none_or(|wait| wait.until.is_some());
    let stays = |id: &str| {
        let is_inside = |row: &Row| matches!(&row.place, Place::Container(own) if own == id);
        rows().any(is_inside) && !rows().any(|row| is_inside(row) && is_timed(row))
    };
    !rows().any(|row| row.front && is_timed(row))
        && rows().any(|row| {
            let gone = row.wait.as_ref().and_then(|wait| wait.gone.as_ref());
            row.front && gone.is_some_and(|(id, _)| stays(id))
        })
}

/// Whether this is a wait for what a person types.
fn reads(world: &World, wait: &Wait) -> bool {
    [wait.readable, wait.whole].into_iter().flatten().any(|desc| world.files.is_terminal(desc))
}

/// Whether keys were typed that a client in the foreground takes.
pub fn has_wanted_keys(world: &World) -> bool {
    let wants = |row: &Row| row.front && row.wait.as_ref().is_some_and(|wait| wait.keys);
    world.files.has_keys() && world.tasks.rows.values().any(wants)
}

/// Whether something in the foreground waits for what a person types.
pub fn waits_for_typing(world: &World) -> bool {
    world.tasks.rows.values().any(|row| row.front && row.wait.as_ref().is_some_and(|wait| reads(world, wait)))
}

/// Lets a process take one step.
fn step(system: &mut System<'_>, pid: Pid) {
    system.world.tasks.turn = pid;
    let second = second(system.world);
    let Some(row) = system.world.tasks.rows.get_mut(pid) else { return };
    let Some(mut core) = row.core.take() else { return };
    row.wait = None;
    row.full = None;
    let front = row.front || row.hidden;
    let outer = std::mem::replace(&mut system.current, pid);
    let limits = (!front).then(|| std::mem::take(&mut system.limits));
    let before = system.limits.left();
    system.world.files.forget();
    let made = system.world.ids;
    let next = advance(system, Arc::make_mut(&mut core));
    let _ = system.weigh();
    // A loop that makes containers does more in a step than one that counts.
    let made = system.world.ids.saturating_sub(made);
    if made > 0 {
        let _ = system.limits.spend(made.saturating_mul(system.world.bounds.get(Bound::Object)));
    }
    let used = before.saturating_sub(system.limits.left()).max(1);
    match limits {
        Some(limits) => system.limits = limits,
        None if before == system.limits.left() => {
            let _ = system.limits.spend(1);
        }
        None => {}
    }
    system.current = outer;
    if system.world.files.take_over() {
        stop_group(system, pid);
    }
    let (broken, full) = system.world.files.forget();
    let Some(row) = system.world.tasks.rows.get_mut(pid) else { return };
    row.steps += used;
    let passed = (second - row.second).max(0) as u64;
    row.used = row.used.saturating_sub(BACKGROUND_STEPS.saturating_mul(passed)) + used;
    row.second = second;
    let ignores = row.ignored & (1 << signals::PIPE) != 0;
    let killed = row.killed.take().or((broken && !ignores).then_some(signals::PIPE));
    row.core = Some(core);
    match (killed, next) {
        (Some(signal), _) | (None, Next::Killed(signal)) => end(system, pid, 128u8.wrapping_add(signal)),
        (None, Next::Exit(status)) => match full {
            Some(desc) => {
                // What it wrote is still on its way: it ends when that has been read.
                row.full = Some(desc);
                let ending = Body::Job(Box::new(super::ending::Ending { status }));
                // What it held beside its streams is let go now: the ending does not know of it.
                if let Body::Job(mut job) = std::mem::replace(&mut row.core_mut().body, ending) {
                    job.close(system);
                }
            }
            None => end(system, pid, status),
        },
        (None, Next::Again) => row.full = full,
        (None, Next::Wait(wait)) => {
            row.full = full;
            row.wait = Some(wait);
        }
        (None, Next::Exec(process, name)) => {
            row.full = full;
            row.args.clone_from(&process.args);
            row.caught = 0;
            become_program(system, pid, *process, name);
        }
    }
}

/// A pipe would hold too much: the commands at it end, and say so.
fn stop_group(system: &mut System<'_>, pid: Pid) {
    let most = Size(system.world.bounds.get(Bound::Pipe));
    let text = format!("Layerlab: stopped: a pipe would hold more than {most}\n");
    system.world.files.write(system.kernel, Desc::TERMINAL_ERR, text.as_bytes());
    system.reached(Bound::Pipe);
    let Some(group) = system.world.tasks.get(pid).map(|row| row.group) else { return };
    let rows = system.world.tasks.rows.values();
    let all: Vec<Pid> = rows.filter(|row| row.group == group).map(|row| row.pid).collect();
    for pid in all {
        if !system.world.tasks.readers.contains(&pid) {
            system.signal(pid, signals::KILL);
        }
    }
}

/// Lets a process become another program: what its job held is let go, its new streams are held.
fn become_program(system: &mut System<'_>, pid: Pid, mut process: Process, name: &str) {
    process.task = system.standing(&process.task);
    let holds = vec![process.stdin.0, process.stdout.0, process.stderr.0];
    for desc in &holds {
        system.world.files.retain(*desc);
    }
    let Some(row) = system.world.tasks.rows.get_mut(pid) else { return };
    let old = std::mem::replace(&mut row.holds, holds);
    let dir = std::mem::replace(&mut row.dir, process.task.dir);
    let core = Core { process, body: Body::Fresh(name.as_bytes().into()) };
    if let Some(core) = row.core.replace(Arc::new(core)) {
        close(system, Arc::unwrap_or_clone(core));
    }
    for desc in old {
        system.world.files.release(system.kernel, desc);
    }
    leave(system, dir);
}

/// Lets go of the directory that a process stood in.
fn leave(system: &mut System<'_>, dir: Option<Fd>) {
    if let Some(dir) = dir {
        // It was open, and is closed now; there is nothing more to do about an error.
        let _ = system.kernel.close(dir);
    }
}

fn close(system: &mut System<'_>, core: Core) {
    if let Body::Job(mut job) = core.body {
        job.close(system);
    }
}

fn advance(system: &mut System<'_>, core: &mut Core) -> Next {
    if let Body::Stored(name, value) = &core.body
        && let Some(job) = system.table.load(name, value.clone())
    {
        core.body = Body::Job(job);
    }
    match &mut core.body {
        Body::Job(job) => {
            let (writes, next) = (job.writes(), job.step(system, &mut core.process));
            match next {
                Next::Again | Next::Wait(_) | Next::Exit(_)
                    if writes && core.process.stdout.error(system).is_some() =>
                {
                    Next::Exit(write_error(system, &mut core.process, 1))
                }
                next => next,
            }
        }
        // A job of another version of the lab: nothing can go on with it.
        Body::Stored(..) => Next::Exit(255),
        Body::Fresh(name) => {
            let Some(program) = system.table.get(name).copied() else { return Next::Exit(127) };
            let input = core.process.stdin.0;
            let typed = system.world.files.is_terminal(input);
            match super::table::reads(program.name, &core.process.args, typed) {
                Reads::Whole if system.world.files.has_writers(input) => {
                    system.world.files.take_all(input);
                    return Next::Wait(Wait { whole: Some(input), ..Wait::default() });
                }
                Reads::Lines if system.world.files.has_writers(input) => {
                    core.body = Body::Job(Box::new(Piecewise::new(program.name)));
                    system.charge(MILLISECOND);
                    return Next::Again;
                }
                Reads::Some if !system.world.files.is_readable(input) => {
                    return Next::Wait(Wait::readable(input));
                }
                _ => {}
            }
            system.charge(MILLISECOND);
            if super::look::is_about(&core.process) {
                super::look::look(system, &core.process);
            }
            let flow = (program.main)(system, &mut core.process);
            match (flow, system.next.take()) {
                (Flow::GoesOn, Some((job, wait))) => {
                    core.body = Body::Job(job);
                    wait.map_or(Next::Again, Next::Wait)
                }
                (flow, _) => Next::Exit(write_error(system, &mut core.process, flow.status())),
            }
        }
    }
}

/// A full disk under a program's output: the program says so and fails.
fn write_error(system: &mut System<'_>, process: &mut Process, status: u8) -> u8 {
    match process.stdout.error(system) {
        Some(error) => {
            let text = [process.name(), b": write error: ", error.text().as_bytes(), b"\n"].concat();
            process.complain(system, text);
            1
        }
        None => status,
    }
}

/// Ends a process: its descriptors are closed, its children are nobody's, and its parent may ask how it ended.
pub fn end(system: &mut System<'_>, pid: Pid, status: u8) {
    let Some(row) = system.world.tasks.rows.get_mut(pid) else { return };
    if row.ended.is_some() {
        return;
    }
    row.ended = Some(status);
    row.wait = None;
    let holds: Vec<Desc> = std::mem::take(&mut row.holds);
    let dir = row.dir.take();
    let (parent, place) = (row.parent, row.place.clone());
    let (first, leads) = (row.first, row.inner == 1);
    if let Some(core) = row.core.take() {
        close(system, Arc::unwrap_or_clone(core));
    }
    for desc in holds {
        system.world.files.release(system.kernel, desc);
    }
    leave(system, dir);
    let tasks = &mut system.world.tasks;
    tasks.readers.retain(|reader| *reader != pid);
    let children: Vec<Pid> = tasks.rows.values().filter(|r| r.parent == pid).map(|r| r.pid).collect();
    for child in children {
        let gone = tasks.rows.get_mut(child).is_some_and(|row| {
            row.parent = 0;
            row.forgotten = true;
            row.ended.is_some()
        });
        if gone {
            tasks.rows.remove(child);
        }
    }
    let alone = tasks.rows.get(parent).is_none_or(|row| row.ended.is_some());
    let row = tasks.rows.get(pid);
    if row.is_some_and(|row| !row.kept && (alone || row.forgotten)) {
        tasks.rows.remove(pid);
    }
    if first {
        // The first process of a container takes all others with it, and those that have their numbers from there
        // (pid_namespaces(7)).
        let goes =
            |r: &&Row| r.ended.is_none() && (r.place == place || leads && *tasks.space(&r.place) == place);
        let others: Vec<Pid> = tasks.rows.values().filter(goes).map(|r| r.pid).collect();
        for other in others {
            system.signal(other, signals::KILL);
        }
    }
}
