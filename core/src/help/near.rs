//! The word that a misspelt one was meant to be.

/// The candidate that is nearest to `word`, if one is near enough to have been meant: one slip in three letters. A slip is
/// a letter too many, too few or wrong, or two neighbours in each other's place. Of equally near ones
/// that with the same letters is taken, then one as long, then the shortest, and of those the first.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    within(word, slips_allowed(word.chars().count()), candidates)
}

/// Returns the command that a misspelt one was meant to be. There are many short names, so this is stricter than [`nearest`]:
/// one slip, two in a word of six letters or more, and the first letter is right unless the letters are all there.
pub fn nearest_command<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let most = match word.chars().count() {
        0 | 1 => 0,
        2..=5 => 1,
        _ => 2,
    };
    let begins = |name: &&str| name.chars().next() == word.chars().next() || sorted(name) == sorted(word);
    within(word, most, candidates.into_iter().filter(begins))
}

fn within<'c>(word: &str, most: usize, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if candidate == word || other.len().abs_diff(letters.len()) > most {
            continue;
        }
        let slips = distance(&letters, &other);
        // Two letters in each other's place are the likeliest slip.
        let is_other = |name: &str| usize::from(sorted(name) != sorted(word));
        let key =
            |slips: usize, name: &str| (slips, is_other(name), name.len().abs_diff(word.len()), name.len());
        let is_better = |(least, best): (usize, &str)| key(slips, candidate) < key(least, best);
        if slips <= most && best.is_none_or(is_better) {
            best = Some((slips, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    letters.sort_unstable();
    letters
}

/// A word of two letters has room for one slip, and nothing has room for more than three.
fn slips_allowed(letters: usize) -> usize {
    if letters < 2 { 0 } else { letters.div_ceil(3).min(3) }
}

/// The optimal string alignment distance (Damerau 1964).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut two_back: Vec<usize> = Vec::new();
    let mut back: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = back[j] + usize::from(x != y);
            let mut least = changed.min(back[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(two_back[j - 1] + 1);
            }
            row.push(least);
        }
        two_back = std::mem::replace(&mut back, row);
    }
    back[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_forgiven_and_another_word_is_not() {
        let verbs = ["ps", "run", "rm", "rmi", "images", "inspect", "commit"];
        for (typed, meant) in [
            ("rnu", Some("run")),
            ("imagse", Some("images")),
            ("image", Some("images")),
            ("comit", Some("commit")),
            ("RUN", Some("run")),
            ("frobnicate", None),
            ("x", None),
            ("sp", Some("ps")),
            ("run", None),
        ] {
            let others = verbs.iter().copied().filter(|verb| *verb != typed);
            assert_eq!(nearest(typed, others), meant, "{typed}");
        }
    }

    #[test]
    fn a_command_is_not_taken_for_another_one() {
        let names = ["date", "ls", "cat", "grep", "docker", "pwd", "tee"];
        for (typed, meant) in [
            ("paste", None),
            ("sl", Some("ls")),
            ("gerp", Some("grep")),
            ("dokcer", Some("docker")),
            ("dcoekr", Some("docker")),
            ("bat", None),
            ("pw", Some("pwd")),
            ("free", None),
        ] {
            assert_eq!(nearest_command(typed, names), meant, "{typed}");
        }
    }
}
