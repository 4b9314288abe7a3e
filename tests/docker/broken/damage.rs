//! Damage at random: bits that flip, bytes that come and go, ends that are missing, in layers and in whole archives, plain
//! and compressed.

use layerlab_tests::random::Random;

use super::{Cases, SEED, streams};

/// How often each kind is damaged.
const ROUNDS: usize = 13;

pub(super) fn all(cases: &mut Cases) {
    let mut random = Random(SEED ^ 1);
    for round in 0..ROUNDS {
        for kind in ["plain", "gzip", "bzip2", "xz"] {
            let pack = |data: &[u8]| match kind {
                "gzip" => streams::gzip(data),
                "bzip2" => streams::bzip2(data),
                "xz" => streams::xz(data),
                _ => data.to_vec(),
            };
            cases.layer(&format!("{kind} damaged, {round}"), |data| damaged(&mut random, pack(data)));
            cases.outer(&format!("{kind} damaged, {round}"), |data| damaged(&mut random, pack(data)));
        }
    }
}

/// One or two faults, most of them anywhere and some at the beginning.
fn damaged(random: &mut Random, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..[1, 1, 1, 2][random.below(4)] {
        let range = if random.below(3) == 0 { bytes.len().min(64) } else { bytes.len() };
        let at = random.below(range);
        match random.below(5) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.drain(at..(at + [1, 2, 7, 512][random.below(4)]).min(bytes.len()))),
            3 => {
                let more: Vec<u8> =
                    (0..[1, 3, 512][random.below(3)]).map(|_| random.below(256) as u8).collect();
                drop(bytes.splice(at..at, more));
            }
            _ => bytes.truncate(at.max(1)),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
