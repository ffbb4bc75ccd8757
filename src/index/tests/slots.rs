use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

impl SlotKey for Key {
    fn hash(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// All keys of one home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Crowded(u64);

impl SlotKey for Crowded {
    fn hash(&self) -> u64 {
        u64::MAX
    }
}

fn entry(id: u64) -> Entry {
    Entry { id: LocalId(id as u32), flags: HotFlags::default() }
}

fn seen<K: SlotKey>(slots: &Slots<K>, key: &K) -> Option<Entry> {
    let found = slots.get(key);
    assert_eq!(slots.look(&slots.window(*key)), found);
    found
}

#[test]
fn all_keys_are_found_after_growth_and_cutting() {
    let mut slots = Slots::new();
    for number in 0..200_000 {
        slots.insert(Key(number), entry(number));
    }
    assert_eq!(slots.cut.len(), SEGMENTS);
    assert_eq!(slots.len(), 200_000);
    for number in 0..200_000 {
        assert_eq!(seen(&slots, &Key(number)), Some(entry(number)));
    }
    for number in 200_000..210_000 {
        assert_eq!(seen(&slots, &Key(number)), None);
    }
    assert_eq!(slots.iter().count(), 200_000);
}

#[test]
fn growth_in_small_steps_leaves_little_empty() {
    let mut slots = Slots::new();
    for number in 0..100_000u64 {
        slots.insert(Key(number), entry(number));
        let used = slots.len() * size_of::<Slot<Key>>();
        let room = slots.bytes() as f64 / used as f64;
        assert!(number < 1_000 || room < 1.75, "{room} at {number}");
    }
    assert_eq!(size_of::<Slot<Key>>(), 16);
}

#[test]
fn slots_grow_by_a_quarter_or_less() {
    let counts: Vec<_> =
        std::iter::successors(Some(0), |count| Some(more_slots(*count))).take(12).collect();
    assert_eq!(counts, [0, 3, 4, 5, 6, 7, 9, 11, 13, 15, 19, 23]);
}

#[test]
fn an_empty_table_holds_nobody() {
    let slots: Slots<Key> = Slots::new();
    assert_eq!(seen(&slots, &Key(0)), None);
}

#[test]
fn keys_of_one_home_wrap_around_and_survive_each_other_s_removal() {
    let mut slots = Slots::new();
    for number in 0..40 {
        slots.insert(Crowded(number), entry(number));
    }
    for number in (0..40).step_by(3) {
        slots.remove(&Crowded(number));
    }
    for number in 0..40 {
        let expected = (number % 3 != 0).then(|| entry(number));
        assert_eq!(seen(&slots, &Crowded(number)), expected);
    }
}

/// No key is further from its home than the one before it and the step between them: a search that has gone
/// further than a key it meets may end.
fn lies_in_the_order_of_homes<K: SlotKey>(segment: &Segment<K>) -> bool {
    (0..segment.slots.len()).all(|at| {
        let next = segment.after(at);
        let far = |at: usize| {
            let slot = segment.slots.get(at).filter(|slot| slot.is_taken());
            slot.map(|slot| segment.distance(&slot.key, at))
        };
        far(next).is_none_or(|next| next <= far(at).map_or(0, |before| before + 1))
    })
}

proptest! {
    #[test]
    fn behaves_like_a_map(steps in prop::collection::vec((0u64..60, any::<bool>()), 0..300)) {
        let mut slots = Slots::new();
        let mut map = BTreeMap::new();
        for (at, (number, adds)) in (0u64..).zip(steps) {
            // Few homes, so that keys crowd.
            let key = Key((number % 12) + ((number / 12) << 61));
            if adds && !map.contains_key(&key) {
                slots.insert(key, entry(at));
                map.insert(key, entry(at));
            } else if !adds {
                slots.remove(&key);
                map.remove(&key);
            }
            prop_assert_eq!(slots.len(), map.len());
            prop_assert!(slots.segments().all(lies_in_the_order_of_homes));
            for number in 0..60 {
                let key = Key((number % 12) + ((number / 12) << 61));
                prop_assert_eq!(seen(&slots, &key), map.get(&key).copied());
            }
        }
    }
}
