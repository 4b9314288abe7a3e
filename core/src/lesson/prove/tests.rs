//! Each defect of a lesson is found, on a lab of marks.

use std::collections::BTreeSet;

use super::*;
use crate::lesson::parse;

/// A lab of marks: `put x` and `take x` change them, `x` is true where it is there.
#[derive(Default)]
struct Marks(BTreeSet<String>);

impl Desk for Marks {
    fn fresh(&mut self, start: &[String]) -> Result<(), String> {
        self.0.clear();
        start.iter().try_for_each(|line| self.run(line).map(drop))
    }

    fn run(&mut self, line: &str) -> Result<String, String> {
        match line.split_once(' ') {
            Some(("put", mark)) => drop(self.0.insert(mark.to_owned())),
            Some(("take", mark)) => drop(self.0.remove(mark)),
            _ => return Ok(self.0.iter().fold(String::new(), |text, mark| text + mark + "\n")),
        }
        Ok(String::new())
    }

    fn test(&mut self, lines: &[String]) -> Result<Vec<u8>, String> {
        Ok(lines.iter().map(|line| u8::from(!self.0.contains(line))).collect())
    }
}

const PAGE: &str = "---
id: marks
title: Marks
summary: Put and take.
teaches: [layer]
start:
  - put a
---
Some words.

```predict
What is there after `put b`?
- Only a
= c
- Both
= b
```

```console
$ put b
$ list
a
[..]
```

```check
has-c: c
! There is no c.
```

```hint
Put it.
```

```solution
put c
```

```wrong
take a
! has-c
```
";

fn problems(page: &str) -> Vec<Problem> {
    let lesson = parse(page).unwrap();
    let mut problems = inspect(&lesson);
    problems.extend(prove(&lesson, &mut Marks::default()).unwrap());
    problems
}

#[test]
fn a_good_lesson_has_no_problem() {
    assert_eq!(problems(PAGE), []);
}

#[test]
fn each_defect_is_found() {
    let said = |from: &str, to: &str| {
        assert!(PAGE.contains(from), "{from}");
        let problems = problems(&PAGE.replacen(from, to, 1));
        problems.first().map(ToString::to_string).unwrap_or_default()
    };
    assert!(said("a\n[..]", "a").starts_with("`list` prints otherwise"));
    assert_eq!(said("= c", "= a"), "2 of the choices are right after the run: What is there after `put b`?");
    assert_eq!(said("= b", "= d"), "0 of the choices are right after the run: What is there after `put b`?");
    assert_eq!(said("has-c: c", "has-c: a"), "the check has-c is passed before anything is done");
    assert_eq!(said("put c\n", "put d\n"), "the solution does not pass the check has-c: There is no c.");
    assert_eq!(said("take a", "put c"), "a wrong way passes the check has-c: put c");
    assert_eq!(said("! has-c", "! has-d"), "a wrong way names has-d, which is no check before it");
    assert_eq!(said("```hint\nPut it.\n```\n", ""), "the check has-c has no hint");
    assert_eq!(said("[layer]", "[layers]"), "there is no concept named layers");
    assert_eq!(
        said("Some words.", &"word ".repeat(81)),
        "81 words stand before the first thing to do, and 80 may"
    );
}

#[test]
fn languages_differ_in_prose_alone() {
    let lesson = parse(PAGE).unwrap();
    let translated = PAGE
        .replace("Some words.", "几个字。")
        .replace("Put it.", "放上。")
        .replace("There is no c.", "没有。");
    assert_eq!(compare(&lesson, &parse(&translated).unwrap()), []);
    let changed = parse(&PAGE.replace("put c", "put  c")).unwrap();
    assert_eq!(compare(&lesson, &changed).len(), 1);
}
