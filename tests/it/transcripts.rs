//! The corpus of transcripts on the simulator.
