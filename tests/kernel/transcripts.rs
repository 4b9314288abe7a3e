//! The corpus of transcripts on this host's kernel.
