//! Effects: the worker, storage, the address, language and theme.

mod lab;
mod page;
mod progress;

pub(crate) use lab::{BRANCH_ROWS, Hands, Lab, use_hands, use_lab, use_lab_root};
pub(crate) use page::{later, use_event, use_route, use_theme, use_title};
pub(crate) use progress::use_progress;
