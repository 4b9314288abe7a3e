//! The image formats: digests, references, documents, tar, layers and archives. The prefix `.wh.` is spelled here alone.

pub mod archive;
pub mod blob;
pub mod config;
pub mod decode;
pub mod digest;
pub mod gojson;
pub mod gopath;
pub(crate) mod gzip;
pub mod json;
pub mod layer;
pub mod limits;
pub mod manifest;
pub mod reference;
pub mod tar;
pub mod time;
pub mod v1;

pub use config::{ConfigDocument, ImageConfig};
pub use digest::{Digest, Hasher, chain_id, chain_ids};
pub use limits::Limits;
pub use reference::{ImageName, Reference, ReferenceError};
