//! The image formats: digests, references, documents, tar, layers and archives. The prefix `.wh.` is spelled here alone.

pub mod config;
pub mod digest;
pub mod json;
pub mod limits;
pub mod manifest;
pub mod reference;
pub mod time;

pub use config::{ConfigDocument, ImageConfig};
pub use digest::{Digest, Hasher, chain_id, chain_ids};
pub use limits::Limits;
pub use reference::{ImageName, Reference, ReferenceError};
