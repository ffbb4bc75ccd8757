//! Values by local id, packed.
//!
//! The values of 64 neighbouring ids share a segment: a mask says which ids have one, and the values
//! lie in one slice in the order of their ids. That costs 24 bytes for 64 ids and next to nothing for
//! an id without a value, and no change ever copies more than 64 values.

use prefetch_index::prefetch_index;

use super::hot::LocalId;

/// Values by local id.
pub(super) struct Ranked<T> {
    segments: Vec<Segment<T>>,
    /// Places for values, taken or not.
    room: usize,
}

struct Segment<T> {
    mask: u64,
    /// As many values as the mask has bits, then some that mean nothing.
    values: Box<[T]>,
}

/// Where an id lies: its segment and its bit in the mask.
fn place(id: LocalId) -> (usize, u64) {
    ((id.0 / 64) as usize, 1 << (id.0 % 64))
}

impl<T: Default> Ranked<T> {
    pub(super) fn new() -> Self {
        Self { segments: Vec::new(), room: 0 }
    }

    /// Whether an id has a value.
    pub(super) fn has(&self, id: LocalId) -> bool {
        let (at, bit) = place(id);
        self.segments.get(at).is_some_and(|segment| segment.mask & bit != 0)
    }

    /// Brings near what says where the value of an id lies.
    pub(super) fn bring(&self, id: LocalId) {
        let (at, _) = place(id);
        prefetch_index(&self.segments, at);
    }

    pub(super) fn get(&self, id: LocalId) -> Option<&T> {
        let (at, bit) = place(id);
        let segment = self.segments.get(at)?;
        let rank = segment.rank(bit)?;
        segment.values.get(rank)
    }

    pub(super) fn get_mut(&mut self, id: LocalId) -> Option<&mut T> {
        let (at, bit) = place(id);
        let segment = self.segments.get_mut(at)?;
        let rank = segment.rank(bit)?;
        segment.values.get_mut(rank)
    }

    /// Sets the value of an id.
    pub(super) fn set(&mut self, id: LocalId, value: T) {
        if let Some(old) = self.get_mut(id) {
            *old = value;
            return;
        }
        let (at, bit) = place(id);
        if self.segments.len() <= at {
            self.segments.resize_with(at + 1, || Segment { mask: 0, values: Box::default() });
        }
        if let Some(segment) = self.segments.get_mut(at) {
            self.room -= segment.values.len();
            segment.insert(bit, value);
            self.room += segment.values.len();
        }
    }

    /// Takes the value of an id away.
    pub(super) fn remove(&mut self, id: LocalId) -> Option<T> {
        let (at, bit) = place(id);
        let segment = self.segments.get_mut(at)?;
        let room = segment.values.len();
        let value = segment.remove(bit)?;
        self.room = self.room - room + segment.values.len();
        Some(value)
    }

    /// Bytes of masks and values, without what values point to.
    pub(super) fn bytes(&self) -> usize {
        self.segments.capacity() * size_of::<Segment<T>>() + self.room * size_of::<T>()
    }
}

impl<T: Default> Segment<T> {
    fn rank_of(&self, bit: u64) -> usize {
        (self.mask & (bit - 1)).count_ones() as usize
    }

    fn rank(&self, bit: u64) -> Option<usize> {
        (self.mask & bit != 0).then(|| self.rank_of(bit))
    }

    fn insert(&mut self, bit: u64, value: T) {
        let rank = self.rank_of(bit);
        let count = self.mask.count_ones() as usize;
        self.mask |= bit;
        self.fit(count + 1);
        if let Some(moved) = self.values.get_mut(rank..=count) {
            moved.rotate_right(1);
        }
        if let Some(free) = self.values.get_mut(rank) {
            *free = value;
        }
    }

    fn remove(&mut self, bit: u64) -> Option<T> {
        let rank = self.rank(bit)?;
        let count = self.mask.count_ones() as usize;
        self.mask &= !bit;
        let value = std::mem::take(self.values.get_mut(rank)?);
        if let Some(moved) = self.values.get_mut(rank..count) {
            moved.rotate_left(1);
        }
        self.fit(count - 1);
        Some(value)
    }

    /// Gives the slice the room for so many values.
    fn fit(&mut self, count: usize) {
        let room = room_for(count);
        if room != self.values.len() {
            let mut values = std::mem::take(&mut self.values).into_vec();
            values.truncate(room);
            values.reserve_exact(room - values.len());
            values.resize_with(room, T::default);
            self.values = values.into_boxed_slice();
        }
    }
}

/// Room in the steps in which allocators hand it out, so that it costs nothing and most changes stay
/// in place. Nearly full segments get all of it at once: while a scope fills up they would else all
/// outgrow the same size at the same time, and leave its memory empty.
pub(super) fn room_for(count: usize) -> usize {
    match count {
        0..=8 => count,
        9..=16 => count.next_multiple_of(2),
        17..=32 => count.next_multiple_of(4),
        33..=48 => count.next_multiple_of(8),
        49..=64 => 64,
        _ => count.next_multiple_of(16),
    }
}

#[cfg(test)]
#[path = "tests/ranked.rs"]
mod tests;
