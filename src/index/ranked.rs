//! Values by local id, packed.
//!
//! The values of 64 neighbouring ids share a segment: a mask says which ids have one, and the values
//! lie in an exactly sized slice in the order of their ids. That costs 24 bytes for 64 ids and
//! nothing for an id without a value, and no change ever copies more than 64 values.

use super::hot::LocalId;

/// Values by local id.
pub(super) struct Ranked<T> {
    segments: Vec<Segment<T>>,
    len: usize,
}

struct Segment<T> {
    mask: u64,
    values: Box<[T]>,
}

/// Where an id lies: its segment and its bit in the mask.
fn place(id: LocalId) -> (usize, u64) {
    ((id.0 / 64) as usize, 1 << (id.0 % 64))
}

impl<T> Ranked<T> {
    pub(super) fn new() -> Self {
        Self {
            segments: Vec::new(),
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The mask and the rank of an id's segment: touching it early brings its memory near.
    pub(super) fn has(&self, id: LocalId) -> bool {
        let (at, bit) = place(id);
        self.segments
            .get(at)
            .is_some_and(|segment| segment.mask & bit != 0)
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
            self.segments.resize_with(at + 1, || Segment {
                mask: 0,
                values: Box::default(),
            });
        }
        if let Some(segment) = self.segments.get_mut(at) {
            segment.insert(bit, value);
            self.len += 1;
        }
    }

    /// Takes the value of an id away.
    pub(super) fn remove(&mut self, id: LocalId) -> Option<T> {
        let (at, bit) = place(id);
        let value = self.segments.get_mut(at)?.remove(bit)?;
        self.len -= 1;
        Some(value)
    }

    /// All values in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LocalId, &T)> {
        (0u32..).zip(&self.segments).flat_map(|(at, segment)| {
            let ids = (0..64).filter(|bit| segment.mask & (1 << bit) != 0);
            ids.map(move |bit| LocalId(at * 64 + bit))
                .zip(&segment.values)
        })
    }

    /// Bytes of masks and values, without what values point to.
    pub(super) fn bytes(&self) -> usize {
        self.segments.capacity() * size_of::<Segment<T>>() + self.len * size_of::<T>()
    }
}

impl<T> Segment<T> {
    fn rank_of(&self, bit: u64) -> usize {
        (self.mask & (bit - 1)).count_ones() as usize
    }

    fn rank(&self, bit: u64) -> Option<usize> {
        (self.mask & bit != 0).then(|| self.rank_of(bit))
    }

    fn insert(&mut self, bit: u64, value: T) {
        let rank = self.rank_of(bit);
        let mut values = std::mem::take(&mut self.values).into_vec();
        values.reserve_exact(1);
        values.insert(rank, value);
        self.values = values.into_boxed_slice();
        self.mask |= bit;
    }

    fn remove(&mut self, bit: u64) -> Option<T> {
        let rank = self.rank(bit)?;
        let mut values = std::mem::take(&mut self.values).into_vec();
        let value = values.remove(rank);
        self.values = values.into_boxed_slice();
        self.mask &= !bit;
        Some(value)
    }
}

#[cfg(test)]
#[path = "tests/ranked.rs"]
mod tests;
