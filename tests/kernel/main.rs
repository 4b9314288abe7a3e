//! Tests on this host's kernel, as root and as uid 1000.

mod transcripts;
