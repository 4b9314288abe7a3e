//! Tests on this host's kernel, as root and as uid 1000.

mod adapter;
mod bad_images;
mod child;
mod cli;
mod export;
mod isolation;
mod killed;
mod main_job;
mod mounting;
mod nested;
mod refusals;
mod replay;
mod seeds;
mod shell;
mod transcripts;
mod verify;
