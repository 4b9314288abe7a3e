//! What the commands share: options, messages, names of users, times, modes, copying.

pub(super) mod args;
pub(super) mod ask;
pub(super) mod busycopy;
pub(super) mod canonical;
pub(super) mod copy;
pub(super) mod flavour;
pub(super) mod host_name;
pub(super) mod length;
pub(super) mod lines;
pub(super) mod mode;
pub(super) mod proc;
pub(super) mod processes;
pub(super) mod refusal;
pub(super) mod regex;
pub(super) mod run;
pub(super) mod start;
pub(super) mod stream;
pub(super) mod text;
pub(super) mod time;
pub(super) mod users;
