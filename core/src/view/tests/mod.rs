//! Views of overlay mounts made by hand, on the simulator.

mod docker;

use super::*;
use crate::kernel::{FileType, MountFlags, Task, fs};
use crate::sim::SimKernel;

const ROOT: &str = "/mnt";

/// Two lower layers and an upper one: `/low` has /etc/motd, /etc/issue and /srv/old; `/high` replaces /etc/issue.
fn kernel() -> SimKernel {
    let mut kernel = SimKernel::new();
    let task = Task::root();
    for dir in ["/low/etc", "/low/srv", "/high/etc", "/up", "/work", ROOT] {
        fs::mkdir_all(&mut kernel, &task, dir.as_bytes(), 0o755).unwrap();
    }
    for (file, text) in [
        ("/low/etc/motd", "hello"),
        ("/low/etc/issue", "1"),
        ("/low/srv/old", "old"),
        ("/high/etc/issue", "two"),
    ] {
        fs::write(&mut kernel, &task, file.as_bytes(), text.as_bytes(), 0o644).unwrap();
    }
    let options = b"lowerdir=/high:/low,upperdir=/up,workdir=/work";
    kernel.mount(&task, b"overlay", ROOT.as_bytes(), b"overlay", MountFlags::empty(), options).unwrap();
    kernel
}

fn look(kernel: &mut SimKernel, path: Option<&str>) -> Screen {
    screen(kernel, path, 60, &[], &[])
}

fn screen(
    kernel: &mut SimKernel,
    path: Option<&str>,
    columns: u32,
    show: &[&str],
    unfolded: &[&str],
) -> Screen {
    let list = |paths: &[&str]| paths.iter().map(|path| (*path).into()).collect();
    let (show, unfolded) = (list(show), list(unfolded));
    let query =
        Query::Screen { subject: None, path: path.map(Into::into), columns, show, unfolded, follow: None };
    match answer(kernel, &World::default(), &mut Memory::default(), query).unwrap() {
        Answer::Screen(screen) => *screen,
        other => panic!("{other:?}"),
    }
}

/// The columns: a path, or a folded directory with how many paths it holds (`/etc+2`, `/etc+2…` for the rest of it).
fn columns(screen: &Screen) -> Vec<String> {
    let stack = screen.stack.as_ref().unwrap();
    let fold = |column: &Column| {
        column
            .fold
            .map_or(String::new(), |fold| format!("+{}{}", fold.paths, if fold.rest { "…" } else { "" }))
    };
    stack.columns.iter().map(|column| format!("{}{}", column.path.to_text(), fold(column))).collect()
}

/// The cells of a path from the merged view down: `-` absent, `P` seen, `M` merged, `H` hidden, `W` whiteout, `O` opaque,
/// with the badge behind it.
fn cells(screen: &Screen, path: &str) -> String {
    let stack = screen.stack.as_ref().unwrap();
    let column = stack
        .columns
        .iter()
        .position(|column| column.path == *path && column.fold.is_none())
        .unwrap_or_else(|| panic!("no {path}"));
    let letters = stack.rows.iter().map(|row| {
        let cell = &row.cells[column];
        let state = match cell.state {
            CellState::Absent => "-",
            CellState::Provided => "P",
            CellState::Merged => "M",
            CellState::Hidden => "H",
            CellState::Whiteout => "W",
            CellState::Opaque => "O",
        };
        format!("{state}{}", cell.badge.map_or(String::new(), |badge| format!("{badge:?}").to_lowercase()))
    });
    letters.collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_to_show_is_a_screen_too() {
    let screen = look(&mut SimKernel::new(), None);
    assert_eq!(screen, Screen::default());
}

#[test]
fn a_replaced_file_is_hidden_and_says_by_whom() {
    let screen = look(&mut kernel(), Some("/etc/issue"));
    assert_eq!(cells(&screen, "/etc/issue"), "P - P H");
    assert_eq!(cells(&screen, "/etc/motd"), "P - - P");
    let explained = screen.explained.unwrap();
    assert_eq!((explained.provider, explained.hidden_bytes), (Some(2), 1));
    let went: Vec<_> = explained.steps.iter().map(|step| (step.found, step.went)).collect();
    assert_eq!(
        went,
        [(Found::Nothing, Went::On), (Found::File, Went::Stopped), (Found::File, Went::NotReached)]
    );
}

#[test]
fn a_deletion_is_a_whiteout_in_three_forms() {
    let mut kernel = kernel();
    kernel.unlink(&Task::root(), b"/mnt/etc/motd").unwrap();
    let screen = look(&mut kernel, Some("/etc/motd"));
    assert_eq!(cells(&screen, "/etc/motd"), "- Wd - H");
    let stack = screen.stack.as_ref().unwrap();
    assert_eq!((stack.paths, stack.shown, stack.whiteouts), (3, 3, 1));
    let explained = screen.explained.unwrap();
    assert_eq!((explained.seen, explained.hidden_bytes), (None, 5));
    let deletion = explained.deletion.unwrap();
    assert_eq!(deletion.kernel, *"c--------- 0, 0 motd");
    assert_eq!(deletion.diff, *"D /etc/motd");
    assert_eq!(deletion.tar, *[b"etc/", crate::oci::layer::WHITEOUT, b"motd"].concat());
}

#[test]
fn a_directory_that_comes_back_is_opaque() {
    let mut kernel = kernel();
    let task = Task::root();
    fs::remove_all(&mut kernel, &task, b"/mnt/srv").unwrap();
    kernel.mkdir(&task, b"/mnt/srv", 0o755).unwrap();
    let screen = look(&mut kernel, Some("/srv/old"));
    assert_eq!(cells(&screen, "/srv"), "P Oc - H");
    assert_eq!(cells(&screen, "/srv/old"), "- - - H");
    let explained = screen.explained.unwrap();
    let top = &explained.steps[0];
    assert_eq!((top.found, top.went, top.at.clone()), (Found::OpaqueDir, Went::Stopped, Some("/srv".into())));
    assert_eq!(explained.deletion.unwrap().tar, *[b"srv/", crate::oci::layer::OPAQUE].concat());
}

#[test]
fn a_directory_copied_up_for_its_content_is_no_column() {
    let mut kernel = kernel();
    let task = Task::root();
    fs::write(&mut kernel, &task, b"/mnt/etc/motd", b"changed", 0o644).unwrap();
    kernel.mkdir(&task, b"/mnt/new", 0o755).unwrap();
    let screen = look(&mut kernel, None);
    assert_eq!(columns(&screen), ["/new", "/etc/issue", "/etc/motd", "/srv/old"]);
    assert_eq!(cells(&screen, "/etc/motd"), "P Pc - H");
    assert_eq!(cells(&screen, "/new"), "P Pa - -");
    kernel.chmod(&task, b"/mnt/etc", 0o700).unwrap();
    assert_eq!(cells(&look(&mut kernel, None), "/etc"), "P Mc M M");
}

#[test]
fn a_link_in_a_layer_is_not_followed() {
    let mut kernel = kernel();
    let task = Task::root();
    kernel.symlink(&task, b"/low", b"/low/away").unwrap();
    let screen = look(&mut kernel, Some("/away/etc/motd"));
    let explained = screen.explained.unwrap();
    assert!(explained.seen.is_none() && explained.steps.iter().all(|step| step.entry.is_none()));
    let screen = look(&mut kernel, Some("/away"));
    let entry = screen.explained.unwrap().seen.unwrap();
    assert_eq!((entry.kind, entry.target), (FileType::Symlink, Some("/low".into())));
}

#[test]
fn what_tells_nothing_is_folded_by_directory_and_unfolds_in_place() {
    let mut kernel = kernel();
    let task = Task::root();
    for n in 0..90 {
        fs::mkdir_all(&mut kernel, &task, b"/low/etc/deep", 0o755).unwrap();
        fs::write(&mut kernel, &task, format!("/low/etc/deep/{n:02}").as_bytes(), b"", 0o644).unwrap();
        fs::write(&mut kernel, &task, format!("/low/srv/{n:02}").as_bytes(), b"", 0o644).unwrap();
    }
    kernel.unlink(&task, b"/mnt/etc/motd").unwrap();
    let narrow = screen(&mut kernel, Some("/etc/deep/77"), 5, &[], &[]);
    assert_eq!(columns(&narrow), ["/srv+91", "/etc/deep+89", "/etc/deep/77", "/etc/issue", "/etc/motd"]);
    let stack = narrow.stack.as_ref().unwrap();
    assert_eq!((stack.paths, stack.shown, stack.more), (183, 3, false));
    let headings: Vec<_> = stack.columns.iter().map(|column| column.heading.to_text()).collect();
    assert_eq!(headings, ["/", "/etc", "/etc", "/etc", "/etc"]);
    // Every row has a cell for each column; those of what is folded say how much is in each layer.
    let folded: Vec<_> = stack.rows.iter().map(|row| (row.cells[0].state, row.cells[0].paths)).collect();
    use CellState::{Absent, Provided};
    assert_eq!(folded, [(Provided, 91), (Absent, 0), (Absent, 0), (Provided, 91)]);
    assert_eq!(stack.rows[0].cells[0].provider, Some(3));

    let unfolded = columns(&screen(&mut kernel, Some("/etc/motd"), 5, &[], &["/etc"]));
    assert_eq!(unfolded, ["/srv+91", "/etc/deep+90", "/etc/issue", "/etc/motd"]);
    let deep = columns(&screen(&mut kernel, Some("/etc/motd"), 5, &[], &["/etc/deep"]));
    assert_eq!((deep.len(), deep[1].as_str(), deep[3].as_str()), (93, "/etc/issue", "/etc/deep/00"));
}

#[test]
fn new_files_of_one_directory_crowd_nobody_out() {
    let mut kernel = kernel();
    let task = Task::root();
    for n in 0..9 {
        fs::write(&mut kernel, &task, format!("/mnt/srv/new{n}").as_bytes(), b"x", 0o644).unwrap();
    }
    fs::write(&mut kernel, &task, b"/mnt/etc/motd", b"changed", 0o644).unwrap();
    let screen = screen(&mut kernel, None, 7, &["/srv/old"], &[]);
    let shown = ["/etc/issue", "/etc/motd", "/srv/new0", "/srv/new1", "/srv/old", "/srv+7…"];
    assert_eq!(columns(&screen), shown);
    assert_eq!(screen.explained.unwrap().path, *"/etc/motd", "what was changed tells more than what is new");
    let stack = screen.stack.unwrap();
    let rest = stack.rows[1].cells[5];
    assert_eq!((rest.state, rest.badge, rest.paths, rest.size), (CellState::Provided, Some(Badge::A), 7, 7));
}

#[test]
fn the_matrix_of_a_mount_has_a_column_a_layer_and_stays_unfolded_when_a_line_ran() {
    use crate::explore::screen::{Answer as Told, Line, Only, Query as Ask};
    let mut kernel = kernel();
    kernel.unlink(&Task::root(), b"/mnt/etc/motd").unwrap();
    let mut memory = Memory::default();
    let mut ask = |kernel: &mut SimKernel, epoch: u32, ask: Ask| {
        let query = Query::Tree { subject: None, epoch, ask };
        match answer(kernel, &World::default(), &mut memory, query).unwrap() {
            Answer::Tree(branch) => *branch,
            other => panic!("{other:?}"),
        }
    };
    let all = || Ask::Rows { from: 0, count: 50 };
    let paths = |told: &Branch| match &told.told {
        Told::Rows { rows, .. } => rows.iter().map(|line: &Line| line.path.to_text()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let first = ask(&mut kernel, 1, all());
    assert_eq!((first.layers.len(), first.paths), (3, 5));
    assert_eq!(paths(&first), ["/etc", "/etc/issue", "/etc/motd", "/srv"]);
    ask(&mut kernel, 1, Ask::FoldAll { open: true });
    fs::write(&mut kernel, &Task::root(), b"/mnt/srv/new", b"", 0o644).unwrap();
    assert_eq!(ask(&mut kernel, 1, all()).paths, 5, "nothing is read again while no line ran");
    let later = ask(&mut kernel, 2, all());
    assert_eq!(paths(&later), ["/etc", "/etc/issue", "/etc/motd", "/srv", "/srv/new", "/srv/old"]);
    ask(&mut kernel, 2, Ask::Filter { text: "MOTD".into(), only: Only::All });
    assert_eq!(paths(&ask(&mut kernel, 3, all())), ["/etc", "/etc/motd"], "the filter stays as well");
}
