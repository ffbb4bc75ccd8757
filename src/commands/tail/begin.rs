//! Where a tail begins, as written on the command line.
//!
//! What is none of the four forms is refused.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::config::StartFrom;
use crate::consent::Partition;
use crate::kafka::{Span, TopicReader, TopicRecord};
use crate::stream::Fault;

/// Where to begin in each partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At the oldest record that is there.
    Beginning,
    /// After the newest record.
    End,
    /// At the first record of this time or later, in milliseconds since 1970.
    Time(i64),
    /// At so many records before the end.
    Last(NonZeroUsize),
}

impl Begin {
    /// Reads `beginning`, `end`, an RFC 3339 time or `-N`.
    ///
    /// # Errors
    /// Any other text, with what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(count) = text.strip_prefix('-').and_then(|digits| digits.parse().ok()) {
            return Ok(Self::Last(count));
        }
        match StartFrom::parse(text) {
            Some(StartFrom::Beginning) => Ok(Self::Beginning),
            Some(StartFrom::End) => Ok(Self::End),
            Some(StartFrom::Time { millis }) => Ok(Self::Time(millis)),
            Some(StartFrom::Committed) | None => {
                Err("expected beginning, end, a time such as 2026-01-31T00:00:00Z, or -10".into())
            }
        }
    }

    /// The wanted parts from here on; only records that count are counted.
    ///
    /// # Errors
    /// Kafka that does not answer.
    pub(super) fn spans(
        self,
        reader: &TopicReader,
        mut wanted: BTreeMap<Partition, Span>,
        counts: impl FnMut(&TopicRecord<'_>) -> bool,
    ) -> Result<BTreeMap<Partition, Span>, Fault> {
        match self {
            Self::Beginning => Ok(wanted),
            Self::End => {
                wanted.values_mut().for_each(|span| span.first = span.next);
                Ok(wanted)
            }
            Self::Time(ms) => reader.since(wanted, ms),
            Self::Last(count) => reader.last(wanted, count.get(), counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_begins_at_an_end_at_a_time_or_so_many_records_before_the_end() {
        let ten = NonZeroUsize::new(10).expect("not zero");
        for (text, begin) in [
            ("beginning", Begin::Beginning),
            ("end", Begin::End),
            ("-10", Begin::Last(ten)),
            ("1970-01-01T00:00:01.500Z", Begin::Time(1_500)),
        ] {
            assert_eq!(Begin::parse(text), Ok(begin), "{text}");
        }
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["", "-", "-0", "--1", "10", "-x", "latest", "committed", "yesterday"] {
            assert!(Begin::parse(text).is_err(), "{text}");
        }
    }
}
