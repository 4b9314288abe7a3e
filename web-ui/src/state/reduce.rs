//! How each action changes the state.

use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{ChangeKind, Journal, LayerChange, Reply, What};
use layerlab_core::view::{Follow, Subject, SubjectKind};
use yew::Reducible;

use super::{
    Action, Ahead, Announcement, Completion, Import, Loss, Note, Owner, Phase, Saved, State, Waiting,
};
use crate::visible;

/// How many of the lines that were replayed last are kept.
const REPEATED: usize = 32;

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
                self.editing = None;
                if self.phase == Phase::Ready {
                    self.trouble = None;
                    self.phase = Phase::Busy;
                    self.transcript.begin(&self.reply.prompt, &line);
                } else {
                    self.queue.push_back(Ahead::Line(line));
                }
            }
            Action::Advised { help } => self.transcript.advise(help),
            Action::Building(step) => self.transcript.build(step),
            Action::Printed { stream, data } => self.transcript.print(stream, &data),
            Action::Opened { start } => {
                if !start.is_empty() {
                    let lines = start.iter().map(|line| visible::line(line)).collect();
                    self.transcript.note("", "", Note::Start(lines));
                }
            }
            Action::Waits(waiting) => self.waiting = waiting,
            Action::Taken => {
                if let Some(Ahead::Line(line)) = self.queue.front() {
                    self.transcript.echo(&[&line[..], b"\n"].concat());
                    self.queue.pop_front();
                }
            }
            Action::Heard(What::Input(data, _)) => self.transcript.echo(&data),
            Action::Heard(What::Interrupt(_)) => self.transcript.annotate(Note::GaveUp),
            Action::Heard(_) => {}
            Action::Ran(reply) => {
                let line = self.transcript.running().map(|block| block.line.clone()).unwrap_or_default();
                self.transcript.settle(reply.node);
                self.announcement = Some(Announcement::Done(reply.status, reply.changes.len()));
                self.follow(&line, &reply);
                self.stand(reply);
                self.advance();
            }
            Action::Refused { message } => {
                self.transcript.annotate(Note::Refused(message));
                self.transcript.settle(self.reply.node);
                self.advance();
            }
            Action::Again { line, prompt } => self.transcript.begin(&prompt, &line),
            Action::Repeated(reply) => {
                let line = self.transcript.running().map(|block| block.line.clone()).unwrap_or_default();
                self.transcript.settle(reply.node);
                self.repeated(line, &reply);
            }
            Action::Differs { recorded } => {
                let then = recorded.map(|text| visible::output(&text));
                self.transcript.annotate(Note::Differs(then.unwrap_or_default()));
            }
            Action::Did { node, what: What::Edit(path, _), prompt } => {
                self.transcript.begin(&prompt, &[&b"edit "[..], &path].concat().into());
                self.transcript.settle(node);
            }
            Action::Did { node, what: What::PutFile(content) | What::Import(content), .. } => {
                self.transcript.begin("", &ByteString::new());
                self.transcript.annotate(Note::Came(visible::line(&content.path), content.size));
                self.transcript.settle(node);
            }
            Action::Did { .. } => {}
            Action::Going if self.phase == Phase::Ready => self.phase = Phase::Busy,
            Action::Going => self.queue.push_back(Ahead::Step),
            Action::Moved { reply, path } => {
                self.repeated.clear();
                self.transcript.show(&path);
                self.announcement = Some(Announcement::At(reply.tick, reply.ticks));
                self.recall(&reply);
                self.stand(reply);
                self.advance();
            }
            Action::Stayed { message } => {
                self.trouble = Some(message);
                self.advance();
            }
            Action::Started { reply, path } => {
                self.find();
                self.stand(reply);
                self.transcript.show(&path);
                self.advance();
            }
            // It says what was known, or is believed instead.
            Action::Begun(reply) if *self.reply != reply => self.stand(reply),
            Action::Begun(_) => {}
            Action::Restored { reply, path } => {
                self.transcript.give_up();
                self.transcript.show(&path);
                self.announcement = Some(Announcement::Restored);
                self.stand(reply);
                self.advance();
            }
            Action::Lost(loss) => {
                self.queue.clear();
                self.waiting = Waiting::Nothing;
                self.import = None;
                self.phase = Phase::Starting;
                self.transcript.annotate(match loss {
                    Loss::Interrupted => Note::GaveUp,
                    Loss::Died(message) => Note::Died(message),
                });
            }
            Action::Interrupted => self.transcript.annotate(Note::GaveUp),
            Action::Broken => self.phase = Phase::Broken,
            Action::Journal(journal) => self.keep(journal),
            // A slower write of an older journal must not say that the newer one is there.
            Action::Saved { journal } if journal == self.journal => self.saved = Saved::Done,
            Action::Saved { .. } => {}
            Action::SaveFailed(message) => self.saved = Saved::Failed(message),
            Action::Drawn { screen, followed } => {
                // What is drawn already is not drawn again.
                if *self.screen != *screen {
                    self.screen = Rc::from(screen);
                }
                self.drawn = true;
                // One that was asked for before the last line ended has not followed it.
                let is_behind = self.follow.is_some() && self.follow.as_deref() != followed.as_ref();
                if !is_behind {
                    // What is explained of a subject that was followed is the path that is chosen from now on.
                    let explained = self.screen.explained.as_ref().map(|explained| explained.path.clone());
                    if self.follow.take().is_some() && explained.is_some() {
                        self.selected = explained;
                    }
                    if let Some(stack) = &self.screen.stack {
                        self.subject = Some(stack.subject.id.clone());
                        self.seen.insert(self.reply.node, stack.subject.id.clone());
                    }
                }
            }
            Action::Failed { message } => self.trouble = Some(message),
            Action::Progressed { done, total, .. } | Action::Put { done, total } => {
                self.import = (done < total).then_some(Import { done, total });
            }
            Action::Edits(editing) => self.editing = Some(Rc::new(editing)),
            Action::EditRefused { line, message } => {
                let prompt = self.reply.prompt.clone();
                self.transcript.note(&prompt, &line, Note::Refused(message));
            }
            Action::EditLeft => {
                if let Some(editing) = self.editing.take() {
                    let prompt = self.reply.prompt.clone();
                    self.transcript.note(&prompt, &editing.line, Note::Unchanged);
                }
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
            Action::Owned { session, owner } => (self.session, self.owner) = (session, owner),
            Action::Noted => self.owner = Owner::Here,
            Action::Reopen { steal } => self.opened = (self.opened.0 + 1, steal),
            Action::Missing(content) => {
                self.missing = Some(Rc::new(content));
                self.wrong_file = false;
            }
            Action::Found => self.missing = None,
            Action::WrongFile => self.wrong_file = true,
            Action::Unkept { trouble } => self.unkept = Some(trouble),
            Action::Left => {
                // The count goes on: the next session's first screen must not look like one that was asked for.
                *self = Self {
                    pane: self.pane,
                    epoch: self.epoch,
                    sight: self.sight,
                    columns: self.columns,
                    opened: self.opened,
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

    /// What was seen there is seen again, unless the subject is to stay.
    fn recall(&mut self, reply: &Reply) {
        match self.seen.get(&reply.node) {
            Some(_) if self.pinned => {}
            Some(subject) => (self.subject, self.follow) = (Some(subject.clone()), None),
            None => self.follow("", reply),
        }
    }

    /// The stack will follow a line, unless its subject is to stay. Lines that are done before it is drawn count as one. What a
    /// line that failed only names is not followed: nothing happened to it.
    fn follow(&mut self, line: &str, reply: &Reply) {
        if self.pinned {
            return;
        }
        let line = if reply.status == 0 { line } else { "" };
        let pending = self.follow.iter().flat_map(|follow| follow.layers.iter());
        let layers = layers(reply, pending);
        let before = self.drawn.then(|| self.screen.subjects.clone());
        let earlier = self.follow.take().map(|follow| follow.earlier.clone()).unwrap_or_default();
        self.follow = Some(Rc::new(Follow { line: line.into(), layers, before, earlier }));
    }

    /// A line was replayed.
    fn repeated(&mut self, line: String, reply: &Reply) {
        let line = if reply.status == 0 { line } else { String::new() };
        self.repeated.truncate(REPEATED - 1);
        self.repeated.push_front((line.into(), layers(reply, [].iter())));
    }

    /// A session is opened: the stack will show what its last lines were about, unless it is known what was seen.
    fn find(&mut self) {
        let mut earlier = std::mem::take(&mut self.repeated);
        if self.subject.is_none()
            && let Some((line, layers)) = earlier.pop_front()
        {
            self.follow = Some(Rc::new(Follow { line, layers, before: None, earlier: earlier.into() }));
        }
    }

    /// Takes the next line that was typed ahead, or waits for one.
    fn advance(&mut self) {
        self.phase = match self.queue.pop_front() {
            Some(Ahead::Line(line)) => {
                self.transcript.begin(&self.reply.prompt, &line);
                Phase::Busy
            }
            Some(Ahead::Step) => Phase::Busy,
            None => Phase::Ready,
        };
    }

    /// The journal as it is now. It is not saved from this moment on until it is written.
    fn keep(&mut self, journal: Rc<Journal>) {
        if *self.journal != *journal {
            if self.saved == Saved::Done {
                self.saved = Saved::Writing;
            }
            self.journal = journal;
        }
    }
}

/// The layers that a line changed, the most telling first, and then those that are still to be followed; each once.
fn layers<'a>(reply: &'a Reply, pending: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut layers: Vec<String> = Vec::new();
    let telling = most_telling(&reply.changes);
    for layer in telling.into_iter().chain(&reply.changes).map(|change| &change.layer).chain(pending) {
        if !layers.contains(layer) {
            layers.push(layer.clone());
        }
    }
    layers
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
pub(super) fn most_telling(changes: &[LayerChange]) -> Option<&LayerChange> {
    let rank = |change: &LayerChange| match change.kind {
        ChangeKind::Whiteout => 0,
        ChangeKind::Opaque => 1,
        ChangeKind::Added => 2,
        ChangeKind::Changed => 3,
        ChangeKind::CopiedUp => 4,
        ChangeKind::Removed => 5,
    };
    // Among equals the deepest path: `mkdir -p a/b` is told by `a/b`, a copied-up file rather than its parents.
    let depth = |change: &LayerChange| change.path.iter().filter(|b| **b == b'/').count();
    changes.iter().min_by_key(|change| (rank(change), std::cmp::Reverse(depth(change))))
}
