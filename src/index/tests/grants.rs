use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::consent::TextRef;

#[test]
fn a_cell_takes_16_bytes() {
    assert_eq!(size_of::<Cell>(), 16);
}

proptest! {
    #[test]
    fn a_grant_is_held_in_full(
        at: u32,
        until: Option<u32>,
        event: u64,
        text in 0..=TextIx::MAX.0,
        double: bool,
    ) {
        let strength = if double { Strength::Double } else { Strength::Single };
        let grant = Grant {
            at: Seconds(at),
            strength,
            valid_until: until.map(Seconds),
            text: TextRef::new("a", "1"),
            event: EventId(event),
            other_texts: BTreeSet::new(),
        };
        let mut grants = Grants::new();
        grants.set(LocalId(7), &grant, TextIx(text));
        let cell = grants.get(LocalId(7)).unwrap();
        prop_assert_eq!(cell.at(), grant.at);
        prop_assert_eq!(cell.strength(), grant.strength);
        prop_assert_eq!(grants.valid_until(LocalId(7)).copied(), grant.valid_until);
        prop_assert_eq!(cell.ends(), until.is_some());
        prop_assert_eq!(cell.event(), grant.event);
        prop_assert_eq!(cell.text(), TextIx(text));
    }
}
