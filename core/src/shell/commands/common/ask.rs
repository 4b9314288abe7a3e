//! `-i`, which asks before something is lost: the lab's commands cannot ask, and do nothing then.

use super::run::Run;
use crate::kernel::ByteString;

/// Says that a command cannot ask, where one of these paths is there. The caller does nothing then.
pub(in crate::shell::commands) fn cannot_ask(
    run: &mut Run<'_, '_>,
    verb: &str,
    paths: &[ByteString],
) -> bool {
    let is_there = paths.iter().any(|path| run.lstat(path).is_ok());
    if is_there {
        run.complain(format!("Layerlab: the lab's {verb} cannot ask, and did nothing; leave -i out\n"));
    }
    is_there
}
