//! The languages of the lessons, and what a lesson in a terminal says in each beside its page.

use clap::ValueEnum;
use layerlab_core::help::Language;

/// A language of the lessons
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

/// The sentences around a lesson.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) head: &'static str,
    pub(super) foreign: &'static str,
    pub(super) enter: &'static str,
    pub(super) guess: &'static str,
    pub(super) number: &'static str,
    pub(super) right: &'static str,
    pub(super) not_so: &'static str,
    pub(super) task: &'static str,
    pub(super) commands: &'static str,
    pub(super) no_hint: &'static str,
    pub(super) solved: &'static str,
    pub(super) keep: &'static str,
    pub(super) next: &'static str,
    pub(super) end: &'static str,
    pub(super) par: &'static str,
    pub(super) wrong: &'static str,
    pub(super) mostly_wrong: &'static str,
    pub(super) half: &'static str,
    pub(super) depends: &'static str,
}

impl Lang {
    /// All of them, the first language first.
    pub(super) const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The name of its folder.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language of the lab's help.
    pub(super) fn of_help(self) -> Language {
        match self {
            Self::En => Language::En,
            Self::Zh => Language::Zh,
        }
    }

    /// Its sentences; `{}` stands for a number or a name.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::En => &Words {
                head: "{} minutes. Anything you type runs in the lab; :help shows the lesson's own commands.",
                foreign: "{} is somebody else's page, not one of the course. Its lines run in a lab of their own.",
                enter: "   [Enter runs it] ",
                guess: "your guess (a number): ",
                number: "a number from 1 to {}, please",
                right: "Right",
                not_so: "Not so",
                task: "To reach:",
                commands: ":hint  :check  :solution  :stack [NAME]  :undo   Ctrl-D leaves",
                no_hint: "there is no further hint; :solution shows one way",
                solved: "Done, after {} lines.",
                keep: "To keep:",
                next: "Next: layerlab lesson run {}",
                end: "That is the end of the lesson.",
                par: "A short answer: {} lines or fewer.",
                wrong: "Wrong",
                mostly_wrong: "Mostly wrong",
                half: "Half right",
                depends: "It depends",
            },
            Self::Zh => &Words {
                head: "约 {} 分钟。您输入的内容都在实验室中运行；:help 列出课程自己的命令。",
                foreign: "{} 是别人写的页面，不属于这套课程。它的命令在单独的实验室里运行。",
                enter: "   [按 Enter 运行] ",
                guess: "您的预测（序号）：",
                number: "请输入 1 到 {} 之间的序号",
                right: "正确",
                not_so: "并非如此",
                task: "要达到的状态：",
                commands: ":hint 提示  :check 检查  :solution 答案  :stack [名称] 层  :undo 撤销   Ctrl-D 离开",
                no_hint: "没有更多提示了；:solution 给出一种做法",
                solved: "完成，共用 {} 行命令。",
                keep: "带走：",
                next: "下一课：layerlab lesson run {}",
                end: "本课到此结束。",
                par: "较短的做法不超过 {} 行。",
                wrong: "错误",
                mostly_wrong: "基本错误",
                half: "对一半",
                depends: "视情况而定",
            },
        }
    }
}
