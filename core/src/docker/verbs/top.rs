//! `docker top`: the processes of a container, as the host sees them.

use super::super::{Call, Failure, columns};
use crate::oci::time;
use crate::program::{Flow, to_timespec};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let container = call.engine()?.find_container(&name)?;
    if !container.state.running {
        return Err(Failure::new(format!(
            "Error response from daemon: Container {} is not running",
            container.id
        )));
    }
    let mut rows = vec!["UID\tPID\tPPID\tC\tSTIME\tTTY\tTIME\tCMD".to_owned()];
    for row in call.system.world.tasks.of_container(&container.id) {
        let clock = time::format(to_timespec(row.since));
        let command = row.args.iter().map(crate::kernel::ByteString::to_text).collect::<Vec<_>>().join(" ");
        let user = if row.uid == 0 { "root".to_owned() } else { row.uid.to_string() };
        let tty = if row.tty { "pts/0" } else { "?" };
        rows.push(format!(
            "{user}\t{}\t{}\t0\t{}\t{tty}\t00:00:00\t{command}",
            row.pid,
            row.parent,
            clock.get(11..16).unwrap_or_default()
        ));
    }
    call.print(columns::layout_wide(&rows));
    Ok(Flow::OK)
}
