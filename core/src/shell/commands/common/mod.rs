//! What the commands share: options, messages, names of users, times, modes, copying.

pub(super) mod args;
pub(super) mod ask;
pub(super) mod busycopy;
pub(super) mod copy;
pub(super) mod flavour;
pub(super) mod mode;
pub(super) mod refusal;
pub(super) mod regex;
pub(super) mod run;
pub(super) mod stream;
pub(super) mod text;
pub(super) mod time;
pub(super) mod users;
