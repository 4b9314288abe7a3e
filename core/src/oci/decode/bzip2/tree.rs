//! The codes of a block's symbols, built as Go builds them (`compress/bzip2`, `huffman.go`): also from lengths that make no
//! proper code, of which it takes some.

/// A tree of which each branch is a node, or a symbol with [`LEAF`] set.
#[derive(Debug)]
pub(super) struct Tree(Vec<[u16; 2]>);

const LEAF: u16 = 0x8000;

/// Codes from here to there, which differ at this bit or a later one, below this branch of that node.
struct Part {
    from: usize,
    to: usize,
    level: u32,
    above: Option<(usize, usize)>,
}

impl Tree {
    /// The tree of symbols with codes of these lengths (1 to 20); `None` if two have one code.
    pub(super) fn new(lengths: &[u8]) -> Option<Self> {
        let mut pairs: Vec<(u8, u16)> = lengths.iter().copied().zip(0..).collect();
        pairs.sort_unstable();
        // The longest code is the first, and stands at the upper end of its 32 bits.
        let mut code = 0u32;
        let mut codes: Vec<(u32, u16)> = Vec::with_capacity(pairs.len());
        for (length, symbol) in pairs.iter().rev() {
            codes.push((code, *symbol));
            code = code.wrapping_add(1 << (32 - length));
        }
        codes.sort_unstable();
        let mut nodes: Vec<[u16; 2]> = Vec::with_capacity(codes.len());
        let mut todo = vec![Part { from: 0, to: codes.len(), level: 0, above: None }];
        while let Some(Part { from, to, mut level, above }) = todo.pop() {
            let made = if to - from == 1 {
                codes[from].1 | LEAF
            } else {
                // A bit that all of them share is no part of the code.
                let middle = loop {
                    if level > 31 {
                        return None;
                    }
                    let bit = 1 << (31 - level);
                    let middle = from + codes[from..to].partition_point(|(code, _)| code & bit == 0);
                    level += 1;
                    if middle != from && middle != to {
                        break middle;
                    }
                };
                let node = nodes.len();
                nodes.push([0; 2]);
                todo.push(Part { from, to: middle, level, above: Some((node, 0)) });
                todo.push(Part { from: middle, to, level, above: Some((node, 1)) });
                node as u16
            };
            if let Some((node, branch)) = above {
                nodes[node][branch] = made;
            }
        }
        Some(Self(nodes))
    }

    /// Follows a bit from a node: to a symbol, or to another node. A one leads to the lower codes.
    pub(super) fn step(&self, node: u16, bit: bool) -> Result<u16, u16> {
        let next = self.0[usize::from(node)][usize::from(!bit)];
        if next & LEAF != 0 { Ok(next & !LEAF) } else { Err(next) }
    }
}

/// Values of which the one that was used last is the first.
#[derive(Debug, Default)]
pub(super) struct Front(pub(super) Vec<u8>);

impl Front {
    /// Takes the value at this place to the front.
    pub(super) fn take(&mut self, at: usize) -> u8 {
        let value = self.0[at];
        self.0.copy_within(..at, 1);
        self.0[0] = value;
        value
    }

    pub(super) fn first(&self) -> u8 {
        self.0[0]
    }
}
