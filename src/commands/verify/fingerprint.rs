//! A record in 64 bits, under a key that is new each time.
//!
//! Two records with the same fingerprint are taken for equal. Nobody who writes a record can know the
//! key, so one that differs passes with a chance of 2^-64.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::kafka::{HeaderView, TopicRecord};

/// A record's fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Print(pub(super) u64);

/// Whether all headers went into a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparable {
    /// They did.
    Whole,
    /// A header's name is no text; only that there is one went in.
    NotHeaders,
}

/// Makes fingerprints under one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fingerprints {
    hasher: SipHasher13,
}

impl Fingerprints {
    /// With a new random key.
    pub(super) fn new() -> Self {
        let key: [u8; 16] = rand::random();
        Self { hasher: SipHasher13::new_with_key(&key) }
    }

    /// Key, value, headers and timestamp of a record; not its place.
    pub(super) fn of(&self, record: &TopicRecord<'_>) -> (Print, Comparable) {
        self.of_with(record, None)
    }

    /// The same, as if this header's name and value stood behind the record's own.
    pub(super) fn of_with(
        &self,
        record: &TopicRecord<'_>,
        appended: Option<(&str, &str)>,
    ) -> (Print, Comparable) {
        let mut hasher = self.hasher;
        write(&mut hasher, record.key());
        write(&mut hasher, record.value());
        hasher.write_i64(record.timestamp_ms().unwrap_or(i64::MIN));
        let mut comparable = Comparable::Whole;
        record.each_header(|header| match header {
            HeaderView::Text { name, value } => {
                write(&mut hasher, Some(name.as_bytes()));
                write(&mut hasher, value);
            }
            HeaderView::Unreadable => {
                comparable = Comparable::NotHeaders;
                write(&mut hasher, None);
            }
        });
        if let Some((name, value)) = appended {
            write(&mut hasher, Some(name.as_bytes()));
            write(&mut hasher, Some(value.as_bytes()));
        }
        (Print(hasher.finish()), comparable)
    }

    /// Any bytes.
    pub(super) fn of_parts(&self, parts: &[&[u8]]) -> Print {
        let mut hasher = self.hasher;
        for part in parts {
            write(&mut hasher, Some(part));
        }
        Print(hasher.finish())
    }
}

/// Lengths go in too, so that no two lists of parts read the same.
fn write(hasher: &mut SipHasher13, bytes: Option<&[u8]>) {
    match bytes {
        None => hasher.write_u64(u64::MAX),
        Some(bytes) => {
            hasher.write_u64(bytes.len() as u64);
            hasher.write(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_or_one_boundary_makes_another_fingerprint() {
        let prints = Fingerprints::new();
        let of = |parts: &[&[u8]]| prints.of_parts(parts);
        assert_eq!(of(&[b"ab", b"c"]), of(&[b"ab", b"c"]));
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_ne!(of(&[b"ab"]), of(&[b"aB"]));
        assert_ne!(of(&[b""]), of(&[]));
    }

    #[test]
    fn another_run_has_another_key() {
        let of = || Fingerprints::new().of_parts(&[b"the same"]);
        assert_ne!(of(), of());
    }
}
