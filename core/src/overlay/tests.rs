//! The rule on layers made of plain maps.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::*;
use crate::kernel::FileType;

/// Layers as maps from path to a letter: `d` directory, `o` opaque directory, `w` whiteout, `f` file, `>NAME` redirect.
struct Maps(Vec<BTreeMap<&'static str, &'static str>>);

impl Layers for Maps {
    type Node = String;
    type Error = std::convert::Infallible;

    fn find(
        &mut self,
        layer: usize,
        dir: &String,
        name: &[u8],
    ) -> Result<Option<(String, Class)>, Self::Error> {
        let path = format!("{dir}/{}", String::from_utf8_lossy(name));
        let class = self.0[layer].get(&path[..]).map(|what| match &what[..1] {
            "w" => Class::Whiteout,
            "f" => Class::Other,
            _ => Class::Dir,
        });
        Ok(class.map(|class| (path, class)))
    }

    fn opaque(&mut self, layer: usize, dir: &String) -> Result<Opaque, Self::Error> {
        Ok(if self.0[layer].get(&dir[..]) == Some(&"o") { Opaque::Yes } else { Opaque::No })
    }

    fn redirect(&mut self, layer: usize, dir: &String) -> Result<Option<ByteString>, Self::Error> {
        Ok(self.0[layer].get(&dir[..]).and_then(|what| what.strip_prefix('>')).map(ByteString::from))
    }

    fn root(&mut self, _layer: usize) -> String {
        String::new()
    }

    fn lowest(&self) -> usize {
        self.0.len() - 1
    }
}

fn check(layers: &[&[(&'static str, &'static str)]], name: &str, want: &str) {
    let mut maps = Maps(layers.iter().map(|layer| layer.iter().copied().collect()).collect());
    let roots: Vec<_> = (1..layers.len()).map(|layer| Lower { layer, node: String::new() }).collect();
    let upper = String::new();
    let mut steps = Vec::new();
    let ground = Ground { upper: Some(&upper), lower: &roots };
    let Ok(found) = lookup(&mut maps, ground, name.as_bytes(), &mut steps);
    let mut text = String::new();
    if found.upper.is_some() {
        text.push('U');
    }
    for part in &found.lower {
        write!(text, " {}{}", part.layer, part.node).unwrap();
    }
    text.push_str(if found.opaque { " opaque" } else { "" });
    text.push_str(" |");
    for step in steps {
        write!(text, " {}:{:?}", step.layer, step.saw).unwrap();
    }
    assert_eq!(text.trim(), want);
}

#[test]
fn the_first_that_is_no_directory_wins() {
    check(&[&[], &[("/a", "f")], &[("/a", "d")]], "a", "1/a | 0:Nothing 1:Other");
    check(&[&[("/a", "w")], &[("/a", "f")]], "a", "opaque | 0:Whiteout");
    check(&[&[], &[("/a", "w")], &[("/a", "f")]], "a", "| 0:Nothing 1:Whiteout");
}

#[test]
fn directories_merge_until_something_else() {
    let d = ("/a", "d");
    check(&[&[d], &[d], &[("/a", "f")], &[d]], "a", "U 1/a | 0:Dir 1:Dir 2:Shadowed");
    check(&[&[("/a", "o")], &[d]], "a", "U opaque | 0:OpaqueDir");
    check(&[&[], &[("/a", "o")], &[d]], "a", "1/a | 0:Nothing 1:OpaqueDir");
    check(&[&[d], &[("/a", "w")], &[d]], "a", "U | 0:Dir 1:Whiteout");
    check(&[&[d], &[], &[d]], "a", "U 2/a | 0:Dir 1:Nothing 2:Dir");
}

#[test]
fn redirects_are_followed() {
    check(
        &[&[], &[("/a", ">b")], &[("/a", "d"), ("/b", "d")], &[("/b", "d")]],
        "a",
        "1/a 2/b 3/b | 0:Nothing 1:Redirect(\"b\") 2:Dir 3:Dir",
    );
    check(
        &[&[("/a", ">/x/y")], &[("/x", "d"), ("/x/y", "d")]],
        "a",
        "U 1/x/y | 0:Redirect(\"/x/y\") 1:Dir 1:Dir",
    );
}

#[test]
fn listings_keep_the_lowest_layers_order() {
    let layer = |layer: usize, names: &[&str]| -> Vec<Listed> {
        let listed = |name: &&str| Listed {
            name: name.as_bytes().into(),
            kind: FileType::File,
            ino: layer as u64,
            whiteout: false,
            layer,
        };
        names.iter().map(listed).collect()
    };
    let check = |upper: &[&str], lower: &[&[&str]], want: &str| {
        let below = Below::new(lower.iter().zip(1..).map(|(names, at)| layer(at, names)));
        let merged = Merged::new(layer(0, upper), below.into());
        let names: Vec<_> = merged.iter().map(|l| format!("{}{}", l.name.escape_ascii(), l.layer)).collect();
        assert_eq!(names.join(" "), want);
        assert_eq!(merged.len(), names.len());
    };
    check(&["u", "b"], &[&["m", "u"], &["c", "b", "a"]], "c2 b0 a2 u0 m1");
    check(&[], &[&["m", "b"], &["a", "m"], &["c", "b", "a"]], "c3 b1 a2 m1");
    check(&["z", "y"], &[], "z0 y0");
    check(&["long-name-2"], &[&["long-name-1", "long-name-2"], &[]], "long-name-20 long-name-11");
    check(&[], &[], "");
}
