//! Names, numbers and times, as the documents spell them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A name of an event, a message or a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(u64);

impl Id {
    /// Nothing for an empty name.
    pub(crate) fn of(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(fingerprint(text)))
    }
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Whom a business addresses. Its debug form names nobody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Identity {
    /// The digits of an E.164 number.
    Phone(Box<str>),
    /// A business-scoped user id.
    User(Box<str>),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "Phone(***)",
            Self::User(_) => "User(***)",
        })
    }
}

impl Identity {
    /// Reads either form.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::phone(text).or_else(|| Self::user(text))
    }

    /// Reads a number in any spelling that names its country.
    pub(crate) fn phone(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
        fits.then(|| Self::Phone(digits.into()))
    }

    /// Reads `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`.
    pub(crate) fn user(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let id = rest.strip_prefix("ENT.").unwrap_or(rest);
        let fits = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self::User(text.into()))
    }

    /// As a consent record's key spells it.
    pub(crate) fn spelt(&self) -> String {
        match self {
            Self::Phone(digits) => format!("+{digits}"),
            Self::User(id) => id.to_string(),
        }
    }

    /// What would betray the person if it stood somewhere.
    pub(crate) fn digits_or_id(&self) -> &str {
        match self {
            Self::Phone(digits) => digits,
            Self::User(id) => id,
        }
    }

    /// The other way in which Mexico (1), Argentina (9) and Brazil (a ninth digit) write a number.
    pub(crate) fn variant(&self) -> Option<Self> {
        let Self::Phone(digits) = self else { return None };
        for (code, area, inserted, rest) in
            [("52", 0, '1', 10), ("54", 0, '9', 10), ("55", 2, '9', 8)]
        {
            let Some(behind) = digits.strip_prefix(code) else { continue };
            let (head, tail) = behind.split_at_checked(area)?;
            let other = match tail.strip_prefix(inserted) {
                Some(without) if without.len() == rest => format!("{code}{head}{without}"),
                _ if tail.len() == rest => format!("{code}{head}{inserted}{tail}"),
                _ => return None,
            };
            return Some(Self::Phone(other.into()));
        }
        None
    }
}

/// The digits of a number that names its country: behind `+` or `00`, in any spelling, or bare.
fn digits(text: &str) -> Option<String> {
    let plain = text.strip_prefix('+').unwrap_or(text);
    let is_plain = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain && !plain.starts_with('0') {
        return Some(plain.to_owned());
    }
    let mut signs = String::new();
    for sign in text.chars() {
        match sign {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            '+' | '\u{ff0b}' => signs.push('+'),
            '(' | '\u{ff08}' => signs.push('('),
            ')' | '\u{ff09}' => signs.push(')'),
            ' '
            | '\t'
            | '\u{a0}'
            | '\u{2000}'..='\u{200a}'
            | '\u{202f}'
            | '\u{3000}'
            | '.'
            | '-'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{ff0d}'
            | '\u{ff0e}' => {}
            _ => signs.push(own_digit(sign)?),
        }
    }
    let number = signs.strip_prefix('+').or_else(|| signs.strip_prefix("00"))?;
    // Of a digit 0 in brackets nobody knows whether it belongs to the number.
    if number.contains("(0") || number.contains("()") {
        return None;
    }
    let mut within = false;
    let mut digits = String::new();
    for sign in number.chars() {
        match (sign, within) {
            ('(', false) => within = true,
            (')', true) => within = false,
            ('0'..='9', _) => digits.push(sign),
            _ => return None,
        }
    }
    (!within).then_some(digits)
}

fn own_digit(sign: char) -> Option<char> {
    let zeros = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'].map(u32::from);
    let zero = zeros.into_iter().find(|zero| (*zero..zero + 10).contains(&u32::from(sign)))?;
    char::from_digit(u32::from(sign) - zero, 10)
}

/// Whether a text may name a business or a scope.
pub(crate) fn is_name(text: &str) -> bool {
    let bad = |sign: char| sign == '/' || sign.is_control() || sign.is_whitespace();
    (1..=128).contains(&text.len()) && !text.chars().any(bad)
}

/// The whole second in which a millisecond lies.
pub(crate) fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1_000)
}

/// The partition in which Java's default partitioner puts a key.
pub(crate) fn partition_of(key: &[u8], count: i32) -> i32 {
    let multiply = 0x5bd1_e995_u32;
    let mut hash = 0x9747_b28c ^ key.len() as u32;
    let mut words = key.chunks_exact(4);
    for word in &mut words {
        let word = word.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let mixed = word.wrapping_mul(multiply);
        hash = hash.wrapping_mul(multiply) ^ (mixed ^ mixed >> 24).wrapping_mul(multiply);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(multiply);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(multiply);
    hash ^= hash >> 15;
    (hash & 0x7fff_ffff) as i32 % count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_spelling_that_names_their_country() {
        let number = Identity::phone("+12025550123");
        assert!(number.is_some());
        for spelling in ["12025550123", "00 1 (202) 555-0123", "+1.202.555.0123", "+(1)2025550123"]
        {
            assert_eq!(Identity::read(spelling), number, "{spelling}");
        }
        for none in [
            "(202) 555-0123",
            "+44 (0)20 7946 0018",
            "02025550123",
            "+1 () 2025550123",
            "+",
            "1 202 555 0123",
        ] {
            assert_eq!(Identity::read(none), None, "{none}");
        }
    }

    #[test]
    fn three_countries_have_two_forms() {
        for (long, short) in [
            ("5210000000123", "520000000123"),
            ("5490000000123", "540000000123"),
            ("5511912345678", "551112345678"),
        ] {
            let (long, short) = (Identity::phone(long).unwrap(), Identity::phone(short).unwrap());
            assert_eq!(long.variant().as_ref(), Some(&short));
            assert_eq!(short.variant(), Some(long));
        }
        assert_eq!(Identity::phone("12025550123").unwrap().variant(), None);
    }

    /// Values of Kafka's own tests of `Utils.murmur2`, as partitions of 1,000.
    #[test]
    fn keys_lie_where_java_puts_them() {
        let known: [(&str, i32); 4] = [
            ("21", -973932308),
            ("foobar", -790332482),
            ("a-little-bit-long-string", -985981536),
            ("abc", 479470107),
        ];
        for (key, hash) in known {
            assert_eq!(partition_of(key.as_bytes(), 1_000), (hash & 0x7fff_ffff) % 1_000, "{key}");
        }
    }
}
