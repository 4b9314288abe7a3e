//! Numbers that look random and are not: the same lines give the same numbers in every lab, so that a replay is equal.

use serde::{Deserialize, Serialize};

/// Where the numbers have come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Random(u64);

impl Random {
    /// The next number (SplitMix64, Steele and others 2014).
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// So many bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut all = Vec::with_capacity(len + 8);
        while all.len() < len {
            all.extend_from_slice(&self.draw().to_le_bytes());
        }
        all.truncate(len);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_start_gives_the_same_numbers() {
        let (mut one, mut two) = (Random::default(), Random::default());
        assert_eq!(one.bytes(100), two.bytes(100));
        assert_ne!(one.draw(), one.draw());
        assert_eq!(one.bytes(3).len(), 3);
    }
}
