//! Tests of layers: tar to directory and back.

mod corners;

use super::*;

#[test]
fn markers_are_in_the_last_part() {
    assert_eq!(Marker::of(b".wh..wh..opq"), Some(Marker::Opaque));
    assert_eq!(Marker::of(b".wh.a"), Some(Marker::Whiteout(b"a")));
    assert_eq!(Marker::of(b".wh.."), Some(Marker::Whiteout(b".")));
    assert_eq!(Marker::of(b"a.wh.b"), None);
}

#[test]
fn a_name_that_leaves_the_root_is_known_wherever_it_does() {
    for (name, want) in [
        ("../x", true),
        ("a/../../x", true),
        ("/../x", true),
        ("..", true),
        ("a/../x", false),
        ("./a", false),
        ("...", false),
    ] {
        assert_eq!(leaves_root(name.as_bytes()), want, "{name}");
    }
}

#[test]
fn owners_have_the_names_of_the_first_line() {
    let names = Names::parse(b"root:x:0:0::/:\ntoor:x:0:0::/:\nwww:x:33:33::/:\nbad\n", b"root:x:0:\n");
    assert_eq!(names.users[&0], "root");
    assert_eq!(names.users[&33], "www");
    assert_eq!(names.groups.len(), 1);
}
