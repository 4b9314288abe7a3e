//! A command's text, as `jobs` shows it.

use crate::shell::ast::*;

/// The first words of a list, near enough to what was typed for a person to know it again.
pub(super) fn and_or(item: &AndOr) -> String {
    let mut text = pipeline(&item.first);
    for (join, more) in &item.rest {
        text.push_str(if *join == Join::And { " && " } else { " || " });
        text.push_str(&pipeline(more));
    }
    text
}

fn pipeline(pipeline: &Pipeline) -> String {
    let commands: Vec<String> = pipeline.commands.iter().map(command).collect();
    let lead = if pipeline.negated { "! " } else { "" };
    format!("{lead}{}", commands.join(" | "))
}

fn command(command: &Command) -> String {
    match &command.kind {
        Kind::Simple { assigns, words } => {
            let assigns = assigns.iter().map(|assign| {
                let place = assign.subscript.as_ref().map(|text| format!("[{}]", word(text)));
                let sign = if assign.append { "+=" } else { "=" };
                let value = match &assign.value {
                    Given::Word(value) => word(value),
                    Given::List(_) => "(...)".to_owned(),
                };
                format!("{}{}{sign}{value}", assign.name, place.unwrap_or_default())
            });
            assigns.chain(words.iter().map(word)).collect::<Vec<_>>().join(" ")
        }
        Kind::Group(_) => "{ ...; }".to_owned(),
        Kind::Subshell(_) => "( ... )".to_owned(),
        Kind::If { .. } => "if ...; fi".to_owned(),
        Kind::Loop { until: false, .. } => "while ...; done".to_owned(),
        Kind::Loop { .. } => "until ...; done".to_owned(),
        Kind::For { name, .. } => format!("for {name} ...; done"),
        Kind::Arithmetic(_) => "((...))".to_owned(),
        Kind::Count { .. } => "for ((...)); do ...; done".to_owned(),
        Kind::Condition(_) => "[[ ... ]]".to_owned(),
        Kind::Case { .. } => "case ... esac".to_owned(),
        Kind::Function { name, .. } => format!("{name}()"),
    }
}

fn word(word: &Word) -> String {
    let part = |part: &Part| match part {
        Part::Plain(text) => text.to_text(),
        Part::Quoted(text) => crate::kernel::ByteString::from(crate::shell::escape::quote(text)).to_text(),
        Part::Tilde(name) => format!("~{name}"),
        Part::Parameter { parameter, .. } => format!("${{{}}}", parameter.name),
        Part::Substitution { .. } => "$(...)".to_owned(),
        Part::Arithmetic { .. } => "$((...))".to_owned(),
    };
    word.iter().map(part).collect()
}
