use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn behaves_like_a_map(steps in prop::collection::vec((0u32..200, any::<Option<u8>>()), 0..200)) {
        let mut ranked = Ranked::new();
        let mut map = BTreeMap::new();
        for (number, value) in steps {
            let id = LocalId(number);
            match value {
                Some(value) => {
                    ranked.set(id, value);
                    map.insert(id, value);
                }
                None => prop_assert_eq!(ranked.remove(id), map.remove(&id)),
            }
            prop_assert_eq!(ranked.get(id), map.get(&id));
            prop_assert_eq!(ranked.has(id), map.contains_key(&id));
        }
        for number in 0..200 {
            prop_assert_eq!(ranked.get(LocalId(number)), map.get(&LocalId(number)));
        }
    }
}

#[test]
fn an_id_without_a_value_takes_no_value_s_room() {
    let mut ranked = Ranked::new();
    ranked.set(LocalId(6_400), [0u8; 20]);
    ranked.set(LocalId(0), [0u8; 20]);
    assert!(ranked.bytes() <= 128 * 24 + 40 + 128 * 24);
    assert_eq!(ranked.get(LocalId(1)), None);
}
