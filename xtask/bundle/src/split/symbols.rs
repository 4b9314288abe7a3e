//! Which function refers to which piece of data, as the linker tells it.
//!
//! A module linked with `--emit-relocs` says of each place in its code and its data that holds an address whose address
//! that is (the convention of WebAssembly object files: sections `linking` and `reloc.*`). wasm-bindgen moves functions
//! about, but keeps their names and every address in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{
    BinaryReader, DataKind, KnownCustom, Linking, LinkingSectionReader, Name, Operator, Parser, Payload,
    RelocSectionReader, SymbolInfo, TypeRef,
};

/// What the linker tells.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// The pieces of data, by where they lie in memory.
    pub(super) pieces: Vec<Range<u32>>,
    /// The pieces that a function refers to, by its symbol.
    functions: BTreeMap<String, BTreeSet<usize>>,
    /// The pieces that a piece refers to.
    within: BTreeMap<usize, BTreeSet<usize>>,
}

impl Symbols {
    /// Reads a linked module.
    pub(crate) fn read(wasm: &[u8]) -> Result<Self, String> {
        Linked::parse(wasm).map(Linked::resolve).map_err(|e| format!("the linked module: {e}"))
    }

    /// Whether a function of that symbol was linked.
    pub(super) fn knows(&self, symbol: &str) -> bool {
        self.functions.contains_key(symbol)
    }

    /// Every piece that is reached from these functions.
    pub(super) fn reached<'a>(&self, from: impl Iterator<Item = &'a str>) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> =
            from.filter_map(|symbol| self.functions.get(symbol)).flatten().copied().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next)
                && let Some(more) = self.within.get(&next)
            {
                open.extend(more);
            }
        }
        reached
    }
}

/// A linked module, section by section.
#[derive(Default)]
struct Linked {
    imported: u32,
    /// Where each function's body lies in the code section.
    bodies: Vec<Range<usize>>,
    names: BTreeMap<u32, String>,
    /// Each data segment: its address, and where its bytes lie in the data section.
    segments: Vec<(u32, Range<usize>)>,
    /// By symbol: the segment, offset and size of a piece of data.
    symbols: Vec<Option<(u32, u32, u32)>>,
    /// Places in the code and in the data section, with the symbol that each refers to.
    in_code: Vec<(usize, u32)>,
    in_data: Vec<(usize, u32)>,
}

impl Linked {
    fn parse(wasm: &[u8]) -> wasmparser::Result<Self> {
        let mut it = Self::default();
        let (mut code, mut data, mut sections) = (None, None, 0_u32);
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            let index = sections;
            if payload.as_section().is_some() && !matches!(payload, Payload::CodeSectionEntry(_)) {
                sections += 1;
            }
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        it.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = Some((index, range.start)),
                Payload::CodeSectionEntry(body) => {
                    let start = code.map_or(0, |(_, start)| start);
                    it.bodies.push(body.range().start - start..body.range().end - start);
                }
                Payload::DataSection(reader) => {
                    let start = reader.range().start;
                    data = Some(index);
                    for segment in reader {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                        if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                            // The bytes are the last thing of a segment.
                            let end = segment.range.end - start;
                            it.segments.push((value as u32, end - segment.data.len()..end));
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == "linking" => {
                    it.linking(BinaryReader::new(section.data(), section.data_offset()))?;
                }
                Payload::CustomSection(section) if section.name().starts_with("reloc.") => {
                    let reader = BinaryReader::new(section.data(), section.data_offset());
                    let relocations = RelocSectionReader::new(reader)?;
                    let of = relocations.section_index();
                    let places = if Some(of) == code.map(|(index, _)| index) {
                        &mut it.in_code
                    } else if Some(of) == data {
                        &mut it.in_data
                    } else {
                        continue;
                    };
                    for entry in relocations.entries() {
                        let entry = entry?;
                        places.push((entry.offset as usize, entry.index));
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        for part in names {
                            if let Name::Function(map) = part? {
                                for naming in map {
                                    let naming = naming?;
                                    it.names.insert(naming.index, naming.name.to_owned());
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(it)
    }

    fn linking(&mut self, reader: BinaryReader) -> wasmparser::Result<()> {
        for part in LinkingSectionReader::new(reader)? {
            if let Linking::SymbolTable(table) = part? {
                for symbol in table {
                    self.symbols.push(match symbol? {
                        SymbolInfo::Data { symbol: Some(at), .. } => Some((at.index, at.offset, at.size)),
                        _ => None,
                    });
                }
            }
        }
        Ok(())
    }

    fn resolve(mut self) -> Symbols {
        let mut symbols = Symbols::default();
        let piece_of: Vec<Option<usize>> = self
            .symbols
            .iter()
            .map(|symbol| {
                let (segment, offset, size) = (*symbol)?;
                // Zeroed memory has no segment, and so nothing to move.
                let start = self.segments.get(segment as usize)?.0 + offset;
                symbols.pieces.push(start..start + size);
                Some(symbols.pieces.len() - 1)
            })
            .collect();
        // By where they begin; pieces may overlap, since the linker lays equal strings onto each other.
        let mut starts: Vec<usize> = (0..symbols.pieces.len()).collect();
        starts.sort_by_key(|piece| symbols.pieces[*piece].start);
        let longest = symbols.pieces.iter().map(|piece| piece.end - piece.start).max().unwrap_or(0);
        self.in_code.sort_unstable();
        for (n, body) in self.bodies.iter().enumerate() {
            let index = self.imported + n as u32;
            let name = self.names.get(&index).cloned().unwrap_or_default();
            let from = self.in_code.partition_point(|(offset, _)| *offset < body.start);
            let places = self.in_code[from..].iter().take_while(|(offset, _)| *offset < body.end);
            let pieces = places.filter_map(|(_, symbol)| *piece_of.get(*symbol as usize)?);
            symbols.functions.entry(name).or_default().extend(pieces);
        }
        for (offset, symbol) in &self.in_data {
            let Some(Some(to)) = piece_of.get(*symbol as usize) else { continue };
            let Some((base, bytes)) = self.segments.iter().find(|(_, bytes)| bytes.contains(offset)) else {
                continue;
            };
            let address = base + (offset - bytes.start) as u32;
            let end = starts.partition_point(|piece| symbols.pieces[*piece].start <= address);
            let Symbols { pieces, within, .. } = &mut symbols;
            let near =
                starts[..end].iter().rev().take_while(|piece| pieces[**piece].start + longest > address);
            for piece in near.filter(|piece| pieces[**piece].contains(&address)) {
                within.entry(*piece).or_default().insert(*to);
            }
        }
        symbols
    }
}
