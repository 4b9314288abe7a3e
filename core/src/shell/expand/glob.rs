//! Pathname expansion (2.6.6): names sorted by bytes; what matches nothing stays as it stands.

use crate::kernel::{ByteString, fs, path};
use crate::shell::live::Shell;
use crate::shell::pattern::Pattern;

impl Shell<'_, '_> {
    /// Adds the paths that a field stands for.
    pub(super) fn paths(&mut self, field: Vec<(u8, bool)>, out: &mut Vec<ByteString>) {
        let special = field.iter().any(|(b, quoted)| !quoted && b"*?[".contains(b));
        if special && !self.state.options.has('f') {
            let mut found = self.matches(&field);
            if !found.is_empty() {
                found.sort();
                out.extend(found);
                return;
            }
            if self.state.shopts.contains(&b"nullglob"[..]) {
                return;
            }
        }
        out.push(field.into_iter().map(|(byte, _)| byte).collect());
    }

    fn matches(&mut self, field: &[(u8, bool)]) -> Vec<ByteString> {
        let start: Vec<u8> = field.iter().take(5).map(|(byte, _)| *byte).collect();
        self.look(&start);
        let absolute = field.first().is_some_and(|(b, _)| *b == b'/');
        let mut found: Vec<Vec<u8>> = vec![if absolute { b"/".to_vec() } else { Vec::new() }];
        let parts: Vec<&[(u8, bool)]> = field.split(|(b, _)| *b == b'/').collect();
        let last = parts.len() - 1;
        for (at, part) in parts.iter().enumerate() {
            if part.is_empty() {
                continue;
            }
            let pattern = Pattern::new(part);
            let mut next = Vec::new();
            for base in &found {
                if pattern.is_special() {
                    self.list_matching(base, &pattern, &mut next);
                } else {
                    let mut path = base.clone();
                    path.extend(pattern.literal());
                    if fs::lstat_opt(self.system.kernel, &self.state.task, &path).is_ok_and(|s| s.is_some()) {
                        next.push(path);
                    }
                }
            }
            if at < last {
                next.retain(|path| self.is_dir(path));
                for path in &mut next {
                    path.push(b'/');
                }
            }
            found = next;
        }
        found.into_iter().map(ByteString::from).collect()
    }

    fn list_matching(&mut self, base: &[u8], pattern: &Pattern, out: &mut Vec<Vec<u8>>) {
        let dir: &[u8] = if base.is_empty() { b"." } else { base };
        let Ok(entries) = fs::read_dir(self.system.kernel, &self.state.task, dir) else { return };
        // Bash leaves `.` and `..` out (`globskipdots`), the others do not.
        let dots: &[&[u8]] = if self.is_bash() { &[] } else { &[b".", b".."] };
        let names = dots.iter().copied().chain(entries.iter().map(|entry| &entry.name[..]));
        let dotted = self.state.shopts.contains(&b"dotglob"[..]);
        for name in names {
            let hidden = !dotted && name.starts_with(b".") && !pattern.starts_with(b'.');
            if !hidden && self.system.limits.spend(1) && pattern.matches(name) {
                out.push([base, name].concat());
            }
        }
    }

    fn is_dir(&mut self, file: &[u8]) -> bool {
        let file = path::join(file, b"");
        self.system.kernel.stat(&self.state.task, &file).is_ok_and(|stat| stat.is_dir())
    }
}
