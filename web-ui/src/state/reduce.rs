//! How each action changes the state.

use std::rc::Rc;

use layerlab_core::session::{Change, ChangeKind, Journal, Reply};
use layerlab_core::view::{Follow, Subject, SubjectKind};
use yew::Reducible;

use super::{Action, Announcement, Completion, Import, Loss, Note, Phase, Saved, State};
use crate::visible;

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.apply(action);
        Rc::new(next)
    }
}

impl State {
    /// Changes the state by one action.
    pub(crate) fn apply(&mut self, action: Action) {
        match action {
            Action::Typed { line } => {
                if self.phase == Phase::Ready {
                    self.trouble = None;
                    self.phase = Phase::Busy;
                    self.transcript.begin(&self.reply.prompt, &line);
                } else {
                    self.queue.push_back(line);
                }
            }
            Action::Advised { help } => self.transcript.advise(help),
            Action::Printed { stream, data } => self.transcript.print(stream, &data),
            Action::Greeted { .. } => {}
            Action::Opened { start } => {
                if !start.is_empty() {
                    let lines = start.iter().map(|line| visible::line(line)).collect();
                    self.transcript.note("", "", Note::Start(lines));
                }
            }
            Action::Ran(reply) => {
                let line = self.transcript.running().map(|block| block.line.clone()).unwrap_or_default();
                self.transcript.settle(reply.tick);
                self.announcement = Some(Announcement::Done(reply.status, reply.changes.len()));
                self.follow(&line, &reply);
                self.stand(reply);
                self.advance();
            }
            Action::Refused { message } => {
                self.transcript.annotate(Note::Refused(message));
                self.transcript.settle(self.reply.tick);
                self.advance();
            }
            Action::Moved(reply) => {
                self.transcript.show(reply.tick);
                self.announcement = Some(Announcement::At(reply.tick, reply.ticks));
                self.follow("", &reply);
                self.stand(reply);
            }
            Action::Started(reply) => {
                self.stand(reply);
                self.transcript.show(self.reply.tick);
                self.advance();
            }
            Action::Restored(reply) => {
                self.transcript.settle(reply.tick);
                self.announcement = Some(Announcement::Restored);
                self.stand(reply);
                self.advance();
            }
            Action::Lost(loss) => {
                self.queue.clear();
                // The journal has no files: a session that needs some is opened anew.
                self.opened.0 += u32::from(!self.files.is_empty());
                self.import = None;
                self.phase = Phase::Starting;
                self.transcript.annotate(match loss {
                    Loss::Interrupted => Note::GaveUp,
                    Loss::Died(message) => Note::Died(message),
                });
            }
            Action::Broken => self.phase = Phase::Broken,
            Action::Journal(journal) => self.keep(journal),
            Action::Saving => self.saved = Saved::Writing,
            // A slower write of an older journal must not say that the newer one is there.
            Action::Saved { journal } if journal == self.journal => self.saved = Saved::Done,
            Action::Saved { .. } => {}
            Action::SaveFailed(message) => self.saved = Saved::Failed(message),
            Action::Drawn(screen) => {
                // What is drawn already is not drawn again.
                if *self.screen != *screen {
                    self.screen = Rc::from(screen);
                }
                self.drawn = true;
                self.follow = None;
                if let Some(stack) = &self.screen.stack {
                    self.subject = Some(stack.subject.id.clone());
                }
            }
            Action::Failed { message } => self.trouble = Some(message),
            Action::Progressed { done, total, .. } | Action::Put { done, total } => {
                self.import = (done < total).then_some(Import { done, total });
            }
            Action::Completed { line, start, words } => {
                self.completion = Some(Rc::new(Completion { line, start, words }));
            }
            Action::Listed { line, words } => {
                let prompt = self.reply.prompt.clone();
                self.transcript.note(&prompt, &line, Note::Words(words));
            }
            Action::GaveUp { line } => {
                let prompt = self.reply.prompt.clone();
                self.transcript.note(&prompt, &line, Note::GaveUp);
            }
            Action::Cleared => self.transcript.clear(),
            Action::Chose { subject } => {
                self.subject = Some(subject);
                self.selected = None;
                self.follow = None;
                self.unfolded.clear();
                self.sight += 1;
            }
            Action::Selected { path } => {
                let explained = self.screen.explained.as_ref().is_some_and(|shown| shown.path == path);
                self.selected = Some(path);
                self.sight += u32::from(!explained);
            }
            Action::Pinned(pinned) => self.pinned = pinned,
            Action::Formed(form) => {
                self.form = form;
                self.sight += 1;
            }
            Action::Fits { columns } => {
                self.sight += u32::from(self.columns != columns);
                self.columns = columns;
            }
            Action::Unfolded { dir, open } => {
                if open {
                    self.unfolded.insert(dir);
                } else {
                    self.unfolded.retain(|other| *other != dir);
                }
                self.sight += 1;
            }
            Action::Hosted(host) => self.host = Some(Rc::from(host)),
            Action::ChoseLayer { dir } => self.layer = Some(dir),
            Action::Branched(branch) => Rc::make_mut(&mut self.branch).take(*branch),
            Action::Sifted { text, only } => {
                let branch = Rc::make_mut(&mut self.branch);
                (branch.filter, branch.only) = (text, only);
            }
            Action::Stepped { row } => Rc::make_mut(&mut self.branch).active = row,
            Action::Showed(pane) => self.pane = pane,
            Action::Tested { step, statuses, outputs } => {
                let seen = self.steps.entry(step).or_default();
                (seen.statuses, seen.outputs) = (statuses, outputs);
            }
            Action::Answered { step, choice } => self.steps.entry(step).or_default().choice = Some(choice),
            Action::Hinted { step } => self.steps.entry(step).or_default().hints += 1,
            Action::Solved { step } => self.steps.entry(step).or_default().solution = true,
            Action::Recalled { steps } => self.steps = steps,
            Action::Owned(owner) => self.owner = owner,
            Action::Reopen { steal } => self.opened = (self.opened.0 + 1, steal),
            Action::Deposited(file) => {
                let files = Rc::make_mut(&mut self.files);
                // What was undone before the file came is gone, and its files with it.
                files.retain(|other| other.tick <= file.tick && other.path != file.path);
                files.push(file);
            }
            Action::Files(files) => self.files = Rc::new(files),
            Action::Missing(file) => self.missing = Some(file),
            Action::WrongFile => self.wrong_file = true,
            Action::Left => {
                // The count goes on: the next session's first screen must not look like one that was asked for.
                *self = Self {
                    pane: self.pane,
                    epoch: self.epoch,
                    sight: self.sight,
                    columns: self.columns,
                    opened: self.opened,
                    owner: self.owner,
                    ..Self::default()
                };
            }
        }
    }

    /// The session stands where this reply says.
    fn stand(&mut self, reply: Reply) {
        self.epoch += 1;
        self.sight += 1;
        if let Some(change) = most_telling(&reply.changes) {
            // What a container's start writes tells less of it than what the image has.
            let is_known = self.screen.subjects.iter().any(|subject| is_layer_of(subject, &change.layer));
            self.selected = is_known.then(|| change.path.clone());
        }
        if *self.changes != reply.changes {
            self.changes = Rc::new(reply.changes.clone());
        }
        self.reply = Rc::new(reply);
    }

    /// The stack will follow a line, unless its subject is to stay. Lines that are done before it is drawn count as one.
    fn follow(&mut self, line: &str, reply: &Reply) {
        if self.pinned {
            return;
        }
        let mut layers: Vec<String> = Vec::new();
        let telling = most_telling(&reply.changes);
        let pending = self.follow.iter().flat_map(|follow| follow.layers.iter());
        for layer in telling.into_iter().chain(&reply.changes).map(|change| &change.layer).chain(pending) {
            if !layers.contains(layer) {
                layers.push(layer.clone());
            }
        }
        let before = self.screen.subjects.clone();
        self.follow = Some(Rc::new(Follow { line: line.into(), layers, before }));
    }

    /// Takes the next line that was typed ahead, or waits for one.
    fn advance(&mut self) {
        match self.queue.pop_front() {
            Some(line) => {
                self.phase = Phase::Busy;
                self.transcript.begin(&self.reply.prompt, &line);
            }
            None => self.phase = Phase::Ready,
        }
    }

    fn keep(&mut self, journal: Journal) {
        if *self.journal != journal {
            self.journal = Rc::new(journal);
        }
    }
}

/// Whether a change's layer is this subject's.
fn is_layer_of(subject: &Subject, layer: &str) -> bool {
    match subject.kind {
        SubjectKind::Container => subject.name == layer,
        SubjectKind::Mount => subject.upper.as_deref() == Some(layer),
        SubjectKind::Image => false,
    }
}

/// The change that the inspector should explain: a deletion before an addition before a copy-up, and a file before
/// its directories.
fn most_telling(changes: &[Change]) -> Option<&Change> {
    let rank = |change: &Change| match change.kind {
        ChangeKind::Whiteout => 0,
        ChangeKind::Opaque => 1,
        ChangeKind::Added => 2,
        ChangeKind::Changed => 3,
        ChangeKind::CopiedUp => 4,
        ChangeKind::Removed => 5,
    };
    // Among equals the deepest path: `mkdir -p a/b` is told by `a/b`, a copied-up file rather than its parents.
    let depth = |change: &Change| change.path.iter().filter(|b| **b == b'/').count();
    changes.iter().min_by_key(|change| (rank(change), std::cmp::Reverse(depth(change))))
}

#[cfg(test)]
mod tests {
    use layerlab_core::kernel::ByteString;
    use layerlab_core::program::Stream;

    use super::*;
    use crate::state::Pane;

    fn reply(tick: usize, ticks: usize) -> Reply {
        Reply { tick, ticks, prompt: "# ".into(), ..Reply::default() }
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
    fn undo_hides_lines_and_a_new_line_forgets_them() {
        let mut state = State::default();
        state.apply(Action::Started(reply(0, 0)));
        run(&mut state, "one", 1);
        run(&mut state, "two", 2);
        state.apply(Action::Moved(reply(1, 2)));
        assert_eq!(seen(&state), ["# one"]);
        state.apply(Action::Moved(reply(2, 2)));
        assert_eq!(seen(&state), ["# one", "# two"]);
        state.apply(Action::Moved(reply(0, 2)));
        run(&mut state, "three", 1);
        state.apply(Action::Moved(reply(1, 1)));
        assert_eq!(seen(&state), ["# three"]);
    }

    #[test]
    fn lines_typed_ahead_wait_for_their_prompt() {
        let mut state = State::default();
        state.apply(Action::Started(reply(0, 0)));
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
        state.apply(Action::Started(reply(0, 0)));
        run(&mut state, "one", 1);
        state.apply(Action::Typed { line: "two".into() });
        state.apply(Action::Lost(Loss::Died("boom".into())));
        state.apply(Action::Restored(reply(1, 1)));
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
            |path: &str, kind| Change { layer: "web1".into(), path: path.into(), kind, copied_up: 0 };
        let changes = [change("/etc", ChangeKind::CopiedUp), change("/etc/motd", ChangeKind::Whiteout)];
        assert_eq!(most_telling(&changes).map(|c| c.path.clone()), Some(ByteString::from("/etc/motd")));
        assert_eq!(most_telling(&[]), None);
    }

    #[test]
    fn what_ran_before_stands_above_what_was_typed() {
        let mut state = State::default();
        state.apply(Action::Opened { start: vec!["docker pull nginx".into()] });
        state.apply(Action::Typed { line: "ls".into() });
        state.apply(Action::Started(reply(0, 0)));
        let notes: Vec<_> = state.transcript.seen().map(|block| block.note.clone()).collect();
        assert_eq!(notes, [Some(Note::Start(vec!["docker pull nginx".into()])), None]);
        assert_eq!(seen(&state), ["", "# ls"]);
    }

    #[test]
    fn another_session_asks_for_its_own_screen() {
        let mut state = State::default();
        state.apply(Action::Started(reply(0, 0)));
        let before = state.epoch;
        state.apply(Action::Left);
        assert_eq!(state.phase, Phase::Starting);
        state.apply(Action::Started(reply(0, 0)));
        assert!(state.epoch > before);
    }

    #[test]
    fn choosing_another_subject_forgets_the_path() {
        let mut state = State { selected: Some("/a".into()), pane: Pane::Inspector, ..State::default() };
        state.apply(Action::Chose { subject: "image:1".into() });
        assert_eq!((state.selected, state.subject), (None, Some("image:1".into())));
    }
}
