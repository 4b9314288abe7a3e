//! A block's bytes, back from their sorting (Burrows and Wheeler) and with their runs of four and more made long again.

/// A block, which is filled and then read.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The sorted bytes, each with the place of the next one above it.
    links: Vec<u32>,
    counts: Vec<usize>,
    at: u32,
    used: usize,
    last: Option<u8>,
    /// How often the last byte came, and how often it comes still.
    run: usize,
    repeat: usize,
    sum: u32,
}

impl Block {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.links.clear();
        self.counts.clear();
        self.counts.resize(256, 0);
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// Adds a byte so many times.
    pub(super) fn fill(&mut self, byte: u8, times: usize) {
        self.counts[usize::from(byte)] += times;
        self.links.resize(self.links.len() + times, u32::from(byte));
    }

    /// All is there: reading starts at this one, which is there.
    pub(super) fn start(&mut self, origin: usize) {
        let mut sum = 0;
        for count in &mut self.counts {
            sum += *count;
            *count = sum - *count;
        }
        for i in 0..self.links.len() {
            let next = &mut self.counts[(self.links[i] & 0xff) as usize];
            self.links[*next] |= (i as u32) << 8;
            *next += 1;
        }
        self.at = self.links[origin] >> 8;
        (self.used, self.last, self.run, self.repeat, self.sum) = (0, None, 0, 0, !0);
    }

    /// Appends at most so many bytes; whether those were the last.
    pub(super) fn read(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        while out.len() - start < most && (self.repeat > 0 || self.used < self.links.len()) {
            if self.repeat > 0 {
                let times = self.repeat.min(most - (out.len() - start));
                out.resize(out.len() + times, self.last.unwrap_or_default());
                self.repeat -= times;
                if self.repeat == 0 {
                    self.last = None;
                }
                continue;
            }
            let link = self.links[self.at as usize];
            self.at = link >> 8;
            self.used += 1;
            let byte = link as u8;
            if self.run == 3 {
                (self.repeat, self.run) = (usize::from(byte), 0);
                // A run of exactly four leaves its byte the last one (`readFromBlock`).
                continue;
            }
            self.run = if self.last == Some(byte) { self.run + 1 } else { 0 };
            self.last = Some(byte);
            out.push(byte);
        }
        for byte in &out[start..] {
            self.sum = TABLE[((self.sum >> 24) as u8 ^ byte) as usize] ^ (self.sum << 8);
        }
        self.repeat == 0 && self.used == self.links.len()
    }

    /// The sum of what was read.
    pub(super) fn sum(&self) -> u32 {
        !self.sum
    }
}

/// CRC-32 with its bits from the highest to the lowest.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = (i as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 1 { (crc << 1) ^ 0x04c1_1db7 } else { crc << 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};
