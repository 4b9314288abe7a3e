//! Random numbers from a seed: the same ones everywhere (SplitMix64, Steele, Lea and Flood, OOPSLA 2014).

/// A source of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
    bytes: std::collections::VecDeque<u8>,
}

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed, bytes: std::collections::VecDeque::new() }
    }

    /// From bytes, one a number while they last: a fuzzer that changes a byte changes one decision.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { state: bytes.len() as u64, bytes: bytes.iter().copied().collect() }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        if let Some(byte) = self.bytes.pop_front() {
            return byte.into();
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit.max(1) as u64) as usize
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of them, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(usize, T)]) -> T {
        let total: usize = from.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(total);
        for (weight, value) in from {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        from[from.len() - 1].1
    }
}
