//! The grants of one scope by local id, packed.
//!
//! The grants of 64 neighbouring ids share a segment: masks say which ids have one and which of
//! those end; the cells lie in the order of their ids, and behind them the ends. That costs 32 bytes
//! for 64 ids and nothing for an id without a grant, and no change ever copies more than 64 grants.

use std::slice::from_ref;

use prefetch_index::prefetch_index;

use super::cell::{Cell, WORDS};
use super::hot::LocalId;
use super::ranked::room_for;

/// The grants of one scope.
pub(super) struct Grants {
    segments: Vec<Segment>,
    len: usize,
    /// Words, used or not.
    room: usize,
}

#[derive(Default)]
struct Segment {
    held: u64,
    ends: u64,
    words: Box<[u32]>,
}

/// Where a grant lies. To find it reads less than to read it.
#[derive(Clone, Copy)]
pub(super) struct GrantPlace<'g> {
    cell: &'g [u32; WORDS],
    end: Option<&'g u32>,
}

impl GrantPlace<'_> {
    /// Brings it near.
    pub(super) fn bring(&self) {
        prefetch_index(self.cell, 0);
        if let Some(end) = self.end {
            prefetch_index(from_ref(end), 0);
        }
    }

    /// Reads the grant.
    pub(super) fn read(&self) -> Cell {
        Cell::unpack(*self.cell, self.end.copied())
    }
}

/// Where an id lies: its segment and its bit in the masks.
fn place(id: LocalId) -> (usize, u64) {
    ((id.0 / 64) as usize, 1 << (id.0 % 64))
}

impl Grants {
    pub(super) fn new() -> Self {
        Self { segments: Vec::new(), len: 0, room: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is a grant.
    pub(super) fn has(&self, id: LocalId) -> bool {
        let (at, bit) = place(id);
        self.segments.get(at).is_some_and(|segment| segment.held & bit != 0)
    }

    /// Brings near what says where the grant of a subject lies.
    pub(super) fn bring(&self, id: LocalId) {
        let (at, _) = place(id);
        prefetch_index(&self.segments, at);
    }

    /// Finds the grant of a subject.
    pub(super) fn find(&self, id: LocalId) -> Option<GrantPlace<'_>> {
        let (at, bit) = place(id);
        self.segments.get(at)?.find(bit)
    }

    /// Reads the grant of a subject.
    pub(super) fn get(&self, id: LocalId) -> Option<Cell> {
        self.find(id).map(|place| place.read())
    }

    /// Sets the grant of a subject.
    pub(super) fn set(&mut self, id: LocalId, cell: &Cell) {
        let (at, bit) = place(id);
        if self.segments.len() <= at {
            self.segments.resize_with(at + 1, Segment::default);
        }
        self.change(at, |segment| {
            if !segment.overwrite(bit, cell) {
                segment.remove(bit);
                segment.insert(bit, cell);
            }
        });
    }

    /// Takes the grant of a subject away.
    pub(super) fn remove(&mut self, id: LocalId) {
        let (at, bit) = place(id);
        self.change(at, |segment| segment.remove(bit));
    }

    /// All grants in the order of their subjects' ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LocalId, Cell)> + '_ {
        (0u32..).zip(&self.segments).flat_map(|(at, segment)| {
            let ids = (0..64).map(move |bit| LocalId(at * 64 + bit));
            ids.filter_map(|id| Some((id, segment.find(place(id).1)?.read())))
        })
    }

    /// Bytes of all grants.
    pub(super) fn bytes(&self) -> usize {
        self.segments.capacity() * size_of::<Segment>() + self.room * size_of::<u32>()
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut Segment)) {
        if let Some(segment) = self.segments.get_mut(at) {
            self.len -= segment.count();
            self.room -= segment.words.len();
            change(segment);
            self.len += segment.count();
            self.room += segment.words.len();
        }
    }
}

impl Segment {
    fn count(&self) -> usize {
        self.held.count_ones() as usize
    }

    /// The cells, and the ends behind them.
    fn parts(&self) -> (&[[u32; WORDS]], &[u32]) {
        let (cells, ends) = split(&self.words, self.count() * WORDS);
        let (ends, _) = split(ends, self.ends.count_ones() as usize);
        (cells.as_chunks().0, ends)
    }

    fn find(&self, bit: u64) -> Option<GrantPlace<'_>> {
        if self.held & bit == 0 {
            return None;
        }
        let (cells, ends) = self.parts();
        let end = if self.ends & bit == 0 { None } else { ends.get(rank(self.ends, bit)) };
        Some(GrantPlace { cell: cells.get(rank(self.held, bit))?, end })
    }

    /// Puts a grant in the place of another, if it takes no other room.
    fn overwrite(&mut self, bit: u64, cell: &Cell) -> bool {
        let ends = self.ends & bit != 0;
        if self.held & bit == 0 || ends != cell.valid_until.is_some() {
            return false;
        }
        let (count, at) = (self.count(), rank(self.held, bit));
        if let Some(words) = self.words.as_chunks_mut().0.get_mut(at) {
            *words = cell.pack();
        }
        let end = self.words.get_mut(count * WORDS + rank(self.ends, bit));
        if let (Some(until), Some(end)) = (cell.valid_until, end) {
            *end = until.0;
        }
        true
    }

    /// Adds a grant that is not there.
    fn insert(&mut self, bit: u64, cell: &Cell) {
        let (cells, ends) = self.parts();
        let (below, above) = split(cells, rank(self.held, bit));
        let (ends_below, ends_above) = split(ends, rank(self.ends, bit));
        let end = cell.valid_until.map(|until| until.0);
        self.words =
            lay_out([below, &[cell.pack()], above], [ends_below, end.as_slice(), ends_above]);
        self.held |= bit;
        self.ends |= end.map_or(0, |_| bit);
    }

    /// Takes a grant away if it is there.
    fn remove(&mut self, bit: u64) {
        if self.held & bit == 0 {
            return;
        }
        let (cells, ends) = self.parts();
        let (below, from) = split(cells, rank(self.held, bit));
        let (ends_below, ends_from) = split(ends, rank(self.ends, bit));
        let (_, above) = split(from, 1);
        let (_, ends_above) = split(ends_from, usize::from(self.ends & bit != 0));
        self.words = lay_out([below, above, &[]], [ends_below, ends_above, &[]]);
        self.held &= !bit;
        self.ends &= !bit;
    }
}

/// New words for these cells and ends.
fn lay_out(cells: [&[[u32; WORDS]]; 3], ends: [&[u32]; 3]) -> Box<[u32]> {
    let parts = || cells.into_iter().map(<[_]>::as_flattened).chain(ends);
    let count: usize = parts().map(<[_]>::len).sum();
    let room = room_for(count.div_ceil(WORDS)) * WORDS;
    let mut words = Vec::with_capacity(room);
    parts().for_each(|part| words.extend_from_slice(part));
    words.resize(room, 0);
    words.into_boxed_slice()
}

/// Splits a slice at a place that is never past its end.
fn split<T>(slice: &[T], at: usize) -> (&[T], &[T]) {
    slice.split_at_checked(at).unwrap_or((slice, &[]))
}

/// How many bits lie below one.
fn rank(mask: u64, bit: u64) -> usize {
    (mask & (bit - 1)).count_ones() as usize
}

#[cfg(test)]
#[path = "tests/grants.rs"]
mod tests;
