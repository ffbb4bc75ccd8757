//! What a trial has counted so far: by business, scope, outcome and reason, and by hour.
//!
//! Knows no person. It can be written down and read again, so that a stopped trial goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outcome::{Near, Outcome, Told};

/// An hour in milliseconds.
pub(super) const HOUR_MS: i64 = 3_600_000;

/// So many different lines are kept; what comes after that is counted under [`OTHERS`].
const LINES_MAX: usize = 200_000;
/// The business and the scope of lines beyond the limit.
pub(super) const OTHERS: &str = "(others)";

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) business: String,
    pub(super) scope: String,
    pub(super) outcome: Outcome,
    /// Why it was stopped; empty if it was not.
    pub(super) reason: String,
    /// The objection that stood, if it slipped.
    pub(super) slip: String,
}

/// What was counted in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hour {
    pub(super) messages: u64,
    pub(super) stopped: u64,
    pub(super) slips: u64,
}

/// All counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) messages: u64,
    /// Messages of which both orders are possible, one of them before an opt-out or after one.
    pub(super) near: u64,
    /// Messages without a time: they stand nowhere in the order.
    pub(super) undated: u64,
    /// Messages whose time steps back further than the tolerance: none of them counts as a slip.
    pub(super) missed_turns: u64,
    /// How far a message's time steps back within its partition, at most, in milliseconds.
    pub(super) steps_back_ms: i64,
    /// How many messages carry the broker's time, and not their writer's.
    pub(super) broker_time: u64,
    #[serde(with = "pairs")]
    lines: BTreeMap<Line, u64>,
    #[serde(with = "pairs")]
    pub(super) hours: BTreeMap<i64, Hour>,
}

impl Counts {
    /// Counts one message of this time.
    pub(super) fn count(&mut self, business: &str, scope: &str, time_ms: Option<i64>, told: Told) {
        self.messages += 1;
        self.near += u64::from(told.near == Near::Yes);
        let name = |reason: Option<crate::decision::Reason>| {
            reason.map_or("", crate::decision::Reason::name).to_owned()
        };
        let mut line = Line {
            business: business.to_owned(),
            scope: scope.to_owned(),
            outcome: told.outcome,
            reason: name(told.reason),
            slip: name(told.slip),
        };
        if self.lines.len() >= LINES_MAX && !self.lines.contains_key(&line) {
            (line.business, line.scope) = (OTHERS.to_owned(), OTHERS.to_owned());
        }
        *self.lines.entry(line).or_default() += 1;
        let Some(time_ms) = time_ms else {
            self.undated += 1;
            return;
        };
        let hour = self.hours.entry(time_ms.div_euclid(HOUR_MS)).or_default();
        hour.messages += 1;
        hour.stopped += u64::from(told.outcome == Outcome::Stopped);
        hour.slips += u64::from(told.slip.is_some());
    }

    /// All lines, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Line, u64)> {
        self.lines.iter().map(|(line, count)| (line, *count))
    }

    /// How many messages had this outcome.
    pub(super) fn of(&self, outcome: Outcome) -> u64 {
        let of_it = self.lines().filter(|(line, _)| line.outcome == outcome);
        of_it.map(|(_, count)| count).sum()
    }

    /// How many messages left after the person had opted out.
    pub(super) fn slips(&self) -> u64 {
        self.lines().filter(|(line, _)| !line.slip.is_empty()).map(|(_, count)| count).sum()
    }

    /// Sums of the lines that count, by what `key` says of them; the greatest first.
    pub(super) fn by<'c>(
        &'c self,
        counts: impl Fn(&Line) -> bool,
        key: impl Fn(&'c Line) -> &'c str,
    ) -> Vec<(&'c str, u64)> {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for (line, count) in self.lines().filter(|(line, _)| counts(line)) {
            *sums.entry(key(line)).or_default() += count;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        sums
    }
}

/// A map as a list of pairs: JSON has no other keys than text.
mod pairs {
    use std::collections::BTreeMap;

    use serde::de::{Deserialize, Deserializer};
    use serde::ser::{Serialize, Serializer};

    pub(super) fn serialize<S, K, V>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        K: Serialize,
        V: Serialize,
    {
        to.collect_seq(map.iter())
    }

    pub(super) fn deserialize<'de, D, K, V>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
