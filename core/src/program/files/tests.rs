//! What descriptions share and what they do not.

use super::*;
use crate::sim::SimKernel;

#[test]
fn a_duplicate_shares_its_position_and_a_clone_of_the_table_does_not() {
    let mut kernel = SimKernel::new();
    let mut files = Files::default();
    let desc = files.bytes(&b"abcdef"[..]);
    assert_eq!(files.read(&mut kernel, desc, 2).unwrap(), &b"ab"[..]);
    let mut other = files.clone();
    assert_eq!(files.read(&mut kernel, desc, 2).unwrap(), &b"cd"[..]);
    assert_eq!(other.read(&mut kernel, desc, 2).unwrap(), &b"cd"[..]);
}

#[test]
fn a_pipe_ends_with_its_last_holder() {
    let mut kernel = SimKernel::new();
    let mut files = Files::default();
    let (read, write) = files.pipe();
    files.retain(write);
    files.write(&mut kernel, write, b"xyz");
    files.release(&mut kernel, write);
    files.release(&mut kernel, write);
    assert_eq!(files.read(&mut kernel, read, 9).unwrap(), &b"xyz"[..]);
    files.release(&mut kernel, read);
    assert!(files.is_empty() && files.pipes.is_empty());
}

#[test]
fn a_table_survives_being_written_down() {
    let mut files = Files::default();
    let (_, write) = files.pipe();
    files.write(&mut SimKernel::new(), write, b"\xff\0x");
    let text = serde_json::to_string(&files).unwrap();
    assert_eq!(serde_json::from_str::<Files>(&text).unwrap(), files);
}
