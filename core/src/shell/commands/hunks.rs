//! What `diff` finds and how it prints it: the changed runs of lines of two texts.

/// How many cells the table of common lines may have; beyond, everything counts as changed.
const CELLS: usize = 4 << 20;

/// Lines `left.0..left.1` became lines `right.0..right.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hunk {
    left: (usize, usize),
    right: (usize, usize),
}

/// The changes by a longest common subsequence.
pub(super) fn changes(a: &[Vec<u8>], b: &[Vec<u8>]) -> Vec<Hunk> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    if x.is_empty() || y.is_empty() || x.len().saturating_mul(y.len()) > CELLS {
        return vec![Hunk { left: (start, a.len() - end), right: (start, b.len() - end) }];
    }
    let wide = y.len() + 1;
    let mut common = vec![0u32; (x.len() + 1) * wide];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            common[i * wide + j] = if x[i] == y[j] {
                common[(i + 1) * wide + j + 1] + 1
            } else {
                common[(i + 1) * wide + j].max(common[i * wide + j + 1])
            };
        }
    }
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        if i < x.len() && j < y.len() && x[i] == y[j] {
            i += 1;
            j += 1;
            continue;
        }
        let (from, to) = (i, j);
        while i < x.len() || j < y.len() {
            if i < x.len() && j < y.len() && x[i] == y[j] {
                break;
            }
            if j == y.len() || i < x.len() && common[(i + 1) * wide + j] >= common[i * wide + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
        hunks.push(Hunk { left: (start + from, start + i), right: (start + to, start + j) });
    }
    hunks
}

/// Two texts, line by line, and whether each lacks its last line feed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Show<'a> {
    pub(super) left: &'a [&'a [u8]],
    pub(super) right: &'a [&'a [u8]],
    pub(super) left_open: bool,
    pub(super) right_open: bool,
}

impl Show<'_> {
    fn line(&self, mark: &str, on_left: bool, at: usize, out: &mut Vec<u8>) {
        let (lines, open) = if on_left { (self.left, self.left_open) } else { (self.right, self.right_open) };
        out.extend([mark.as_bytes(), lines[at], b"\n"].concat());
        if open && at + 1 == lines.len() {
            out.extend_from_slice(b"\\ No newline at end of file\n");
        }
    }

    pub(super) fn normal(&self, hunk: &Hunk, out: &mut Vec<u8>) {
        let range = |(from, to): (usize, usize)| match to - from {
            0 => from.to_string(),
            1 => (from + 1).to_string(),
            _ => format!("{},{to}", from + 1),
        };
        let letter = match (hunk.left.0 == hunk.left.1, hunk.right.0 == hunk.right.1) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        out.extend(format!("{}{letter}{}\n", range(hunk.left), range(hunk.right)).into_bytes());
        (hunk.left.0..hunk.left.1).for_each(|at| self.line("< ", true, at, out));
        if letter == 'c' {
            out.extend_from_slice(b"---\n");
        }
        (hunk.right.0..hunk.right.1).for_each(|at| self.line("> ", false, at, out));
    }

    pub(super) fn unified(&self, hunks: &[Hunk], around: usize, out: &mut Vec<u8>) {
        let mut groups: Vec<Vec<Hunk>> = Vec::new();
        for hunk in hunks {
            match groups.last_mut() {
                Some(group) if group.last().is_some_and(|last| hunk.left.0 - last.left.1 <= 2 * around) => {
                    group.push(*hunk);
                }
                _ => groups.push(vec![*hunk]),
            }
        }
        for group in groups {
            let (first, last) = (group[0], group[group.len() - 1]);
            let before = first.left.0.min(first.right.0).min(around);
            let after = (self.left.len() - last.left.1).min(around);
            let left = (first.left.0 - before, last.left.1 + after);
            let right = (first.right.0 - before, last.right.1 + after);
            let range = |(from, to): (usize, usize)| match to - from {
                0 => format!("{from},0"),
                1 => (from + 1).to_string(),
                len => format!("{},{len}", from + 1),
            };
            out.extend(format!("@@ -{} +{} @@\n", range(left), range(right)).into_bytes());
            let mut at = left.0;
            for hunk in group {
                (at..hunk.left.0).for_each(|at| self.line(" ", true, at, out));
                (hunk.left.0..hunk.left.1).for_each(|at| self.line("-", true, at, out));
                (hunk.right.0..hunk.right.1).for_each(|at| self.line("+", false, at, out));
                at = hunk.left.1;
            }
            (at..left.1).for_each(|at| self.line(" ", true, at, out));
        }
    }
}
