//! Effects: the worker, storage, the address, language and theme.

mod lab;
mod page;
mod progress;
mod root;
mod session;

pub(crate) use lab::{Hands, Lab, use_hands, use_lab};
pub(crate) use page::{later, use_event, use_route, use_theme, use_title};
pub(crate) use progress::use_progress;
pub(crate) use root::{BRANCH_ROWS, use_lab_root};
