//! The processes that a program sees.

use super::run::Run;
use crate::program::Row;

/// The processes that a program at this place sees, with the numbers that they have there.
pub(in crate::shell::commands) fn seen(run: &Run<'_, '_>) -> Vec<(u32, u32, Vec<u8>)> {
    let tasks = &run.system.world.tasks;
    let place = &run.process.place;
    let name =
        |row: &Row| row.args.first().map(|arg| crate::kernel::path::file_name(arg).unwrap_or(arg).to_vec());
    let rows = tasks.iter().filter(|row| row.ended.is_none());
    rows.filter_map(|row| Some((row.pid, tasks.number(place, row)?, name(row).unwrap_or_default()))).collect()
}
