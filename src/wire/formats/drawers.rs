//! Names, each with its number, sorted into drawers: a name is held against one or two others and not
//! against all.
//!
//! Two names are compared by their first and last eight bytes, which is all of most of them. Names that
//! differ in upper and lower case only lie in the same drawer.

/// How many drawers there are, for a few dozen names.
const DRAWERS: usize = 256;

/// Sets the bit that tells small letters from capitals, in every byte.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// The names by their numbers, from 0 on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawers {
    /// The number, one higher, of the last name that was put into each drawer; 0 is none.
    last: Vec<u8>,
    names: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    ends: Ends,
    text: Box<str>,
    /// The number, one higher, of the name that was put into the same drawer before.
    before: u8,
}

/// A name among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It has this number.
    Number(usize),
    /// It would have this number but for upper and lower case.
    Almost(usize),
    /// It is none of them.
    Nowhere,
}

impl Drawers {
    /// So many names can be kept.
    pub(super) const NAMES_MAX: usize = 128;

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The number of a name, which is the next one if it is new.
    pub(super) fn number(&mut self, name: &str) -> usize {
        match self.place(name) {
            Place::Number(number) => number,
            Place::Almost(_) | Place::Nowhere => self.add(name),
        }
    }

    fn add(&mut self, name: &str) -> usize {
        let (ends, number) = (Ends::of(name.as_bytes()), self.names.len());
        self.last.resize(DRAWERS, 0);
        let mut before = 0;
        // Who keeps more names than there are numbers is refused by who asked for them.
        if let (Some(last), Ok(next)) = (self.last.get_mut(ends.drawer()), u8::try_from(number + 1))
        {
            before = std::mem::replace(last, next);
        }
        self.names.push(Name { ends, text: name.into(), before });
        number
    }

    /// Where a name is, if it is one of them in just these letters.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let ends = Ends::of(name.as_bytes());
        let mut near = self.near(ends);
        near.find_map(|(number, known)| known.is(name, ends).then_some(number))
    }

    /// Where a name is, in whatever letters.
    #[inline]
    pub(super) fn place(&self, name: &str) -> Place {
        match self.find(name) {
            Some(number) => Place::Number(number),
            None => self.almost(name),
        }
    }

    fn almost(&self, name: &str) -> Place {
        let mut near = self.near(Ends::of(name.as_bytes()));
        let alike = near.find(|(_, known)| known.text.eq_ignore_ascii_case(name));
        alike.map_or(Place::Nowhere, |(number, _)| Place::Almost(number))
    }

    /// What lies in the drawer of these ends, the last that was put in first.
    #[inline]
    fn near(&self, ends: Ends) -> impl Iterator<Item = (usize, &Name)> {
        let mut next = self.last.get(ends.drawer()).copied().unwrap_or(0);
        std::iter::from_fn(move || {
            let number = usize::from(next).checked_sub(1)?;
            let name = self.names.get(number)?;
            next = name.before;
            Some((number, name))
        })
    }
}

impl Name {
    #[inline]
    fn is(&self, name: &str, ends: Ends) -> bool {
        self.ends == ends && (ends.len <= 16 || *self.text == *name)
    }
}

/// How long a name is, how it begins and how it ends. Up to sixteen bytes that is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    len: usize,
    first: u64,
    last: u64,
}

impl Ends {
    #[inline]
    fn of(name: &[u8]) -> Self {
        let of_four = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
        let (first, last) = match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (name.first_chunk(), name.last_chunk()) {
                (Some(first), Some(last)) => (of_four(first), of_four(last)),
                _ => name.iter().fold((0, 0), |(all, _), byte| (all << 8 | u64::from(*byte), 0)),
            },
        };
        Self { len: name.len(), first, last }
    }

    #[inline]
    fn drawer(self) -> usize {
        /// Odd, and with its bits well mixed: 2^64 divided by the golden ratio.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let both = (self.first | SMALL) ^ (self.last | SMALL).rotate_left(33) ^ self.len as u64;
        (both.wrapping_mul(SPREAD) >> 56) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::super::cloud_api::{MARKETING_KEYS, TYPES};
    use super::super::field::Field;
    use super::*;

    fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Drawers {
        let mut drawers = Drawers::default();
        names.into_iter().for_each(|name| {
            drawers.number(name);
        });
        drawers
    }

    #[test]
    fn every_name_is_found_in_its_own_letters_and_almost_in_others() {
        let numbers = 0..Drawers::NAMES_MAX;
        let names: Vec<String> =
            numbers.map(|number| format!("{number:x}{}", "n".repeat(number % 30))).collect();
        assert_eq!(Drawers::default().place("n1x"), Place::Nowhere);
        let drawers = of(names.iter().map(String::as_str));
        assert_eq!(drawers.len(), Drawers::NAMES_MAX);
        for (number, name) in names.iter().enumerate() {
            assert_eq!(drawers.place(name), Place::Number(number), "{name}");
            let capitals = name.to_uppercase();
            let place =
                if capitals == *name { Place::Number(number) } else { Place::Almost(number) };
            assert_eq!(drawers.place(&capitals), place, "{name}");
        }
    }

    #[test]
    fn a_name_is_no_other_of_its_length() {
        for len in 1..40 {
            let name = "n".repeat(len);
            let drawers = of([name.as_str()]);
            assert_eq!(drawers.find(&"n".repeat(len + 1)), None, "{len}");
            assert_eq!(drawers.find(&"n".repeat(len - 1)), None, "{len}");
            for other in 0..len {
                let mut bytes = name.clone().into_bytes();
                bytes[other] = b'm';
                let changed = String::from_utf8(bytes).unwrap();
                assert_eq!(drawers.place(&changed), Place::Nowhere, "{changed}");
            }
        }
    }

    #[test]
    fn a_name_in_other_letters_beside_one_in_its_own_is_found() {
        let drawers = of(["To", "to", "TO", "to"]);
        assert_eq!(drawers.len(), 3);
        assert_eq!(drawers.place("to"), Place::Number(1));
        assert!(matches!(drawers.place("tO"), Place::Almost(_)));
    }

    #[test]
    fn the_names_of_messages_have_drawers_of_their_own() {
        let others = ["messaging_product", "recipient_type", "to", "recipient", "type", "category"];
        let body = [&others[..], &TYPES, &MARKETING_KEYS].concat();
        let headers = Field::MAPPED.map(Field::name);
        for names in [&body[..], &headers[..]] {
            let drawers = of(names.iter().copied());
            let near = |name: &&str| drawers.near(Ends::of(name.as_bytes())).count();
            let held_against: usize = names.iter().map(near).sum();
            assert!(held_against <= names.len() + 4, "{held_against} for {}", names.len());
        }
    }
}
