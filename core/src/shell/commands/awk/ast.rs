//! An awk program as data.

use crate::shell::commands::common::regex::Regex;

/// An expression.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Number(f64),
    Text(Vec<u8>),
    Matches(Regex),
    Field(Box<Expr>),
    Var(String),
    Item(String, Vec<Expr>),
    Assign(Box<Expr>, &'static str, Box<Expr>),
    /// `++` or `--`, and whether the old value counts.
    Step(Box<Expr>, f64, bool),
    Choice(Box<[Expr; 3]>),
    Binary(&'static str, Box<[Expr; 2]>),
    Unary(&'static str, Box<Expr>),
    Has(String, Vec<Expr>),
    Call(String, Vec<Expr>),
    /// `(a, b)`, for `print` and `in`.
    List(Vec<Expr>),
}

/// A statement.
#[derive(Debug, Clone)]
pub(super) enum Stmt {
    Expr(Expr),
    /// What is printed, and whether to standard error.
    Print(Vec<Expr>, bool),
    Printf(Vec<Expr>, bool),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    While(Expr, Box<Stmt>),
    Do(Box<Stmt>, Expr),
    For(Option<Box<Stmt>>, Option<Expr>, Option<Box<Stmt>>, Box<Stmt>),
    ForIn(String, String, Box<Stmt>),
    Block(Vec<Stmt>),
    Delete(String, Option<Vec<Expr>>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
}

/// When a rule acts.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Between(Expr, Expr),
}

/// A rule; without an action it prints the record.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub pattern: Pattern,
    pub action: Option<Stmt>,
}

/// Functions of the language that are here.
pub(super) const FUNCTIONS: [&str; 17] = [
    "length", "substr", "index", "split", "sub", "gsub", "match", "toupper", "tolower", "sprintf", "int",
    "sqrt", "exp", "log", "sin", "cos", "atan2",
];
