//! A hash table of identities that can be read early.
//!
//! Open addressing over exact keys. It knows no identity: a key brings its own keyed hash. It
//! differs from a general map in three ways that memory and latency need: the first slots of a key can
//! be read before the key is looked up, it grows by a quarter or less instead of doubling, and a large
//! table is cut into segments, so that growth copies a bounded piece. Removal shifts back, so no slot
//! is lost.

use super::hot::{Entry, HotFlags, LocalId};

/// A key that brings its hash.
pub(super) trait SlotKey: Copy + Eq + Default {
    /// All bits must be mixed under a secret key.
    fn hash(&self) -> u64;
}

/// The first slots in which a key may lie: most keys lie there.
#[derive(Clone, Copy)]
pub(super) struct Window<'s, K> {
    key: K,
    slots: &'s [Slot<K>],
}

/// What a window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Glance {
    /// The key itself.
    Here(Entry),
    /// The key is not in the table.
    Nobody,
    /// Only other keys: look further.
    Elsewhere,
}

/// How many slots a window has.
const WINDOW: usize = 6;

impl<K: SlotKey> Window<'_, K> {
    /// Reads both ends, so that the memory is near when it is needed. Asks nothing of it: a wrong
    /// guess would wait for this memory alone.
    pub(super) fn touch(&self) -> u32 {
        let id = |slot: &Slot<K>| slot.entry.id.0;
        self.slots.first().map_or(0, id) ^ self.slots.last().map_or(0, id)
    }

    /// Looks for the key.
    fn look(&self) -> Glance {
        for slot in self.slots {
            if !slot.is_taken() {
                return Glance::Nobody;
            }
            if slot.key == self.key {
                return Glance::Here(slot.entry);
            }
        }
        Glance::Elsewhere
    }
}

const SEGMENT_BITS: u32 = 6;
const SEGMENTS: usize = 1 << SEGMENT_BITS;
/// From this many keys on a table is cut into segments.
const CUT_AT: usize = 16_384;

/// The table.
pub(super) struct Slots<K> {
    /// The whole table until it is cut; then empty.
    whole: Segment<K>,
    /// By the leading bits of the hash; empty until the table is cut.
    cut: Box<[Segment<K>]>,
}

impl<K: SlotKey> Slots<K> {
    pub(super) fn new() -> Self {
        Self { whole: Segment::with_slots(0), cut: Box::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.segments().map(|segment| segment.used).sum()
    }

    /// Reads where the slots lie.
    pub(super) fn touch(&self) -> usize {
        self.whole.used ^ self.cut.len()
    }

    /// The first slots in which a key may lie. Reads none of them.
    pub(super) fn window(&self, key: K) -> Window<'_, K> {
        let segment = self.segment(&key);
        let home = segment.home(&key);
        let slots = segment.slots.get(home..home + WINDOW).unwrap_or_default();
        Window { key, slots }
    }

    /// Looks a key up, first in its window.
    pub(super) fn look(&self, window: &Window<'_, K>) -> Option<Entry> {
        match window.look() {
            Glance::Here(entry) => Some(entry),
            Glance::Nobody => None,
            Glance::Elsewhere => self.get(&window.key),
        }
    }

    /// Looks a key up.
    pub(super) fn get(&self, key: &K) -> Option<Entry> {
        let segment = self.segment(key);
        let at = segment.find(key)?;
        segment.slots.get(at).map(|slot| slot.entry)
    }

    /// Changes the flags of a key that is there.
    pub(super) fn update(&mut self, key: &K, change: impl FnOnce(&mut HotFlags)) {
        let segment = self.segment_mut(key);
        if let Some(slot) = segment.find(key).and_then(|at| segment.slots.get_mut(at)) {
            change(&mut slot.entry.flags);
        }
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: K, entry: Entry) {
        if self.cut.is_empty() && self.whole.used >= CUT_AT {
            self.cut_up();
        }
        self.segment_mut(&key).insert(Slot { key, entry });
    }

    /// Removes a key.
    pub(super) fn remove(&mut self, key: &K) {
        let segment = self.segment_mut(key);
        if let Some(at) = segment.find(key) {
            segment.remove_at(at);
        }
    }

    /// All entries, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        self.segments()
            .flat_map(|segment| segment.slots.iter())
            .filter(|slot| slot.is_taken())
            .map(|slot| slot.entry)
    }

    /// All keys with their local ids, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (K, LocalId)> + '_ {
        self.segments()
            .flat_map(|segment| segment.slots.iter())
            .filter(|slot| slot.is_taken())
            .map(|slot| (slot.key, slot.entry.id))
    }

    /// Bytes of all slots, taken or not.
    pub(super) fn bytes(&self) -> usize {
        let slots: usize = self.segments().map(|segment| segment.slots.len()).sum();
        slots * size_of::<Slot<K>>() + self.cut.len() * size_of::<Segment<K>>()
    }

    fn segments(&self) -> impl Iterator<Item = &Segment<K>> {
        std::iter::once(&self.whole).chain(&self.cut)
    }

    fn segment(&self, key: &K) -> &Segment<K> {
        self.cut.get(segment_of(key)).unwrap_or(&self.whole)
    }

    fn segment_mut(&mut self, key: &K) -> &mut Segment<K> {
        match self.cut.get_mut(segment_of(key)) {
            Some(segment) => segment,
            None => &mut self.whole,
        }
    }

    fn cut_up(&mut self) {
        let room = self.whole.slots.len() / SEGMENTS;
        self.cut = (0..SEGMENTS).map(|_| Segment::with_slots(room)).collect();
        let whole = std::mem::replace(&mut self.whole, Segment::with_slots(0));
        for slot in whole.slots.iter().filter(|slot| slot.is_taken()) {
            self.segment_mut(&slot.key).insert(*slot);
        }
    }
}

fn segment_of<K: SlotKey>(key: &K) -> usize {
    (key.hash() >> (u64::BITS - SEGMENT_BITS)) as usize
}

#[derive(Clone, Copy)]
struct Slot<K> {
    key: K,
    entry: Entry,
}

impl<K: SlotKey> Slot<K> {
    fn empty() -> Self {
        Self { key: K::default(), entry: Entry::default() }
    }

    fn is_taken(&self) -> bool {
        self.entry.id != LocalId::NONE
    }
}

struct Segment<K> {
    slots: Box<[Slot<K>]>,
    used: usize,
}

impl<K: SlotKey> Segment<K> {
    fn with_slots(count: usize) -> Self {
        Self { slots: vec![Slot::empty(); count].into_boxed_slice(), used: 0 }
    }

    /// Scales the hash to the number of slots, which need not be a power of two.
    fn home(&self, key: &K) -> usize {
        let fraction = (key.hash() << SEGMENT_BITS) >> 32;
        ((fraction * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn find(&self, key: &K) -> Option<usize> {
        let mut at = self.home(key);
        // Ends at an empty slot: a segment is never full.
        loop {
            let slot = self.slots.get(at).filter(|slot| slot.is_taken())?;
            if slot.key == *key {
                return Some(at);
            }
            at = self.after(at);
        }
    }

    fn insert(&mut self, slot: Slot<K>) {
        // At most four fifths are taken.
        if (self.used + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        let mut at = self.home(&slot.key);
        while self.slots.get(at).is_some_and(Slot::is_taken) {
            at = self.after(at);
        }
        if let Some(empty) = self.slots.get_mut(at) {
            *empty = slot;
            self.used += 1;
        }
    }

    fn grow(&mut self) {
        let more = more_slots(self.slots.len());
        let old = std::mem::replace(self, Self::with_slots(more));
        for slot in old.slots.iter().filter(|slot| slot.is_taken()) {
            self.insert(*slot);
        }
    }

    /// Empties a slot and moves back what only lies behind it because it was taken.
    fn remove_at(&mut self, at: usize) {
        let mut hole = at;
        let mut next = self.after(at);
        while let Some(slot) = self.slots.get(next).filter(|slot| slot.is_taken()) {
            let slot = *slot;
            let home = self.home(&slot.key);
            let count = self.slots.len();
            let from_home = (next + count - home) % count;
            let from_hole = (next + count - hole) % count;
            if from_home >= from_hole {
                if let Some(free) = self.slots.get_mut(hole) {
                    *free = slot;
                }
                hole = next;
            }
            next = self.after(next);
        }
        if let Some(free) = self.slots.get_mut(hole) {
            *free = Slot::empty();
            self.used -= 1;
        }
    }
}

/// The next of 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, ..., less one. That is what common allocators hand
/// out without rounding up, with a few bytes left for those that align by hand.
fn more_slots(count: usize) -> usize {
    let size = count + 1;
    let step = ((size + 1).next_power_of_two() / 8).max(1);
    ((size / step + 1) * step).max(4) - 1
}

#[cfg(test)]
#[path = "tests/slots.rs"]
mod tests;
