use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::consent::{EventId, Seconds, Strength};
use crate::index::texts::TextIx;

fn cells() -> impl Strategy<Value = Cell> {
    let strength = prop::sample::select(vec![Strength::Single, Strength::Double]);
    let parts = (any::<u32>(), strength, any::<Option<u32>>(), 0..=TextIx::MAX.0, any::<u64>());
    parts.prop_map(|(at, strength, until, text, event)| Cell {
        at: Seconds(at),
        strength,
        valid_until: until.map(Seconds),
        text: TextIx(text),
        event: EventId(event),
    })
}

proptest! {
    #[test]
    fn grants_behave_like_a_map(
        steps in prop::collection::vec((0u32..130, prop::option::weighted(0.8, cells())), 0..300)
    ) {
        let mut grants = Grants::new();
        let mut map = BTreeMap::new();
        for (number, cell) in steps {
            let id = LocalId(number);
            match cell {
                Some(cell) => {
                    grants.set(id, &cell);
                    map.insert(id, cell);
                }
                None => {
                    grants.remove(id);
                    map.remove(&id);
                }
            }
            prop_assert_eq!(grants.get(id), map.get(&id).copied());
            prop_assert_eq!(grants.has(id), map.contains_key(&id));
        }
        prop_assert_eq!(grants.len(), map.len());
        prop_assert!(grants.iter().eq(map.iter().map(|(id, cell)| (*id, *cell))));
    }
}

#[test]
fn a_full_segment_takes_16_bytes_a_grant_and_4_an_end() {
    let mut grants = Grants::new();
    for number in 0..64 {
        let cell = Cell {
            at: Seconds(number),
            strength: Strength::Single,
            valid_until: (number % 4 == 0).then_some(Seconds(number)),
            text: TextIx(0),
            event: EventId(0),
        };
        grants.set(LocalId(number), &cell);
    }
    assert_eq!(grants.room * 4, 64 * 16 + 16 * 16);
}
