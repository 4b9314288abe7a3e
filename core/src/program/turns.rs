//! Whose turn it is: which process is ready, and when something happens next where none is.

use super::World;
use super::clock::SECOND;
use super::files::Desc;
use super::row::Row;
use super::tasks::BACKGROUND_STEPS;
use super::wait::{Nanos, Pid, Wait};

/// Picks the next ready process after the one that took the last step. A sleeping process is looked at again only when
/// something it waits for has changed.
pub(super) fn pick(world: &mut World) -> Option<Pid> {
    let picked = pick_open(world);
    debug_assert_eq!(picked, pick_of_all(world), "a look at every process finds the same");
    picked
}

fn pick_open(world: &mut World) -> Option<Pid> {
    world.tasks.rows.settle(world.clock.unwrap_or_default());
    let turn = world.tasks.turn;
    let (mut at, mut again) = (turn, false);
    loop {
        match world.tasks.rows.open_after(at) {
            Some(pid) if !again || pid <= turn => {
                at = pid;
                match world.tasks.rows.get(pid) {
                    Some(row) if is_ready(world, row) => {
                        if has_budget(world, row) {
                            return Some(pid);
                        }
                    }
                    _ => world.tasks.rows.park(pid),
                }
            }
            None if !again => (at, again) = (0, true),
            _ => return None,
        }
    }
}

fn pick_of_all(world: &World) -> Option<Pid> {
    let ready = world.tasks.rows.values().filter(|row| is_ready(world, row) && has_budget(world, row));
    ready.map(|row| row.pid).min_by_key(|pid| (*pid <= world.tasks.turn, *pid))
}

fn has_budget(world: &World, row: &Row) -> bool {
    row.front || row.hidden || {
        let passed = (second(world) - row.second).max(0) as u64;
        row.used < BACKGROUND_STEPS.saturating_mul(passed.saturating_add(1))
    }
}

/// The second of the lab's time.
pub(super) fn second(world: &World) -> i64 {
    world.clock.unwrap_or_default().div_euclid(SECOND)
}

fn is_ready(world: &World, row: &Row) -> bool {
    if !row.can_run() {
        return false;
    }
    if row.full.is_some_and(|desc| !world.files.has_room(desc)) {
        return false;
    }
    row.wait.as_ref().is_none_or(|wait| has_come(world, row, wait))
}

fn has_come(world: &World, row: &Row, wait: &Wait) -> bool {
    let tasks = &world.tasks;
    wait.until.is_some_and(|at| at <= world.clock.unwrap_or_default())
        || wait.ended.iter().any(|pid| tasks.has_ended(*pid))
        // A process in the background does not get what a person types (termios(3), SIGTTIN).
        || wait.readable.is_some_and(|desc| (row.front || desc != Desc::KEYBOARD) && world.files.is_readable(desc))
        || wait.whole.is_some_and(|desc| !world.files.has_writers(desc))
        || wait.met.is_some_and(|desc| world.files.is_met(desc))
        || wait.recorded.is_some_and(|desc| world.files.has_recorded(desc))
        || wait.signal && row.pending != 0
        || wait.gone.as_ref().is_some_and(|(id, pid)| world.running.get(id).is_none_or(|r| r.pid != *pid))
        || wait.line && !tasks.lines.is_empty() && tasks.readers.last() == Some(&row.pid)
        || wait.grown.as_ref().is_some_and(|(id, seen)| world.logs.written(id) > *seen)
        || wait.keys && row.front && world.files.has_keys()
        || wait.events.is_some_and(|seen| world.happened > seen)
}

/// When something happens next by itself.
pub(super) fn next_event(world: &mut World) -> Option<Nanos> {
    let parked = world.tasks.rows.first_time();
    let open = world.tasks.rows.open().filter_map(|row| time_of(world, row));
    let next = open.chain(parked).min();
    let all = world.tasks.rows.values();
    debug_assert_eq!(next, all.filter_map(|row| time_of(world, row)).min(), "the same");
    next
}

/// Returns the time at which a process wakes up without another's help.
fn time_of(world: &World, row: &Row) -> Option<Nanos> {
    if !row.can_run() {
        return None;
    }
    if is_ready(world, row) && !has_budget(world, row) {
        let seconds = (row.used / BACKGROUND_STEPS) as i64;
        return Some((row.second + seconds) * SECOND);
    }
    row.wait.as_ref().filter(|_| row.full.is_none())?.until
}
