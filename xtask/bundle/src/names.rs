//! Takes the names of its functions out of a module: a test says by them which function the first prompt waited for.

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The module without names, and the names of its functions by their numbers, a line each.
pub(crate) fn take(wasm: &[u8]) -> Result<(Vec<u8>, String), String> {
    read(wasm).map_err(|error| format!("the names in the module: {error}"))
}

fn read(wasm: &[u8]) -> wasmparser::Result<(Vec<u8>, String)> {
    let mut plain = wasm.to_vec();
    let mut names: Vec<String> = Vec::new();
    // Behind the module's head, or the section before.
    let mut start = 8;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let end = payload.as_section().map_or(start, |(_, range)| range.end.max(start));
        if let Payload::CustomSection(section) = &payload
            && let KnownCustom::Name(parts) = section.as_known()
        {
            for part in parts {
                let Name::Function(map) = part? else { continue };
                for naming in map {
                    let naming = naming?;
                    let at = naming.index as usize;
                    names.resize(names.len().max(at + 1), String::new());
                    naming.name.clone_into(&mut names[at]);
                }
            }
            // It is the last one.
            plain.drain(start..end);
        }
        start = end;
    }
    Ok((plain, names.join("\n")))
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module};

    use super::*;

    #[test]
    fn names_are_taken_out() {
        let mut module = Module::default();
        for name in ["a::b", "<c as d>::e"] {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(name.to_owned());
            let id = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, id);
        }
        let (plain, names) = take(&module.emit_wasm()).expect("a module");
        assert_eq!(names, "a::b\n<c as d>::e");
        assert_eq!(take(&plain).expect("a module"), (plain.clone(), String::new()));
        assert_eq!(Module::from_buffer(&plain).expect("a module").funcs.iter().count(), 2);
    }
}
