//! Where to start when there is no position of ours.
//!
//! There is no default: a gate that starts "at the latest" has skipped messages, and one that starts
//! "at the earliest" may send last month's campaign again.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where to start on partitions without a position of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFrom {
    /// At the oldest record that is there.
    Beginning,
    /// After the newest record; all before it is a gap.
    End,
    /// Where the group's committed offset is, whoever moved it.
    Committed,
    /// At the first record of this time or later, in milliseconds since 1970.
    Time {
        /// The time.
        millis: i64,
    },
}

impl StartFrom {
    /// What is allowed, in words.
    pub const ALLOWED: &str =
        "\"beginning\", \"end\", \"committed\", or a time such as \"2026-01-31T00:00:00Z\"";

    /// Reads `beginning`, `end`, `committed` or an RFC 3339 time in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "beginning" => Some(Self::Beginning),
            "end" => Some(Self::End),
            "committed" => Some(Self::Committed),
            _ => {
                let time = humantime::parse_rfc3339(text).ok()?;
                let since = time.duration_since(UNIX_EPOCH).ok()?;
                let millis = i64::try_from(since.as_millis()).ok()?;
                Some(Self::Time { millis })
            }
        }
    }
}

impl fmt::Display for StartFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beginning => f.write_str("beginning"),
            Self::End => f.write_str("end"),
            Self::Committed => f.write_str("committed"),
            Self::Time { millis } => {
                let since = std::time::Duration::from_millis(millis.unsigned_abs());
                let time: SystemTime = UNIX_EPOCH + since;
                write!(f, "{}", humantime::format_rfc3339_millis(time))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_milliseconds() {
        let start = StartFrom::parse("1970-01-01T00:00:01.500Z");
        assert_eq!(start, Some(StartFrom::Time { millis: 1_500 }));
    }

    #[test]
    fn kafkas_own_defaults_are_no_start() {
        assert_eq!(StartFrom::parse("latest"), None);
        assert_eq!(StartFrom::parse("earliest"), None);
    }
}
