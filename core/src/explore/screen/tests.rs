//! Tests of the desk: rows as they fold, what a filter leaves, what is told of a path.

use super::matrix::Matrix;
use super::*;
use crate::explore::tests::stack;

fn names(matrix: &Matrix, stack: &crate::explore::Stack) -> Vec<String> {
    matrix.window(0, 100).map(|id| matrix.line(stack, id).path.to_text()).collect()
}

#[test]
fn a_directory_stands_right_before_what_is_in_it() {
    let stack = stack(&[&["a/", "a/x=1", "a-b=1", "a.c=1"]]);
    let mut matrix = Matrix::new(&stack);
    assert_eq!(names(&matrix, &stack), ["/a", "/a-b", "/a.c"]);
    matrix.fold(0, true);
    assert_eq!(names(&matrix, &stack), ["/a", "/a/x", "/a-b", "/a.c"]);
    let line = matrix.line(&stack, 1);
    assert_eq!((line.level, line.parent, line.open), (2, Some(0), None));
    matrix.fold_all(false);
    assert_eq!((matrix.rows(), matrix.paths(), matrix.place(1)), (3, 4, None));
    matrix.fold(99, true);
    assert_eq!(matrix.rows(), 3);
}

#[test]
fn what_layers_did_to_one_path_is_unfolded_at_first() {
    let stack = stack(&[&["d/", "d/e/", "d/e/a=1", "q/", "q/z=1"], &["d/", "d/e/", "d/e/.wh.a"]]);
    assert_eq!(names(&Matrix::new(&stack), &stack), ["/d", "/d/e", "/d/e/a", "/q"]);
}

#[test]
fn a_filter_keeps_what_leads_to_a_path_and_goes_again() {
    let stack = stack(&[&["d/", "d/Motd=1", "d/x=1", "q=1"], &["q=22"]]);
    let mut matrix = Matrix::new(&stack);
    let before = names(&matrix, &stack);
    matrix.filter(&stack, "motd", Only::All);
    assert_eq!(names(&matrix, &stack), ["/d", "/d/Motd"]);
    matrix.filter(&stack, "", Only::Hidden);
    assert_eq!(names(&matrix, &stack), ["/q"]);
    assert_eq!(matrix.reveal(&stack, b"d/x"), Some(2), "what is filtered out comes back");
    assert_eq!(names(&matrix, &stack), ["/d", "/d/Motd", "/d/x", "/q"]);
    matrix.fold_all(false);
    assert_eq!(names(&matrix, &stack), before);
    assert_eq!(matrix.reveal(&stack, b"nothing"), None);
}

#[test]
fn cells_say_who_is_seen_and_who_is_not() {
    let stack = stack(&[
        &["d/", "d/a=1", "d/b=1", "o/", "o/x=1"],
        &["d/", "d/a=22", "d/.wh.b", "o/", "o/.wh..wh..opq"],
        &["d/", "d/n=1"],
    ]);
    let states = |path: &[u8]| -> Vec<(u16, LayerState)> {
        matrix::cells(&stack, path).into_iter().map(|cell| (cell.layer, cell.state)).collect()
    };
    assert_eq!(states(b"d/a"), [(0, LayerState::Hidden), (1, LayerState::Provides)]);
    assert_eq!(states(b"d/b"), [(0, LayerState::Hidden), (1, LayerState::Whiteout)]);
    assert_eq!(states(b"o"), [(0, LayerState::Hidden), (1, LayerState::Opaque)]);
    assert_eq!(states(b"o/x"), [(0, LayerState::Hidden), (1, LayerState::Removed)]);
    assert_eq!(states(b"d"), [0, 1, 2].map(|layer| (layer, LayerState::Merges)));
}
