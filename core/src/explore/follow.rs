//! Symbolic links in the merged view: which are on the way of a path, and where it leads.

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
use super::oddity::Oddity;
use super::stack::Stack;
use crate::kernel::{ByteString, path};
use crate::oci::gopath;

/// Links in one path, as Linux follows them (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

/// A link on the way of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it stands, with a leading slash.
    pub path: ByteString,
    /// The layer that provides it, lowest 0.
    pub layer: usize,
    /// What it says.
    pub target: ByteString,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The links on the way, in the order in which they are met.
    pub links: Vec<Link>,
    /// The path without links; what is behind the first name that is not there is as it was asked.
    pub leads_to: ByteString,
    /// The layer that provides what is there; `None` where nothing is, or where links go round in a circle.
    pub provider: Option<usize>,
    /// What is odd about the path and the directories above it.
    pub oddities: Vec<Oddity>,
    /// Where the path led before a directory took the place of a link, and the layer that provides it; `None` where nothing
    /// is there either.
    pub behind: Option<(ByteString, usize)>,
}

/// Follows every link of a path, the last one too.
pub fn way(stack: &Stack, asked: &[u8]) -> Way {
    let mut todo: Vec<ByteString> = path::components(asked).rev().map(ByteString::from).collect();
    let mut at: Vec<u8> = Vec::new();
    let (mut links, mut is_there) = (Vec::new(), true);
    while let Some(part) = todo.pop() {
        if part == "." {
            continue;
        }
        if part == ".." {
            at.truncate(at.iter().rposition(|b| *b == b'/').unwrap_or(0));
            continue;
        }
        let next = if at.is_empty() { part.to_vec() } else { [&at[..], b"/", &part].concat() };
        let node = stack.node(&next).filter(|_| is_there);
        match node.map(|(layer, node)| (layer, &node.kind)) {
            Some((layer, NodeKind::Symlink(target))) if links.len() < LINKS_MAX => {
                links.push(Link { path: rooted(&next), layer, target: target.clone() });
                if target.starts_with(b"/") {
                    at.clear();
                }
                todo.extend(path::components(target).rev().map(ByteString::from));
            }
            found => {
                // A file has nothing below it.
                is_there = match found {
                    Some((_, NodeKind::Dir { .. })) => true,
                    Some((_, NodeKind::Symlink(_))) | None => false,
                    Some(_) => todo.is_empty(),
                };
                at = next;
            }
        }
    }
    let odd = odd(stack, asked, &at);
    Way {
        links,
        provider: stack.node(&at).filter(|_| is_there).map(|(layer, _)| layer),
        leads_to: rooted(&at),
        behind: odd.iter().find_map(|oddity| behind(stack, oddity, asked)),
        oddities: odd,
    }
}

/// What is odd about two paths, and about the directories above them.
fn odd(stack: &Stack, asked: &[u8], real: &[u8]) -> Vec<Oddity> {
    let asked = gopath::rooted(&gopath::clean(asked));
    let real = gopath::rooted(real);
    let is_above = |odd: &[u8], path: &[u8]| {
        path.strip_prefix(odd).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    let oddities = stack.oddities().iter();
    oddities.filter(|odd| is_above(odd.path(), &asked) || is_above(odd.path(), &real)).cloned().collect()
}

/// Where a path led through a link that is a directory now.
fn behind(stack: &Stack, oddity: &Oddity, asked: &[u8]) -> Option<(ByteString, usize)> {
    let Oddity::LinkReplaced { path, target, .. } = oddity else { return None };
    let asked = gopath::rooted(&gopath::clean(asked));
    let rest = asked.strip_prefix(path.as_slice())?;
    let from = if target.starts_with(b"/") { &b"/"[..] } else { gopath::dir(path) };
    let led = gopath::rooted(&gopath::clean(&[from, b"/", target, rest].concat()));
    let (layer, _) = stack.node(&led[1..])?;
    Some((led.into(), layer))
}

fn rooted(path: &[u8]) -> ByteString {
    [b"/", path].concat().into()
}
