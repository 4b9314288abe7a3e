//! Views of overlay mounts made by hand, on the simulator.

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
    let query = Query::Screen { subject: None, path: path.map(Into::into), columns: 60 };
    let Answer::Screen(screen) = answer(kernel, &World::default(), query).unwrap();
    *screen
}

/// The cells of a path from the merged view down: `-` absent, `P` seen, `M` merged, `H` hidden, `W` whiteout, `O` opaque,
/// with the badge behind it.
fn cells(screen: &Screen, path: &str) -> String {
    let stack = screen.stack.as_ref().unwrap();
    let column =
        stack.columns.iter().position(|column| column.path == *path).unwrap_or_else(|| panic!("no {path}"));
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
    assert_eq!((stack.changed, stack.whiteouts), (1, 1));
    assert_eq!(stack.columns[0].path, *"/etc/motd", "what was written stands first");
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
    let stack = screen.stack.as_ref().unwrap();
    let changed: Vec<_> = stack.columns[..stack.changed as usize].iter().map(|c| c.path.to_text()).collect();
    assert_eq!(changed, ["/etc/motd", "/new"]);
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
fn columns_stay_within_their_number() {
    let mut kernel = kernel();
    let task = Task::root();
    for n in 0..90 {
        fs::write(&mut kernel, &task, format!("/low/etc/{n:02}").as_bytes(), b"", 0o644).unwrap();
        fs::write(&mut kernel, &task, format!("/low/srv/{n:02}").as_bytes(), b"", 0o644).unwrap();
    }
    let query = Query::Screen { subject: None, path: Some("/etc/77".into()), columns: 20 };
    let Answer::Screen(screen) = answer(&mut kernel, &World::default(), query).unwrap();
    let stack = screen.stack.unwrap();
    assert_eq!((stack.columns.len(), stack.more), (20, true));
    assert!(stack.columns.iter().any(|column| column.path == *"/etc/77"), "the path asked about is there");
    assert!(stack.rows.iter().all(|row| row.cells.len() == 20));
}
