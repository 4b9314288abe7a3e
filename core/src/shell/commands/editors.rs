//! `vi`, `vim`, `nano` and `emacs`: say what edits a file where no editor opens.

use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const VI: Program = editor("vi");

pub(super) const VIM: Program = editor("vim");

pub(super) const NANO: Program = editor("nano");

pub(super) const EMACS: Program = editor("emacs");

const fn editor(name: &'static str) -> Program {
    Program {
        name,
        summary: "edit a file: in the page an editor opens, elsewhere use cat <<EOF or sed -i",
        scope: Scope::Everywhere,
        main: no_editor,
    }
}

fn no_editor(system: &mut System<'_>, process: &mut Process) -> Flow {
    let file = process.args.get(1).map_or_else(|| "FILE".to_owned(), ByteString::to_text);
    process.complain(
        system,
        format!("Layerlab: there is no full-screen editor here; use 'echo text > {file}', 'cat > {file} <<EOF' or 'sed -i s/old/new/ {file}'\n"),
    );
    Flow::Exit(1)
}
