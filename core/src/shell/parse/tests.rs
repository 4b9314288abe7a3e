//! What texts are, to the parser.

use super::{Parser, Syntax};
use crate::shell::ast::{End, Kind};

fn error(text: &str) -> Option<Syntax> {
    let mut parser = Parser::new(text.as_bytes());
    loop {
        match parser.next_line() {
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    }
}

#[test]
fn errors_name_the_token() {
    for (text, token) in
        [("echo )", ")"), ("fi", "fi"), ("a ;; b", ";;"), ("( )", ")"), ("cat <", "newline"), ("; a", ";")]
    {
        assert_eq!(error(text), Some(Syntax::Unexpected(token.into())), "{text}");
    }
    assert_eq!(error("cat <\nb"), Some(Syntax::Unexpected("newline".into())));
    assert_eq!(error("echo 'a"), Some(Syntax::Incomplete(Some('\''))));
    assert!(matches!(error("${a!}"), Some(Syntax::BadSubstitution(_))));
}

#[test]
fn lists_and_background() {
    let mut parser = Parser::new(b"a & b && c | d; e");
    let list = parser.next_line().expect("it is a script").expect("it holds something");
    assert_eq!(list.len(), 3);
    assert_eq!(list[0].ends, End::Background);
    assert_eq!(list[1].rest[0].1.commands.len(), 2);
    assert!(matches!(&list[2].first.commands[0].kind, Kind::Simple { words, .. } if words.len() == 1));
}
