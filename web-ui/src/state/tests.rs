//! What each action makes of the state.

use layerlab_core::kernel::ByteString;
use layerlab_core::program::Stream;
use layerlab_core::session::ChangeKind;

use super::reduce::most_telling;
use super::*;

fn reply(tick: usize, ticks: usize) -> Reply {
    Reply { tick, ticks, node: tick, prompt: "# ".into(), ..Reply::default() }
}

fn moved(node: usize, path: &[usize]) -> Action {
    Action::Moved { reply: Reply { node, ..reply(path.len(), path.len()) }, path: path.to_vec() }
}

fn started() -> Action {
    Action::Started { reply: reply(0, 0), path: Vec::new() }
}

fn seen(state: &State) -> Vec<String> {
    state.transcript.seen().map(|block| format!("{}{}", block.prompt, block.line)).collect()
}

fn run(state: &mut State, line: &str, tick: usize) {
    state.apply(Action::Typed { line: line.into() });
    state.apply(Action::Printed { stream: Stream::Stdout, data: format!("{line}!\n").into() });
    state.apply(Action::Ran(reply(tick, tick)));
}

#[test]
fn undo_hides_lines_and_each_branch_has_its_own() {
    let mut state = State::default();
    state.apply(started());
    run(&mut state, "one", 1);
    run(&mut state, "two", 2);
    state.apply(moved(1, &[1]));
    assert_eq!(seen(&state), ["# one"]);
    state.apply(moved(2, &[1, 2]));
    assert_eq!(seen(&state), ["# one", "# two"]);
    state.apply(moved(0, &[]));
    run(&mut state, "three", 3);
    assert_eq!(seen(&state), ["# three"]);
    state.apply(moved(2, &[1, 2]));
    assert_eq!(seen(&state), ["# one", "# two"]);
    state.apply(moved(3, &[3]));
    assert_eq!(seen(&state), ["# three"]);
}

#[test]
fn a_line_that_runs_again_is_seen_once() {
    let mut state = State::default();
    state.apply(started());
    run(&mut state, "one", 1);
    state.apply(moved(0, &[]));
    state.apply(Action::Going);
    state.apply(Action::Again { line: "one".into(), prompt: "# ".into() });
    state.apply(Action::Printed { stream: Stream::Stdout, data: "now\n".into() });
    state.apply(Action::Repeated(reply(1, 1)));
    state.apply(moved(1, &[1]));
    let told: Vec<_> = state.transcript.seen().map(|block| block.pieces.clone()).collect();
    assert_eq!(told, [[(Stream::Stdout, "now\n".to_owned())]]);
}

#[test]
fn what_was_typed_is_not_saved_until_it_is_written() {
    let journal = |lines: &[&str]| {
        let lines: Vec<ByteString> = lines.iter().map(|line| (*line).into()).collect();
        let done = lines.len();
        Rc::new(Journal::of_lines(Vec::new(), lines, done))
    };
    let mut state = State::default();
    state.apply(started());
    state.apply(Action::Journal(journal(&["a"])));
    state.apply(Action::Saved { journal: journal(&["a"]) });
    assert_eq!(state.saved, Saved::Done);
    state.apply(Action::Journal(journal(&["a", "b"])));
    assert_eq!(state.saved, Saved::Writing);
    // An older one is not this one.
    state.apply(Action::Saved { journal: journal(&["a"]) });
    assert_eq!(state.saved, Saved::Writing);
    state.apply(Action::Saved { journal: journal(&["a", "b"]) });
    assert_eq!(state.saved, Saved::Done);
}

#[test]
fn lines_typed_ahead_wait_for_their_prompt() {
    let mut state = State::default();
    state.apply(started());
    state.apply(Action::Typed { line: "docker run -it nginx sh".into() });
    state.apply(Action::Typed { line: "ls".into() });
    assert_eq!(seen(&state), ["# docker run -it nginx sh"]);
    state.apply(Action::Ran(Reply { prompt: "/ # ".into(), ..reply(1, 1) }));
    assert_eq!(seen(&state), ["# docker run -it nginx sh", "/ # ls"]);
    assert_eq!(state.phase, Phase::Busy);
}

#[test]
fn a_lost_worker_says_so_below_the_line_that_ran() {
    let mut state = State::default();
    state.apply(started());
    run(&mut state, "one", 1);
    state.apply(Action::Typed { line: "two".into() });
    state.apply(Action::Lost(Loss::Died("boom".into())));
    state.apply(Action::Restored { reply: reply(1, 1), path: vec![1] });
    assert_eq!(state.phase, Phase::Ready);
    let last = state.transcript.seen().last().cloned();
    assert_eq!(
        last.map(|b| (b.line.clone(), b.note.clone())),
        Some(("two".into(), Some(Note::Died("boom".into()))))
    );
}

#[test]
fn a_deletion_is_explained_first() {
    let change =
        |path: &str, kind| LayerChange { layer: "web1".into(), path: path.into(), kind, copied_up: 0 };
    let changes = [change("/etc", ChangeKind::CopiedUp), change("/etc/motd", ChangeKind::Whiteout)];
    assert_eq!(most_telling(&changes).map(|c| c.path.clone()), Some(ByteString::from("/etc/motd")));
    assert_eq!(most_telling(&[]), None);
}

#[test]
fn what_ran_before_stands_above_what_was_typed() {
    let mut state = State::default();
    state.apply(Action::Opened { start: vec!["docker pull nginx".into()] });
    state.apply(Action::Typed { line: "ls".into() });
    state.apply(started());
    let notes: Vec<_> = state.transcript.seen().map(|block| block.note.clone()).collect();
    assert_eq!(notes, [Some(Note::Start(vec!["docker pull nginx".into()])), None]);
    assert_eq!(seen(&state), ["", "# ls"]);
}

#[test]
fn another_session_asks_for_its_own_screen() {
    let mut state = State::default();
    state.apply(started());
    let before = state.epoch;
    state.apply(Action::Left);
    assert_eq!(state.phase, Phase::Starting);
    state.apply(started());
    assert!(state.epoch > before);
}

#[test]
fn choosing_another_subject_forgets_the_path() {
    let mut state = State { selected: Some("/a".into()), pane: Pane::Inspector, ..State::default() };
    state.apply(Action::Chose { subject: "image:1".into() });
    assert_eq!((state.selected, state.subject), (None, Some("image:1".into())));
}
