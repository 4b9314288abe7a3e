//! Each defect of a lesson is found, on a lab of marks.

use std::collections::BTreeSet;

use super::*;
use crate::lesson::{compare, course, inspect, myths, parse};

/// A lab of marks: `put x` and `take x` change them, `x` is true where it is there.
#[derive(Default)]
struct Marks(BTreeSet<String>);

impl LessonLab for Marks {
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

    fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String> {
        let test = |line: &String| match line.split_once("$(count") {
            Some(_) => Tested { status: 0, output: self.0.len().to_string() },
            None => Tested { status: u8::from(!self.0.contains(line)), output: String::new() },
        };
        Ok(lines.iter().map(test).collect())
    }
}

const PAGE: &str = "---
id: marks
title: Marks
summary: Put and take.
teaches: [layer]
minutes: 5
docker: both
task: find
start:
  - put a
---
Some words.

```predict
What is there after `put b`?
- Only a
! Putting takes nothing away.
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
+ A mark c
! There is no c among $(count) marks.
has-a: a
+ The mark a is still there
! There is no a.
```

```hint
Put it.

Put c.

`put c`
```

```solution
put c
```

```wrong
take b
! has-c
```

```wrong
put c
take a
! has-a
```

```explain
There are $(count) marks.
```

```keep
$ c
Marks stay.
```
";

const NO_FIGURE: &str = "the explanation has no figure of the learner's state";

fn problems(page: &str) -> Vec<Problem> {
    let lesson = parse(page).unwrap();
    let mut problems = inspect(&lesson, "en");
    problems.extend(prove(&lesson, &mut Marks::default()).unwrap());
    problems
}

#[test]
fn a_good_lesson_has_no_problem() {
    assert_eq!(problems(PAGE), []);
}

#[test]
fn each_defect_is_found_in_its_line() {
    let said = |from: &str, to: &str, at: &str, want: &str| {
        assert!(PAGE.contains(from), "{from}");
        let page = PAGE.replacen(from, to, 1);
        let found = problems(&page);
        let first = found.first().unwrap_or_else(|| panic!("nothing is wrong with {to}"));
        let line = page.lines().nth(first.line - 1).unwrap();
        assert_eq!((line, first.fault.to_string().as_str()), (at, want), "{found:?}");
    };
    said("a\n[..]", "a", "```console", "`list` prints otherwise\n  expected:\na\n  found:\na\nb");
    let asked = "choices are right after the run: What is there after `put b`?";
    said("= b", "= b\n- One\n= a", "```predict", &format!("2 of the {asked}"));
    said("= b", "= d", "```predict", &format!("0 of the {asked}"));
    said("has-c: c", "has-c: a", "```check", "the task is solved before anything is done: has-c, has-a");
    said(
        "put c\n```\n\n```wrong",
        "put d\n```\n\n```wrong",
        "```solution",
        "the solution does not pass the check has-c: There is no c among 3 marks.",
    );
    said("take b", "put c", "```wrong", "a wrong attempt passes the check has-c: put c");
    said(
        "take b\n! has-c",
        "take a\n! has-a",
        "```wrong",
        "a wrong attempt is told about has-c, not about has-a: take a",
    );
    said("! has-c", "! has-d", "```wrong", "a wrong attempt names has-d, which is no check before it");
    said(
        "are $(count) marks",
        "are $(nothing) marks",
        "```explain",
        "the figure printf '%s\\n' \"$(nothing)\" prints nothing or fails",
    );
    said("$ c\n", "$ d\n", "```keep", "a line to keep fails at the lesson's end: d");
    said("Put c.\n\n", "", "```check", "the task has-c, has-a has 2 tiers of hints, fewer than 3");
    said(
        "```wrong\ntake b\n! has-c\n```\n",
        "",
        "```check",
        "the task has-c, has-a has 1 wrong attempts, fewer than 2",
    );
    said("+ A mark c\n", "", "```check", "the check has-c has no goal");
    said(
        "! Putting takes nothing away.\n",
        "",
        "```predict",
        "no reason stands under the wrong choice: Only a",
    );
    said("Marks stay.", "记号还在。", "```keep", "this is not in the page's language: 记号还在。");
    said(
        "take b\n! has-c\n```\n",
        "take b\n! has-c\n```\n\n```solution\nput d\n```\n",
        "```solution",
        "the solution does not pass the check has-c: There is no c among 3 marks.",
    );
    said("There are $(count) marks.", "There are marks.", "```explain", NO_FIGURE);
    said(
        "There is no a.",
        "There is no a: `$(count)`.",
        "```check",
        "a figure between backticks is not evaluated: $(count)",
    );
    said("`put c`\n```\n", "put c\n```\n", "```hint", "the last tier of hints has no command: put c");
    said("$ c\nMarks", "Marks", "```keep", "the end card has no line");
    said("title: Marks", "title: 记号", "---", "this is not in the page's language: 记号");
    said("task: find", "task: golf", "---", "a game for few lines has no `par`");
    said("task: find", "task: play", "---", "the task is of no known kind: play");
    said("docker: both", "docker: 19", "---", "`docker` is \"19\"");
    said("minutes: 5", "minutes: 50", "---", "`minutes` is 50");
    said("```keep\n$ c\nMarks stay.\n```\n", "", "---", "the lesson has no `keep` block");
    said("[layer]", "[layers]", "---", "there is no concept named layers");
    said(
        "Some words.",
        &"word ".repeat(81),
        "---",
        "81 words stand before the first thing to do, and 80 may",
    );
}

#[test]
fn languages_differ_in_prose_alone() {
    let lesson = parse(PAGE).unwrap();
    let translated = PAGE
        .replace("title: Marks", "title: 记号")
        .replace("Put and take.", "放上，拿走。")
        .replace("Some words.", "几个字。")
        .replace("What is there after `put b`?", "执行 `put b` 之后有什么？")
        .replace("- Only a", "- 只有 a")
        .replace("Putting takes nothing away.", "放上不会拿走什么。")
        .replace("- Both", "- 两个都有")
        .replace("+ A mark c", "+ 记号 c")
        .replace("There is no c among $(count) marks.", "$(count) 个记号中没有 c。")
        .replace("+ The mark a is still there", "+ 记号 a 还在")
        .replace("There is no a.", "没有 a。")
        .replace("Put it.", "放上。")
        .replace("Put c.", "放上 c。")
        .replace("There are $(count) marks.", "有 $(count) 个记号。")
        .replace("Marks stay.", "记号还在。");
    let translated = parse(&translated).unwrap();
    assert_eq!((compare(&lesson, &translated), inspect(&translated, "zh")), (vec![], vec![]));
    let english = inspect(&lesson, "zh");
    assert_eq!(english.len(), 15, "each text is missed: {english:?}");
    let changed = parse(&PAGE.replace("put c", "put  c")).unwrap();
    assert_eq!(compare(&lesson, &changed).len(), 2);
    let figure = parse(&PAGE.replace("are $(count) marks", "are $(count x) marks")).unwrap();
    assert_eq!(compare(&lesson, &figure).len(), 1, "figures are run in one language alone");
    let mute = parse(&PAGE.replace("Some words.\n", "")).unwrap();
    assert_eq!(compare(&lesson, &mute).first().unwrap().fault.to_string().lines().count(), 1);
}

#[test]
fn myths_are_judged_anew() {
    let text = r#"{"myths":[{"id":"m","verdict":"false","lesson":"a","docker":"both",
        "claim":{"en":"Marks vanish."},"answer":{"en":"They stay."},"lines":["put x"],"holds":"x"}]}"#;
    let here = course(r#"{"chapters":[{"id":"c","title":{},"lessons":["a"]}]}"#).unwrap();
    let faults = |text: &str, languages: &[&str]| {
        myths(text).unwrap().faults(&here, languages, &mut Marks::default()).unwrap()
    };
    assert_eq!(faults(text, &["en"]), [] as [String; 0]);
    assert_eq!(faults(text, &["zh"]), ["the myth m is not told in the language zh"]);
    let other = text.replace(r#""lesson":"a""#, r#""lesson":"b""#).replace("put x", "take x");
    assert_eq!(
        faults(&other, &["en"]),
        [
            "the myth m names the lesson b, which is not in the course",
            "the myth m is judged otherwise by the lab: x",
        ]
    );
    assert!(myths("[]").is_err());
}
