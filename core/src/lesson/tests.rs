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
! The lower file would show.
- A device
= test -c {U web1}/x
```

```console
$ docker exec web1 rm /etc/motd
$ docker diff web1
C /etc
[..]
```

```check
gone: ! docker exec web1 test -e /etc/motd
+ No motd
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

```explain
It holds {W web1} bytes.
```

```text
for the reader
```

```keep
$ docker diff web1
Letters
tell.
```
";

#[test]
fn a_page_is_read_in_order() {
    let lesson = parse(PAGE).unwrap();
    assert_eq!((lesson.id.as_str(), lesson.title.as_str()), ("whiteouts", "Deleting hides"));
    assert_eq!(lesson.teaches, ["whiteout", "upperdir"]);
    assert_eq!(lesson.start, ["docker run -d --name web1 nginx"]);
    assert!(lesson.needs.is_empty());
    let [prose, predict, console, check, hint, solution, wrong, explain, last, keep] =
        lesson.blocks.as_slice()
    else {
        panic!("{:?}", lesson.blocks)
    };
    assert_eq!(*prose, Block::Prose("Some *prose*.".into()));
    let Block::Predict(question) = predict else { panic!("{predict:?}") };
    assert_eq!(question.text, "After `rm`, what is in the layer?");
    assert_eq!(
        question.choices[1].line.as_deref(),
        Some("test -c $(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' web1)/x")
    );
    assert_eq!(question.choices[0].why.as_deref(), Some("The lower file would show."));
    let Block::Console(exchanges) = console else { panic!("{console:?}") };
    assert_eq!(exchanges[1].output, ["C /etc", "[..]"]);
    let Block::Check(predicates) = check else { panic!("{check:?}") };
    assert_eq!(predicates[0].line, "! docker exec web1 test -e /etc/motd");
    assert_eq!(predicates[0].message, "The file is still there.");
    assert_eq!(predicates[0].goal, "No motd");
    assert_eq!(
        *hint,
        Block::Hint(vec!["Think of the upper directory.".into(), "It is `rm` on one line.".into()])
    );
    assert_eq!(*solution, Block::Solution(vec!["docker exec web1 rm /etc/motd".into()]));
    assert_eq!(
        *wrong,
        Block::Wrong(Wrong { lines: vec!["docker exec web1 touch /x".into()], fails: "gone".into() })
    );
    assert_eq!(*explain, Block::Explain("It holds $(docker inspect -s -f '{{.SizeRw}}' web1) bytes.".into()));
    assert_eq!(*last, Block::Prose("```text\nfor the reader\n```".into()));
    assert_eq!(
        *keep,
        Block::Keep(Keep { text: "Letters tell.".into(), lines: vec!["docker diff web1".into()] })
    );
    let lines: Vec<&str> = PAGE.lines().collect();
    let named = [("Some *prose*.", 0), ("```predict", 1), ("```explain", 7), ("```text", 8), ("```keep", 9)];
    for (line, block) in named {
        assert_eq!(lines[lesson.lines[block] - 1], line);
    }
}

#[test]
fn what_is_no_lesson_is_said_with_its_line() {
    let check = |page: &str, line: usize, what: &str| {
        let error = parse(page).unwrap_err();
        assert_eq!((error.line, error.what), (line, what));
    };
    let unfinished = "a page begins with front matter between two lines of ---";
    check("", 1, unfinished);
    check("---\nid: x\n", 1, unfinished);
    check("---\nid: x\ntitle: t\n---\n", 1, "the front matter has no `summary:`");
    check("---\ncolour: red\n---\n", 2, "no key of a lesson has this name");
    check("---\nid: x\nminutes: five\n---\n", 3, "`minutes:` is a number");
    let head = "---\nid: x\ntitle: t\nsummary: s\n---\n";
    check(&format!("{head}```console\n$ ls\n"), 6, "this fence is not closed");
    check(&format!("{head}```check\nno predicate\n```\n"), 7, "a predicate is `name: shell line`");
    check(
        &format!("{head}```predict\nWhy?\n- a\n- b\n```\n"),
        6,
        "`predict` is a question, two choices or more, and a predicate under the right one",
    );
}
