//! Entries that may be sparse: whose map stands in their header, behind it, or before their content.

use super::state::{Event, Parser, Pending, State, after_content, pad, unsigned};
use crate::oci::tar::block::Block;
use crate::oci::tar::pax::PaxSparse;
use crate::oci::tar::sparse::{self, Part, Run, Sparse, Text};
use crate::oci::tar::{BLOCK, Fault, Kind, TarEntry};

impl Parser {
    /// Takes the header of an entry that is no extension; `end` is the stream's position after it.
    pub(super) fn file(
        &mut self,
        block: &Block<'_>,
        flag: u8,
        size: u64,
        end: u64,
    ) -> Result<Option<TarEntry>, Fault> {
        let pax = self.pax.take().unwrap_or_default();
        let sparse = pax.sparse()?;
        let entry = self.entry(block, pax, flag, size, end)?;
        if flag != b'S' && sparse.is_none() {
            self.state = after_content(entry.size, pad(entry.size));
            return Ok(Some(entry));
        }
        self.with_map(block, flag, entry, sparse)
    }

    /// Takes the header of an entry with a map.
    fn with_map(
        &mut self,
        block: &Block<'_>,
        flag: u8,
        mut entry: TarEntry,
        sparse: Option<PaxSparse>,
    ) -> Result<Option<TarEntry>, Fault> {
        let stored = entry.size;
        if flag == b'S' {
            if !block.is_gnu() {
                return Err(Fault::SparseMap);
            }
            entry.size = unsigned(block.number(483, 12, "sparse size")?, "sparse size")?;
            let (extents, is_more) = sparse::old_header(block)?;
            return self.sparse(
                entry,
                stored,
                Sparse { extents, is_old: true },
                is_more.then_some(State::OldMap),
            );
        }
        let Some(sparse) = sparse else {
            self.state = after_content(stored, pad(stored));
            return Ok(Some(entry));
        };
        if entry.kind != Kind::File {
            return Err(Fault::SparseMap);
        }
        if let Some(name) = sparse.name {
            self.check_path(&name)?;
            self.current = name.clone();
            entry.name = name;
        }
        entry.size = sparse.size.unwrap_or(stored);
        let more = sparse.map.is_none().then_some(State::Map);
        let extents = sparse.map.unwrap_or_default();
        self.sparse(entry, stored, Sparse { extents, is_old: false }, more)
    }

    /// Takes a sparse entry, of which so many bytes are stored; `more` says where the rest of its map is, if there is one.
    fn sparse(
        &mut self,
        entry: TarEntry,
        stored: u64,
        sparse: Sparse,
        more: Option<State>,
    ) -> Result<Option<TarEntry>, Fault> {
        if entry.size > self.limits.expanded {
            return Err(if sparse.is_old { Fault::OldSparse } else { Fault::Range("sparse size") });
        }
        if let Some(state) = more {
            self.map = Text::default();
            self.pending = Some(Pending { entry, sparse, stored });
            self.state = state;
            return Ok(None);
        }
        self.start(entry, stored, sparse).map(Some)
    }

    /// The map of a sparse entry is whole.
    fn start(&mut self, mut entry: TarEntry, stored: u64, sparse: Sparse) -> Result<TarEntry, Fault> {
        sparse.check(entry.size, stored)?;
        self.run = Some(Run::new(&sparse.extents, entry.size)).filter(|run| run.part() != Part::End);
        entry.sparse = Some(Box::new(sparse));
        self.state = match self.run {
            Some(_) => State::Content { left: stored, pad: pad(stored) },
            None => after_content(stored, pad(stored)),
        };
        Ok(entry)
    }

    /// Takes a block of a map that stands behind the header.
    pub(super) fn more_map<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<Event<'a>>), Fault> {
        let (used, is_whole) = self.fill(input);
        if !is_whole {
            return Ok((used, None));
        }
        let Some(mut pending) = self.pending.take() else { return Ok((used, None)) };
        self.metadata += BLOCK;
        if self.metadata > self.limits.metadata {
            return Err(Fault::Metadata(self.limits.metadata));
        }
        let is_more = if self.state == State::OldMap {
            sparse::old_more(&self.header, &mut pending.sparse.extents)?
        } else {
            let early = Fault::Truncated("a sparse map");
            pending.stored = pending.stored.checked_sub(BLOCK as u64).ok_or(early.clone())?;
            self.map.push(&self.header);
            match self.map.read()? {
                Some(extents) => pending.sparse.extents = extents,
                None if pending.stored < BLOCK as u64 => return Err(early),
                None => {}
            }
            !self.map.is_whole()
        };
        if is_more {
            self.pending = Some(pending);
            return Ok((used, None));
        }
        pending.entry.content_at = self.at + used as u64;
        let entry = self.start(pending.entry, pending.stored, pending.sparse)?;
        Ok((used, Some(Event::Entry(Box::new(entry)))))
    }
}
