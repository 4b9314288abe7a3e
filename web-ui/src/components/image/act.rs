//! What can be pressed on the image screen, as the text that its element carries.

use std::fmt;
use std::str::FromStr;

use layerlab_core::explore::screen::{Document, Only};

use super::names;
use crate::hooks::Lab;
use crate::image::{PICTURE_MAX, Pair, Shape, Tab};
use crate::text::Text;

/// What pressing an element does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Pick a file.
    Pick,
    /// Stop what is being read.
    Cancel,
    /// Read this image of the archive.
    Choose(usize),
    /// Run a container on the image.
    Run,
    /// See something else.
    Tab(Tab),
    /// Go to a row.
    Row(u32),
    /// Unfold or fold the path with this number, at this row.
    Fold(u32, u32, bool),
    /// Unfold or fold all.
    FoldAll(bool),
    /// Show paths of one kind.
    Only(Only),
    /// Go to the path of this entry of the list of what is out of sight.
    Waste(usize),
    /// Go to the path of this finding.
    Secret(usize),
    /// Show the content of this layer.
    Content(usize),
    /// Show more of it.
    More,
    /// Show it so.
    Shape(Shape),
    /// Take the file out.
    Save,
    /// Compare the two layers that are chosen.
    Pair,
    /// Compare with this image of the archive.
    Images(usize),
    /// Go to the path of this difference.
    Change(usize),
    /// Show a document.
    Document(Document),
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pick => f.write_str("pick"),
            Self::Cancel => f.write_str("cancel"),
            Self::Choose(image) => write!(f, "choose {image}"),
            Self::Run => f.write_str("run"),
            Self::Tab(tab) => write!(f, "tab {}", names::tab(*tab)),
            Self::Row(row) => write!(f, "row {row}"),
            Self::Fold(row, id, open) => write!(f, "fold {row} {id} {open}"),
            Self::FoldAll(open) => write!(f, "fold-all {open}"),
            Self::Only(only) => write!(f, "only {}", ONLY[*only as usize].0),
            Self::Waste(at) => write!(f, "waste {at}"),
            Self::Secret(at) => write!(f, "secret {at}"),
            Self::Content(layer) => write!(f, "content {layer}"),
            Self::More => f.write_str("more"),
            Self::Shape(shape) => write!(f, "shape {}", SHAPES[*shape as usize].0),
            Self::Save => f.write_str("save"),
            Self::Pair => f.write_str("pair"),
            Self::Images(image) => write!(f, "images {image}"),
            Self::Change(at) => write!(f, "change {at}"),
            Self::Document(Document::Config) => f.write_str("document config"),
            Self::Document(Document::Manifest) => f.write_str("document manifest"),
        }
    }
}

/// Which paths are shown, by the word for it.
const ONLY: [(&str, Only); 3] = [("all", Only::All), ("touched", Only::Touched), ("hidden", Only::Hidden)];

/// How a content is shown, by the word for it.
const SHAPES: [(&str, Shape); 3] = [("text", Shape::Text), ("hex", Shape::Hex), ("picture", Shape::Picture)];

impl FromStr for Act {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        fn number<T: FromStr>(word: Option<&str>) -> Result<T, ()> {
            word.and_then(|word| word.parse().ok()).ok_or(())
        }
        let mut words = text.split(' ');
        let (first, second) = (words.next().unwrap_or_default(), words.next());
        Ok(match first {
            "pick" => Self::Pick,
            "cancel" => Self::Cancel,
            "choose" => Self::Choose(number(second)?),
            "run" => Self::Run,
            "tab" => {
                Self::Tab(names::TABS.into_iter().find(|tab| Some(names::tab(*tab)) == second).ok_or(())?)
            }
            "row" => Self::Row(number(second)?),
            "fold" => Self::Fold(number(second)?, number(words.next())?, number(words.next())?),
            "fold-all" => Self::FoldAll(number(second)?),
            "only" => Self::Only(ONLY.into_iter().find(|(word, _)| Some(*word) == second).ok_or(())?.1),
            "waste" => Self::Waste(number(second)?),
            "secret" => Self::Secret(number(second)?),
            "content" => Self::Content(number(second)?),
            "more" => Self::More,
            "shape" => Self::Shape(SHAPES.into_iter().find(|(word, _)| Some(*word) == second).ok_or(())?.1),
            "save" => Self::Save,
            "pair" => Self::Pair,
            "images" => Self::Images(number(second)?),
            "change" => Self::Change(number(second)?),
            "document" if second == Some("config") => Self::Document(Document::Config),
            "document" if second == Some("manifest") => Self::Document(Document::Manifest),
            _ => return Err(()),
        })
    }
}

impl Act {
    /// Does it.
    pub(super) fn perform(self, lab: &Lab, text: &Text) {
        let images = &lab.images;
        let state = images.state();
        let laid = state.laid.as_ref();
        match self {
            Self::Pick => super::run::pick(),
            Self::Cancel => images.cancel(),
            Self::Choose(image) => images.choose(image),
            Self::Run => super::run::run(lab, text),
            Self::Tab(tab) => images.tab(tab),
            Self::Row(row) => images.go(row),
            Self::Fold(row, id, open) => {
                images.go(row);
                images.fold(id, open);
            }
            Self::FoldAll(open) => images.fold_all(open),
            Self::Only(only) => images.filter(state.filter.clone(), only),
            Self::Waste(at) => {
                if let Some(hidden) = laid.and_then(|laid| laid.overview.report.reclaimable.get(at)) {
                    images.tab(Tab::Files);
                    images.reveal(hidden.path.clone());
                }
            }
            Self::Secret(at) => {
                if let Some(found) = laid.and_then(|laid| laid.overview.report.secrets.get(at)) {
                    images.tab(Tab::Files);
                    images.reveal(found.at.as_str().into());
                }
            }
            Self::Content(layer) => images.content(layer),
            Self::More => images.more(None),
            Self::Shape(shape) => {
                if shape == Shape::Picture {
                    images.more(Some(PICTURE_MAX));
                }
                images.apply(crate::image::Action::Shaped(shape));
            }
            Self::Save => images.save(),
            Self::Pair => {
                if let Some((before, after)) = super::pair::chosen() {
                    images.compare(Pair::Layers(before, after), None);
                }
            }
            Self::Images(image) => images.compare(Pair::Images(image), None),
            Self::Change(at) => {
                let result = state.compared.as_ref().and_then(|compared| compared.result.as_ref());
                let found = result.and_then(|result| result.as_ref().ok());
                if let Some(change) = found.and_then(|(_, found)| found.changes.get(at)) {
                    images.tab(Tab::Files);
                    images.reveal(change.path.clone());
                }
            }
            Self::Document(which) => images.document(which),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_element_carries_is_what_it_does() {
        let acts = [
            Act::Pick,
            Act::Choose(3),
            Act::Tab(Tab::Waste),
            Act::Fold(2, 7, true),
            Act::FoldAll(false),
            Act::Only(Only::Hidden),
            Act::Shape(Shape::Picture),
            Act::Pair,
            Act::Tab(Tab::Compare),
            Act::Document(Document::Manifest),
        ];
        for act in acts {
            assert_eq!(act.to_string().parse(), Ok(act));
        }
        assert_eq!("fold 1".parse::<Act>(), Err(()));
        assert_eq!("".parse::<Act>(), Err(()));
    }
}
