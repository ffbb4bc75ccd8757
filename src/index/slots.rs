//! A hash table of identities that can be read early.
//!
//! Open addressing over exact keys. It knows no identity: a key brings its own keyed hash. Of those that
//! want a slot the one that is furthest from home has it (Robin Hood hashing), so the keys lie in the order
//! of their homes, and the search for one that is not there ends early. It differs from a general map in
//! three ways that memory and latency need: the first slots of a key can be brought near before the key is
//! looked up, it grows by a quarter or less instead of doubling, and a large table is cut into segments, so
//! that growth copies a bounded piece. Removal shifts back, so no slot is lost.

use prefetch_index::prefetch_index;

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
    /// Where it begins, and of how many slots it is a part.
    home: usize,
    count: usize,
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
    /// Brings them near: three lines at most.
    pub(super) fn bring(&self) {
        for at in [0, WINDOW / 2, WINDOW - 1] {
            prefetch_index(self.slots, at);
        }
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
        match self.slots.last() {
            Some(last) if self.is_behind(last) => Glance::Nobody,
            _ => Glance::Elsewhere,
        }
    }

    /// Whether the key's place, were it there, would be before that of the window's last slot.
    fn is_behind(&self, last: &Slot<K>) -> bool {
        let at = self.home + WINDOW - 1;
        distance(self.count, home_of(self.count, &last.key), at) < WINDOW - 1
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

    /// The first slots in which a key may lie. Reads none of them.
    pub(super) fn window(&self, key: K) -> Window<'_, K> {
        let segment = self.segment(&key);
        let home = segment.home(&key);
        let slots = segment.slots.get(home..home + WINDOW).unwrap_or_default();
        Window { key, slots, home, count: segment.slots.len() }
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

    fn home(&self, key: &K) -> usize {
        home_of(self.slots.len(), key)
    }

    /// How far a key at this place is from its home.
    fn distance(&self, key: &K, at: usize) -> usize {
        distance(self.slots.len(), self.home(key), at)
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn find(&self, key: &K) -> Option<usize> {
        let (mut at, mut from_home) = (self.home(key), 0);
        // Ends at an empty slot: a segment is never full.
        loop {
            let slot = self.slots.get(at).filter(|slot| slot.is_taken())?;
            if slot.key == *key {
                return Some(at);
            }
            if self.distance(&slot.key, at) < from_home {
                return None;
            }
            (at, from_home) = (self.after(at), from_home + 1);
        }
    }

    fn insert(&mut self, mut slot: Slot<K>) {
        // At most four fifths are taken.
        if (self.used + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        let (mut at, mut from_home) = (self.home(&slot.key), 0);
        while let Some(taken) = self.slots.get(at).filter(|slot| slot.is_taken()) {
            let its_distance = self.distance(&taken.key, at);
            if let (true, Some(place)) = (its_distance < from_home, self.slots.get_mut(at)) {
                std::mem::swap(place, &mut slot);
                from_home = its_distance;
            }
            (at, from_home) = (self.after(at), from_home + 1);
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

    /// Empties a slot and moves each behind it back by one, up to the first that lies at home.
    fn remove_at(&mut self, at: usize) {
        let mut hole = at;
        let mut next = self.after(at);
        while let Some(slot) = self.slots.get(next).copied().filter(Slot::is_taken) {
            if self.distance(&slot.key, next) == 0 {
                break;
            }
            if let Some(free) = self.slots.get_mut(hole) {
                *free = slot;
            }
            (hole, next) = (next, self.after(next));
        }
        if let Some(free) = self.slots.get_mut(hole) {
            *free = Slot::empty();
            self.used -= 1;
        }
    }
}

/// Scales the hash to the number of slots, which need not be a power of two.
fn home_of<K: SlotKey>(count: usize, key: &K) -> usize {
    let fraction = (key.hash() << SEGMENT_BITS) >> 32;
    ((fraction * count as u64) >> 32) as usize
}

/// How far it is from a home to a place, around the end.
fn distance(count: usize, home: usize, at: usize) -> usize {
    if at >= home { at - home } else { at + count - home }
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
