//! Whether every variable of a template is declared where it is used: Go says so when it reads the template.

use super::lex::fail;
use super::parse::{Base, Node, Operand, Pipe};

/// # Errors
/// Go's text for the first variable that is not declared.
pub(super) fn check(nodes: &[Node]) -> Result<(), String> {
    block(nodes, &mut vec![String::new()])
}

fn block(nodes: &[Node], known: &mut Vec<String>) -> Result<(), String> {
    let scope = known.len();
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Print(pipe) => declare(pipe, known)?,
            Node::Block { pipe, body, otherwise, .. } => {
                let scope = known.len();
                declare(pipe, known)?;
                block(body, known)?;
                block(otherwise, known)?;
                known.truncate(scope);
            }
        }
    }
    known.truncate(scope);
    Ok(())
}

/// Looks at what a pipe uses, then at what it declares.
fn declare(pipe: &Pipe, known: &mut Vec<String>) -> Result<(), String> {
    uses(pipe, known)?;
    for name in &pipe.variables {
        if pipe.declares {
            known.push(name.clone());
        } else if !known.contains(name) {
            return Err(unknown(name, pipe.commands.first().and_then(|command| command.first())));
        }
    }
    Ok(())
}

fn uses(pipe: &Pipe, known: &[String]) -> Result<(), String> {
    for operand in pipe.commands.iter().flatten() {
        match &operand.base {
            Base::Variable(name) if !known.contains(name) => return Err(unknown(name, Some(operand))),
            Base::Group(inner) => uses(inner, known)?,
            Base::Dot | Base::Variable(_) | Base::Literal(_) | Base::Function(_) => {}
        }
    }
    Ok(())
}

fn unknown(name: &str, near: Option<&Operand>) -> String {
    fail(near.map_or(1, |operand| operand.at.0), &format!("undefined variable \"${name}\""))
}
