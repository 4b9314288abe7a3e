//! Digests: content addresses, diff ids and chain ids (OCI image-spec `descriptor.md` and `config.md`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};

/// How many digits the longest one has.
const LONGEST: usize = 128;

/// A digest, parsed and whole: no path or map key is ever built from anything less. `sha256:`, which everything here makes,
/// or `sha512:`, the other algorithm that OCI registers (image-spec `descriptor.md`), which is read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Value);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Sha256([u8; 32]),
    Sha512([u8; 64]),
}

/// Why a text is no digest. The texts of the first three are Docker's own (`opencontainers/go-digest`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not `algorithm:hex` at all, or hex with a letter that is none (upper case too).
    #[error("invalid checksum digest format")]
    Format,
    /// An algorithm that is well formed and not known.
    #[error("unsupported digest algorithm")]
    Algorithm,
    /// Not 64 digits, or 128 of `sha512`.
    #[error("invalid checksum digest length")]
    Length,
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Reads an algorithm and exactly its lower-case hexadecimal digits (OCI image-spec `descriptor.md`, "Digests").
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Format)?;
        if algorithm.is_empty() || hex.is_empty() {
            return Err(DigestError::Format);
        }
        if algorithm == "sha512" {
            return Ok(Self(Value::Sha512(digits(hex)?)));
        }
        if algorithm != "sha256" {
            let known_form =
                algorithm.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'.' | b'_' | b'-'))
                    && hex.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'));
            return Err(if known_form { DigestError::Algorithm } else { DigestError::Format });
        }
        Self::from_hex(hex)
    }

    /// The `sha256:` digest of exactly 64 lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Result<Self, DigestError> {
        Ok(Self(Value::Sha256(digits(hex)?)))
    }

    /// The algorithm's name.
    pub fn algorithm(&self) -> &'static str {
        match self.0 {
            Value::Sha256(_) => "sha256",
            Value::Sha512(_) => "sha512",
        }
    }

    /// Whether it is of the algorithm by which Docker knows images and layers (go-digest: `Canonical`).
    pub fn is_canonical(&self) -> bool {
        matches!(self.0, Value::Sha256(_))
    }

    /// The digits, without the algorithm.
    pub fn hex(&self) -> String {
        self.digits(&mut [0; LONGEST]).to_owned()
    }

    /// Appends it to a text, as it is shown.
    pub fn append_to(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.algorithm().as_bytes());
        text.push(b':');
        text.extend_from_slice(self.digits(&mut [0; LONGEST]).as_bytes());
    }

    fn digits<'a>(&self, buffer: &'a mut [u8; LONGEST]) -> &'a str {
        let digits = b"0123456789abcdef";
        let bytes = self.as_bytes();
        for (pair, byte) in buffer.chunks_exact_mut(2).zip(bytes) {
            pair.copy_from_slice(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        str::from_utf8(&buffer[..2 * bytes.len()]).unwrap_or_default()
    }

    /// The digest of these bytes by the same algorithm.
    pub fn like(&self, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::like(Some(self));
        hasher.update(bytes);
        hasher.finish()
    }

    /// The first 12 digits, as `docker images` prints an id.
    pub fn short(&self) -> String {
        let mut hex = self.hex();
        hex.truncate(12);
        hex
    }

    /// The bytes, as many as the algorithm makes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Value::Sha256(bytes) => bytes,
            Value::Sha512(bytes) => bytes,
        }
    }
}

/// Exactly two lower-case hexadecimal digits a byte.
fn digits<const N: usize>(hex: &str) -> Result<[u8; N], DigestError> {
    if hex.len() != 2 * N {
        return Err(DigestError::Length);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = (nibble(pair[0]).ok_or(DigestError::Format)? << 4)
            | nibble(pair[1]).ok_or(DigestError::Format)?;
    }
    Ok(bytes)
}

fn nibble(symbol: u8) -> Option<u8> {
    match symbol {
        b'0'..=b'9' => Some(symbol - b'0'),
        b'a'..=b'f' => Some(symbol - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.algorithm())?;
        f.write_str(":")?;
        f.write_str(self.digits(&mut [0; LONGEST]))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        Self::parse(text)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(format!("{error}: {text:?}")))
    }
}

/// Computes a [`Digest`] of bytes that come in pieces.
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Default for Hasher {
    fn default() -> Self {
        Self(State::Sha256(Sha256::new()))
    }
}

impl Hasher {
    /// Nothing hashed yet, by sha256.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing hashed yet, by the algorithm of what is expected; by sha256 where nothing is.
    pub fn like(expected: Option<&Digest>) -> Self {
        match expected {
            Some(Digest(Value::Sha512(_))) => Self(State::Sha512(Box::default())),
            _ => Self::new(),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        Digest(match self.0 {
            State::Sha256(state) => Value::Sha256(state.finalize().into()),
            State::Sha512(state) => Value::Sha512(state.finalize().into()),
        })
    }
}

/// The chain id of a layer on `parent` (`None` for the lowest): `sha256(parent + " " + diff_id)` (OCI image-spec
/// `config.md`, "Layer ChainID").
pub fn chain_id(parent: Option<&Digest>, diff_id: &Digest) -> Digest {
    match parent {
        None => *diff_id,
        Some(parent) => Digest::of(format!("{parent} {diff_id}").as_bytes()),
    }
}

/// The chain ids of a stack of layers, lowest first.
pub fn chain_ids(diff_ids: &[Digest]) -> Vec<Digest> {
    let mut chain: Vec<Digest> = Vec::with_capacity(diff_ids.len());
    for diff_id in diff_ids {
        chain.push(chain_id(chain.last(), diff_id));
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(Digest::parse(EMPTY).unwrap(), Digest::of(b""));
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
    }

    #[test]
    fn what_is_no_digest() {
        for (text, want) in [
            ("", DigestError::Format),
            ("sha256:", DigestError::Format),
            ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DigestError::Format),
            ("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", DigestError::Format),
            ("sha256:e3b0", DigestError::Length),
            ("sha256:../../../../etc/passwd", DigestError::Length),
            ("../x:e3b0", DigestError::Format),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", DigestError::Algorithm),
            ("SHA256:e3b0", DigestError::Format),
            (&EMPTY.replace("sha256", "sha512"), DigestError::Length),
        ] {
            assert_eq!(Digest::parse(text).unwrap_err(), want, "{text}");
        }
    }

    #[test]
    fn sha512_is_known() {
        let text = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
        let digest = Digest::parse(text).unwrap();
        assert_eq!((digest.to_string(), digest.algorithm()), (text.to_owned(), "sha512"));
        assert_eq!(digest.like(b""), digest);
        assert_ne!(digest.like(b"x"), digest);
        assert_ne!(digest, Digest::of(b""));
    }

    #[test]
    fn chains_start_at_the_diff_id() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let chain = chain_ids(&[a, b]);
        assert_eq!(chain[0], a);
        assert_eq!(chain[1], Digest::of(format!("{a} {b}").as_bytes()));
    }
}
