//! No circle of imports: following what each top-level module (a file or a folder) uses never leads back to it.
//!
//! A module that only re-exports (`pub use child::Thing`) does not depend on the child by that; whoever uses the
//! name through it depends on the child. Tests are left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::{Import, imports};
use super::text::Text;

type Module = Vec<String>;

struct Krate {
    /// Each module's imports.
    imports: BTreeMap<Module, Vec<Import>>,
    texts: BTreeMap<Module, String>,
}

/// A line for each circle: the shortest through each module that is on one.
pub(super) fn check(texts: &[Text]) -> Vec<String> {
    [
        "core",
        "web-ui",
        "native-shim",
        "native-shim/linux",
        "native-shim/guest",
        "xtask",
        "xtask/bundle",
        "tests",
    ]
    .iter()
    .flat_map(|name| {
        let circles = circles(&edges(&read(texts, &format!("{name}/src/"))));
        circles.into_iter().map(move |circle| {
            let names: Vec<String> =
                circle.iter().map(|m| if m.is_empty() { "crate".into() } else { m.join("::") }).collect();
            format!("{name}: a circle of imports: {} -> {}", names.join(" -> "), names[0])
        })
    })
    .collect()
}

fn read(texts: &[Text], dir: &str) -> Krate {
    let mut krate = Krate { imports: BTreeMap::new(), texts: BTreeMap::new() };
    for text in texts {
        let Some(inner) = text.path.strip_prefix(dir).and_then(|p| p.strip_suffix(".rs")) else { continue };
        let mut module: Module = inner.split('/').map(str::to_owned).collect();
        if module.iter().any(|m| m == "tests" || m.ends_with("_tests")) {
            continue;
        }
        if module.last().is_some_and(|m| m == "mod") || inner == "lib" || inner == "main" {
            module.pop();
        }
        krate.imports.entry(module.clone()).or_default().extend(imports(&text.text));
        krate.texts.entry(module).or_default().push_str(&text.text);
    }
    krate
}

fn edges(krate: &Krate) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, list) in &krate.imports {
        let uses = list.iter().filter(|i| !i.public).filter_map(|i| {
            let path = absolute(krate, from, &i.path)?;
            Some(owner(krate, &path))
        });
        for to in uses.filter(|to| to != from) {
            let (from, to) = siblings(from, &to);
            edges.entry(from).or_default().insert(to);
        }
    }
    edges
}

/// The two files or folders beside one another that the use leads between: a folder is one unit to those outside it.
fn siblings(from: &Module, to: &Module) -> (Module, Module) {
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let unit = |module: &Module| module[..(common + 1).min(module.len())].to_vec();
    (unit(from), unit(to))
}

/// A path from the crate's root, or `None` if it leads out of the crate.
fn absolute(krate: &Krate, from: &Module, path: &[String]) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Vec::new(),
        "self" => from.clone(),
        "super" => from[..from.len().checked_sub(1)?].to_vec(),
        name => {
            let child: Module = from.iter().cloned().chain([name.to_owned()]).collect();
            if !krate.imports.contains_key(&child) {
                return None;
            }
            child
        }
    };
    for segment in rest {
        if segment == "super" {
            base.pop();
        } else {
            base.push(segment.clone());
        }
    }
    Some(base)
}

/// The module that a path belongs to, re-exports followed.
fn owner(krate: &Krate, path: &Module) -> Module {
    let mut path = path.clone();
    // A chain of re-exports longer than this is a circle of its own.
    for _ in 0..16 {
        let length = (0..=path.len()).rev().find(|n| krate.imports.contains_key(&path[..*n])).unwrap_or(0);
        let module = path[..length].to_vec();
        let Some(name) = path.get(length) else { return module };
        let public = || krate.imports[&module].iter().filter(|i| i.public);
        let next =
            public().find(|i| i.name == *name).and_then(|i| absolute(krate, &module, &i.path)).or_else(
                || public().filter(|i| i.name == "*").find_map(|i| through_glob(krate, &module, i, name)),
            );
        match next {
            Some(next) if next != path => {
                path = next.into_iter().chain(path[length + 1..].iter().cloned()).collect();
            }
            _ => return module,
        }
    }
    path
}

/// Where `name` is defined, if the module behind this glob defines it.
fn through_glob(krate: &Krate, module: &Module, glob: &Import, name: &str) -> Option<Module> {
    let mut target = absolute(krate, module, &glob.path)?;
    target.pop();
    let text = krate.texts.get(&target)?;
    let kinds = ["struct", "enum", "trait", "fn", "const", "type", "static", "mod"];
    let defined = kinds.iter().any(|kind| text.contains(&format!("{kind} {name}")));
    defined.then(|| target.into_iter().chain([name.to_owned()]).collect())
}

fn circles(edges: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let mut seen = BTreeSet::new();
    let shortest = edges.keys().filter_map(|start| circle_from(edges, start));
    shortest.filter(|circle| seen.insert(circle.iter().cloned().collect::<BTreeSet<_>>())).collect()
}

/// The shortest way from `start` back to it, breadth first.
fn circle_from(edges: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<Module>> {
    let mut before: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in edges.get(at).into_iter().flatten() {
            if next == start {
                let mut way = vec![at.clone()];
                let mut back = at;
                while let Some(previous) = before.get(back) {
                    way.push((*previous).clone());
                    back = previous;
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(next) {
                before.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let texts: Vec<Text> =
            files.iter().map(|(path, text)| Text { path: (*path).into(), text: (*text).into() }).collect();
        check(&texts)
    }

    #[test]
    fn a_circle_of_two_is_found() {
        let wrong = found(&[
            ("core/src/lib.rs", "mod a; mod b;"),
            ("core/src/a.rs", "use crate::b::B;"),
            ("core/src/b.rs", "fn f() { crate::a::g(); }"),
        ]);
        assert_eq!(wrong, ["core: a circle of imports: a -> b -> a"]);
    }

    #[test]
    fn a_re_export_is_no_dependence_but_a_call_is() {
        let types = ("core/src/k/types.rs", "pub struct Stat;");
        let user = ("core/src/k/user.rs", "use super::Stat; pub fn f() {}");
        let facade = "mod types; mod user; pub use types::Stat; pub use user::f;";
        assert!(found(&[("core/src/k/mod.rs", facade), types, user]).is_empty());
        let own = "mod user; pub struct Stat; pub fn g() { user::f() }";
        assert_eq!(found(&[("core/src/k/mod.rs", own), user]).len(), 1);
    }
}
