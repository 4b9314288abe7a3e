//! Random stacks: few names, so that they meet, and all that entries of layers can do to each other.

use std::collections::BTreeMap;

use super::item::{Item, plain};
use crate::random::Random;
use layerlab_core::oci::gopath;
use layerlab_core::oci::layer::{OPAQUE, WHITEOUT};

const PARTS: [&str; 5] = ["a", "b", "d", "e", "l"];
/// What is odd in a name, what Docker makes in every container, and what has no room in a header.
const RARE: [&[u8]; 9] = [
    b"etc",
    b"dev",
    b"proc",
    b"hosts",
    b"\xe9 \"x\"",
    "\u{e4}".as_bytes(),
    &[b'n'; 120],
    &[b'w'; 99],
    b".wh",
];

/// A stack of one to five layers.
pub(super) fn stack(seed: u64) -> Vec<Vec<Item>> {
    // Neighbouring seeds are to make stacks that have nothing in common.
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..8 {
        random.below(2);
    }
    let mut made = Made { is_wild: false, here: BTreeMap::new(), all: Vec::new() };
    let count = 1 + random.below(5);
    (0..count)
        .map(|_| {
            made.here.clear();
            made.is_wild = random.below(9) == 0;
            let count = random.below(10);
            (0..count).filter_map(|_| made.item(&mut random)).collect()
        })
        .collect()
}

/// What the stack has so far.
struct Made {
    /// This layer may be one that Docker refuses.
    is_wild: bool,
    /// The layer's own paths, with the type of each.
    here: BTreeMap<Vec<u8>, u8>,
    all: Vec<Vec<u8>>,
}

fn path(random: &mut Random) -> Vec<u8> {
    let depth = 1 + random.below(10) * random.below(10) / 30;
    let parts: Vec<&[u8]> = (0..depth)
        .map(|_| match random.below(40) {
            0 => RARE[random.below(RARE.len())],
            n => PARTS[n % PARTS.len()].as_bytes(),
        })
        .collect();
    parts.join(&b'/')
}

/// The same path in other words.
fn dress(random: &mut Random, path: &[u8]) -> Vec<u8> {
    let slash = path.iter().position(|b| *b == b'/');
    let middle = |word: &[u8]| match slash {
        Some(at) => [&path[..at], word, &path[at + 1..]].concat(),
        None => path.to_vec(),
    };
    match random.below(24) {
        0..4 => [b"./", path].concat(),
        4 => [b"/", path].concat(),
        5 => middle(b"//"),
        6 => middle(b"/./"),
        7 => [b"a/../", path].concat(),
        8 => [path, b"/"].concat(),
        9 => middle(b"/b/../"),
        _ => path.to_vec(),
    }
}

fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    if dir == b"." { name.to_vec() } else { [dir, b"/", name].concat() }
}

impl Made {
    /// Whether a careful writer would write an entry there.
    fn is_proper(&self, path: &[u8]) -> bool {
        let mut above = gopath::dir(path);
        while above != b"." {
            if self.here.get(above).is_some_and(|flag| !b"52".contains(flag)) {
                return false;
            }
            above = gopath::dir(above);
        }
        !self.here.contains_key(path)
    }

    fn known(&self, random: &mut Random) -> Vec<u8> {
        if self.all.is_empty() || random.below(4) == 0 {
            path(random)
        } else {
            self.all[random.below(self.all.len())].clone()
        }
    }

    fn item(&mut self, random: &mut Random) -> Option<Item> {
        let kind = random.below(100);
        let mut item = dressed(random);
        let mut at = if random.below(3) == 0 { self.known(random) } else { path(random) };
        match kind {
            0..32 => item.content = format!("{}\n", random.below(50)).repeat(random.below(4)).into_bytes(),
            32..50 => {
                item.flag = b'5';
                item.mode |= 0o700;
                // Now and then the root itself.
                if random.below(15) == 0 {
                    at = b".".to_vec();
                }
            }
            50..62 => (item.flag, item.link, item.mode) = (b'2', self.target(random, &at), 0o777),
            62..73 => {
                item.flag = b'1';
                let files: Vec<&Vec<u8>> =
                    self.here.iter().filter(|(_, f)| !b"5gw".contains(f)).map(|(path, _)| path).collect();
                item.link = if self.is_wild || files.is_empty() {
                    self.known(random)
                } else {
                    files[random.below(files.len())].clone()
                };
                if files.is_empty() && !self.is_wild {
                    return None;
                }
                item.link = dress(random, &item.link);
            }
            73..76 => item.flag = b'6',
            76..79 => {
                item.flag = b"34"[random.below(2)];
                item.device = [(1, 3), (8, 1), (0, 1), (4, 64), (259, 300)][random.below(5)];
            }
            79..92 => {
                at = self.known(random);
                let hidden = [WHITEOUT, gopath::base(&at)].concat();
                return self.marker(random, item, &at, &hidden);
            }
            92..98 => {
                at = self.known(random);
                if random.below(6) == 0 {
                    at = b"x".to_vec();
                } else {
                    at.extend(b"/x");
                }
                return self.marker(random, item, &at, OPAQUE);
            }
            98 => {
                let odd: [&[u8]; 7] = [
                    b".wh..wh.plnk",
                    b".wh..wh.aufs",
                    b".wh..wh.orph/a",
                    b".wh.",
                    b".wh..",
                    b".wh.d/a",
                    b".wh.a/.wh.b",
                ];
                let name = odd[random.below(odd.len())];
                return self.marker(random, item, &at, name);
            }
            _ => {
                item = Item { flag: b'g', xattrs: Vec::new(), ..item };
                at.truncate(100);
            }
        }
        if self.is_wild && random.below(25) == 0 {
            item.name = [&b"."[..], b"/", b"./", b"", b"a/.."][random.below(5)].to_vec();
            return Some(item);
        }
        if !self.is_wild && !self.is_proper(&at) {
            return None;
        }
        self.here.insert(at.clone(), item.flag);
        self.all.push(at.clone());
        item.name = dress(random, &at);
        if item.flag == b'5' && random.below(2) == 0 && !item.name.ends_with(b"/") {
            item.name.push(b'/');
        }
        if item.flag == b'0' && random.below(30) == 0 {
            item.flag = 0;
        }
        Some(item)
    }

    /// An entry with a marker's name, in the directory of `at`.
    fn marker(&mut self, random: &mut Random, mut item: Item, at: &[u8], name: &[u8]) -> Option<Item> {
        let marker = join(gopath::dir(at), name);
        if !self.is_wild && (!self.is_proper(at) || !self.is_proper(&marker)) {
            return None;
        }
        let below = [at, b"/"].concat();
        if name != OPAQUE && !self.is_wild && self.here.keys().any(|path| path.starts_with(&below)) {
            return None;
        }
        if name != OPAQUE {
            self.here.insert(at.to_vec(), b'w');
        }
        self.here.insert(marker.clone(), b'w');
        item.name = dress(random, &marker);
        match random.below(40) {
            0 => item.flag = b'5',
            1 => (item.flag, item.link) = (b'2', b"a".to_vec()),
            2 => item.content = b"content".to_vec(),
            _ => {}
        }
        Some(item)
    }

    fn target(&self, random: &mut Random, at: &[u8]) -> Vec<u8> {
        let to = self.known(random);
        match random.below(14) {
            0..4 => [b"/", &to[..]].concat(),
            4..8 => to,
            8 => [b"../", &to[..]].concat(),
            9 => at.to_vec(),
            10 => b".".to_vec(),
            11 => b"/".to_vec(),
            12 => [&to[..], b"/"].concat(),
            _ => b"none".to_vec(),
        }
    }
}

/// A file whose owner, mode, time and attributes are any.
fn dressed(random: &mut Random) -> Item {
    let modes = [0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1777, 0, 0o7777, 0o100_644, 0o040_755];
    let ids = [0, 0, 0, 12_345, 70_000, 2_097_152, 4_000_000_000];
    let times = [
        (1_600_000_000, 0),
        (1_500_000_000, 0),
        (1_600_000_000, 123_456_789),
        (0, 0),
        (1, 500_000_000),
        (-1, 0),
        (-2, 999_999_999),
        (-5_000_000_000, 0),
        (4_000_000_000, 0),
        (20_000_000_000, 0),
        (1 << 40, 0),
        (-62_135_596_800, 0),
        (9_223_372_036, 854_775_808),
    ];
    let mut item = plain();
    let usual = |random: &mut Random| random.below(3) > 0;
    if !usual(random) {
        item.mode = modes[random.below(modes.len())];
    }
    if !usual(random) {
        item.owner = (ids[random.below(ids.len())], ids[random.below(ids.len())]);
    }
    if !usual(random) {
        item.mtime = times[random.below(times.len())];
    }
    if random.below(12) == 0 {
        item.atime = Some(times[random.below(times.len())]);
    }
    if random.below(8) == 0 {
        let acl = |rest: &[u8]| [&[2, 0, 0, 0][..], rest].concat();
        let entry = |tag: u8, bits: u8| [tag, 0, bits, 0, 0xff, 0xff, 0xff, 0xff];
        let three = [entry(1, 6), entry(4, 4), entry(0x20, 0)].concat();
        let named =
            [&entry(1, 7)[..], &[2, 0, 5, 0, 7, 0, 0, 0], &entry(4, 5), &entry(0x10, 5), &entry(0x20, 1)];
        let capability = [&[1, 0, 0, 2, 0, 4][..], &[0; 14]].concat();
        let third = [&[1, 0, 0, 3, 0, 4][..], &[0; 14], &[0xe8, 3, 0, 0]].concat();
        let all = [
            ("user.a", b"1".to_vec()),
            ("user.a", Vec::new()),
            ("trusted.t", b"\x00\xff".to_vec()),
            ("security.capability", capability),
            ("security.capability", third),
            ("security.capability", b"short".to_vec()),
            ("system.posix_acl_access", acl(&three)),
            ("system.posix_acl_access", acl(&named.concat())),
            ("system.posix_acl_default", acl(&named.concat())),
            ("system.posix_acl_access", acl(b"nonsense")),
            ("system.nonsense", b"x".to_vec()),
            ("nonsense", b"x".to_vec()),
            ("user.", b"x".to_vec()),
            ("security.x", b"x".to_vec()),
        ];
        let count = if random.below(3) == 0 { all.len() } else { 4 };
        let first = random.below(count);
        item.xattrs.push(all[first].clone());
        // Docker tells what could not be set in no order.
        if all[first].0 == "user.a" && random.below(3) == 0 {
            item.xattrs.push(("user.b", b"2".to_vec()));
        }
    }
    item.is_gnu = item.xattrs.is_empty() && item.atime.is_none() && item.mtime.1 == 0 && random.below(3) == 0;
    item
}
