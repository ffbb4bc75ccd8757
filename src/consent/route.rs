//! The name of a route: one outbound topic with what belongs to it.
//!
//! Knows nothing of topics. Small and copied freely, for parts, metrics and receipts carry it.

use std::fmt;

/// The longest name, in bytes.
const LENGTH_MAX: usize = 24;

/// The name of a route: 1 to 24 of `a-z 0-9 -`, beginning with a letter.
///
/// The first route of a gate is [`RouteName::MAIN`]. It is called so where people must name it, and has no
/// name in what others read: receipts, metrics, group and transactional ids are those of a gate that has
/// no other route.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteName {
    letters: [u8; LENGTH_MAX],
    length: usize,
}

impl RouteName {
    /// The first route.
    pub const MAIN: Self = Self { letters: [0; LENGTH_MAX], length: 0 };

    /// What people call the first route.
    pub const MAIN_WORD: &str = "main";

    /// What is allowed, in words.
    pub const ALLOWED: &str = "1 to 24 of a-z 0-9 -, beginning with a letter";

    /// The route that people call so; `None` if nothing can be called so.
    pub fn parse(word: &str) -> Option<Self> {
        if word == Self::MAIN_WORD {
            return Some(Self::MAIN);
        }
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name = word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(legal);
        let mut letters = [0; LENGTH_MAX];
        letters.get_mut(..word.len()).filter(|_| is_name)?.copy_from_slice(word.as_bytes());
        Some(Self { letters, length: word.len() })
    }

    /// The route of a label; the first has none.
    pub fn of_label(label: &str) -> Option<Self> {
        match label {
            "" => Some(Self::MAIN),
            Self::MAIN_WORD => None,
            word => Self::parse(word),
        }
    }

    /// What others read: empty for the first route.
    pub fn label(&self) -> &str {
        let name = self.letters.get(..self.length).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// What people call it.
    pub fn word(&self) -> &str {
        match self.label() {
            "" => Self::MAIN_WORD,
            label => label,
        }
    }
}

impl fmt::Display for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Debug for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_it_was_written() {
        for word in ["main", "codes", "login-codes-2", "abcdefghijklmnopqrstuvwx"] {
            assert_eq!(RouteName::parse(word).expect("a name").word(), word);
        }
        let codes = RouteName::parse("codes").expect("a name");
        assert_eq!(RouteName::of_label(codes.label()), Some(codes));
    }

    #[test]
    fn what_a_label_or_a_group_cannot_hold_is_no_name() {
        for word in ["", "1st", "-a", "Codes", "a.b", "a_b", "a b", "abcdefghijklmnopqrstuvwxy"] {
            assert_eq!(RouteName::parse(word), None, "{word}");
        }
    }

    #[test]
    fn the_first_route_has_a_word_and_no_label() {
        assert_eq!((RouteName::MAIN.word(), RouteName::MAIN.label()), ("main", ""));
        assert_eq!(RouteName::parse("main"), Some(RouteName::MAIN));
        assert_eq!(RouteName::of_label(""), Some(RouteName::MAIN));
        assert_eq!(RouteName::of_label("main"), None, "nobody writes it so");
    }
}
