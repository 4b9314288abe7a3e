//! Reading a lesson's page.

use super::*;

const PAGE: &str = "---
id: whiteouts
title: \"Deleting hides\"
summary: What rm leaves behind
teaches: [whiteout, upperdir]
needs: []
start:
  - docker run -d --name web1 nginx
---
Some *prose*.

```predict
After `rm`, what is in the layer?
- Nothing
- A device
= test -c /x
```

```console
$ docker exec web1 rm /etc/motd
$ docker diff web1
C /etc
[..]
```

```check
gone: ! docker exec web1 test -e /etc/motd
! The file is still there.
```

```hint
Think of the upper directory.

It is `rm`
on one line.
```

```solution
docker exec web1 rm /etc/motd
```

```wrong
docker exec web1 touch /x
! gone
```

```text
for the reader
```
";

#[test]
fn a_page_is_read_in_order() {
    let lesson = parse(PAGE).unwrap();
    assert_eq!((lesson.id.as_str(), lesson.title.as_str()), ("whiteouts", "Deleting hides"));
    assert_eq!(lesson.teaches, ["whiteout", "upperdir"]);
    assert_eq!(lesson.start, ["docker run -d --name web1 nginx"]);
    assert!(lesson.needs.is_empty());
    let [prose, predict, console, check, hint, solution, wrong, last] = lesson.blocks.as_slice() else {
        panic!("{:?}", lesson.blocks)
    };
    assert_eq!(*prose, Block::Prose("Some *prose*.".into()));
    let Block::Predict(question) = predict else { panic!("{predict:?}") };
    assert_eq!(question.text, "After `rm`, what is in the layer?");
    assert_eq!(question.choices[1].line.as_deref(), Some("test -c /x"));
    let Block::Console(exchanges) = console else { panic!("{console:?}") };
    assert_eq!(exchanges[1].output, ["C /etc", "[..]"]);
    let Block::Check(predicates) = check else { panic!("{check:?}") };
    assert_eq!(predicates[0].line, "! docker exec web1 test -e /etc/motd");
    assert_eq!(predicates[0].message, "The file is still there.");
    assert_eq!(
        *hint,
        Block::Hint(vec!["Think of the upper directory.".into(), "It is `rm` on one line.".into()])
    );
    assert_eq!(*solution, Block::Solution(vec!["docker exec web1 rm /etc/motd".into()]));
    assert_eq!(
        *wrong,
        Block::Wrong(Wrong { lines: vec!["docker exec web1 touch /x".into()], fails: "gone".into() })
    );
    assert_eq!(*last, Block::Prose("```text\nfor the reader\n```".into()));
}

#[test]
fn what_is_no_lesson_is_said_with_its_line() {
    let check = |page: &str, want: LessonError| assert_eq!(parse(page), Err(want));
    check("", LessonError::NoFrontMatter);
    check("---\nid: x\n", LessonError::NoFrontMatter);
    check("---\nid: x\ntitle: t\n---\n", LessonError::Missing("summary"));
    check("---\ncolour: red\n---\n", LessonError::FrontMatter(2));
    let head = "---\nid: x\ntitle: t\nsummary: s\n---\n";
    check(&format!("{head}```console\n$ ls\n"), LessonError::Open(6));
    check(
        &format!("{head}```check\nno predicate\n```\n"),
        LessonError::Block(7, "a predicate is `name: shell line`"),
    );
    check(
        &format!("{head}```predict\nWhy?\n- a\n- b\n```\n"),
        LessonError::Block(6, "a question, two choices or more, a predicate"),
    );
}
