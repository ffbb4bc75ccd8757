//! A record's bytes as one number, so that millions can be compared in memory.
//!
//! The number is keyed by a secret of this run, so nobody can prepare two records that look the same. Key,
//! value, headers and timestamp are in it, and whether each is there at all.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use crate::source::{Header, Record};

/// The secret of a run.
#[derive(Clone, Default)]
pub(crate) struct Fingerprints(RandomState);

/// What a gate may append to what it allows.
const DECISION_HEADER: &[u8] = b"consentgate-decision";

/// An output record: whole, and without a decision header at its end.
#[derive(Clone, Debug)]
pub(crate) struct Prints {
    pub(crate) whole: u64,
    pub(crate) stripped: Option<(u64, Box<[u8]>)>,
}

impl Fingerprints {
    pub(crate) fn of(&self, record: &Record<'_>) -> u64 {
        self.with(record, record.headers.count, record.headers.each())
    }

    /// Of an output record.
    pub(crate) fn both(&self, record: &Record<'_>) -> Prints {
        let count = record.headers.count;
        let last = record.headers.each().last();
        let stripped = match last {
            Some((name, value)) if name == DECISION_HEADER => {
                let without = self.with(record, count - 1, record.headers.each().take(count - 1));
                Some((without, value.unwrap_or_default().into()))
            }
            _ => None,
        };
        Prints { whole: self.of(record), stripped }
    }

    fn with<'a>(
        &self,
        record: &Record<'_>,
        count: usize,
        headers: impl Iterator<Item = Header<'a>>,
    ) -> u64 {
        let mut hasher = self.0.build_hasher();
        record.timestamp_ms.hash(&mut hasher);
        record.key.hash(&mut hasher);
        record.value.hash(&mut hasher);
        count.hash(&mut hasher);
        headers.for_each(|header| header.hash(&mut hasher));
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Headers;
    use crate::source::varint::put_varlong;

    fn header(name: &[u8], value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [name, value] {
            put_varlong(part.len() as i64, &mut bytes);
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn every_byte_is_in_it_and_the_decision_header_can_be_left_out() {
        let prints = Fingerprints::default();
        let (one, two) = (header(b"a", b"1"), header(b"a", b"2"));
        let of = |bytes| Headers::checked(1, bytes).unwrap();
        let record = Record {
            offset: 7,
            timestamp_ms: 1,
            key: Some(b"k"),
            value: Some(b"v"),
            headers: of(&one),
        };
        let whole = prints.of(&record);
        assert_eq!(prints.of(&Record { offset: 8, ..record }), whole);
        for other in [
            Record { timestamp_ms: 2, ..record },
            Record { key: None, ..record },
            Record { key: Some(b""), ..record },
            Record { value: Some(b"w"), ..record },
            Record { headers: Headers::default(), ..record },
            Record { headers: of(&two), ..record },
        ] {
            assert_ne!(prints.of(&other), whole);
        }
        assert!(prints.both(&record).stripped.is_none());
        let more = [one.clone(), header(DECISION_HEADER, b"x")].concat();
        let more = Record { headers: Headers::checked(2, &more).unwrap(), ..record };
        let (stripped, value) = prints.both(&more).stripped.unwrap();
        assert_eq!((stripped, &*value), (whole, &b"x"[..]));
    }
}
