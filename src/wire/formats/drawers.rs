//! Names sorted into drawers, so that a name is held against one or two others and not against all.
//!
//! Knows numbers only; who asks keeps the names and compares them. Names that differ in upper and
//! lower case only lie in the same drawer.

/// How many drawers there are, for about as many names at most.
const DRAWERS: usize = 64;

/// The numbers of names, by drawer. All numbers are kept one higher, for 0 is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawers {
    /// The last that was put into each drawer.
    last: Vec<u8>,
    /// For each number, the one that was put into the drawer before.
    before: Vec<u8>,
}

impl Drawers {
    /// So many names can be kept.
    pub(super) const NAMES_MAX: usize = 128;

    /// Gives the next number to a name.
    pub(super) fn add(&mut self, name: &str) {
        self.last.resize(DRAWERS, 0);
        let number = u8::try_from(self.before.len() + 1).unwrap_or(0);
        if let Some(last) = self.last.get_mut(drawer_of(name)) {
            self.before.push(*last);
            *last = number;
        }
    }

    /// The numbers in the drawer where a name would lie.
    #[inline]
    pub(super) fn near(&self, name: &str) -> impl Iterator<Item = usize> {
        let mut next = self.last.get(drawer_of(name)).copied().unwrap_or(0);
        std::iter::from_fn(move || {
            let number = usize::from(next).checked_sub(1)?;
            next = self.before.get(number).copied().unwrap_or(0);
            Some(number)
        })
    }
}

#[inline]
fn drawer_of(name: &str) -> usize {
    // The bit that tells small letters from capitals is set in both.
    let of = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(byte | 0x20));
    let bytes = name.as_bytes();
    (bytes.len() + 7 * of(bytes.first()) + 13 * of(bytes.last())) % DRAWERS
}

#[cfg(test)]
mod tests {
    use super::super::cloud_api::{MARKETING_KEYS, TYPES};
    use super::*;

    #[test]
    fn every_name_lies_in_its_drawer_in_any_case() {
        let names: Vec<String> =
            (0..Drawers::NAMES_MAX).map(|number| format!("n{number}x")).collect();
        let mut drawers = Drawers::default();
        assert_eq!(drawers.near("n1x").count(), 0);
        names.iter().for_each(|name| drawers.add(name));
        for (number, name) in names.iter().enumerate() {
            assert!(drawers.near(name).any(|near| near == number), "{name}");
            assert!(drawers.near(&name.to_uppercase()).any(|near| near == number), "{name}");
        }
    }

    #[test]
    fn the_names_of_one_body_are_spread_over_the_drawers() {
        let others = ["messaging_product", "recipient_type", "to", "recipient", "type", "category"];
        let names = [&others[..], &TYPES, &MARKETING_KEYS].concat();
        let mut drawers = Drawers::default();
        names.iter().for_each(|name| drawers.add(name));
        let held_against: usize = names.iter().map(|name| drawers.near(name).count()).sum();
        assert!(held_against < 2 * names.len(), "{held_against}");
    }
}
