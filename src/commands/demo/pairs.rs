//! Causal pairs: an opt-out, its acknowledgement, then a message to the same person.
//!
//! The pairs are written while the campaign runs. Whatever the gate is doing at that moment, the
//! message must not go: the opt-out was acknowledged before the message existed. Some opt-outs come
//! right behind a burst of old agreements that are written again, as after a migration: the gate has
//! all of them to read before it can know of the opt-out.

use std::time::{Duration, Instant};

use super::watch::{Fate, Watch};
use crate::commands::simulate::{Customer, Load};
use crate::config::TopicNames;
use crate::kafka::{Clients, EventWriter};
use crate::stream::Fault;
use crate::wire::consent::Produced;

/// Message numbers from here on are the demo's own, not the campaign's.
pub(super) const OWN_MESSAGES_FROM: u64 = 1 << 40;

/// One in so many pairs comes behind a burst.
const BURST_EVERY: usize = 5;

/// One pair that was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// The message's number.
    number: u64,
    /// When the opt-out was acknowledged.
    acknowledged: Instant,
}

/// What became of all pairs.
#[derive(Clone, Debug, Default)]
pub(super) struct PairResult {
    /// Pairs written.
    pub(super) pairs: usize,
    /// Messages that went out although the opt-out was acknowledged first.
    pub(super) slipped: usize,
    /// Messages whose fate was not seen.
    pub(super) unseen: usize,
    /// From acknowledgement to the audit entry that shows its effect, sorted.
    effects: Vec<Duration>,
}

/// Writes one pair for each customer, with a pause between them, some behind a burst of old events.
///
/// # Errors
/// Kafka did not take a record.
pub(super) fn write_pairs(
    clients: &Clients,
    topics: &TopicNames,
    load: &Load<'_>,
    customers: &[Customer<'_>],
    burst: &[Produced],
    pause: Duration,
) -> Result<Vec<Pair>, Fault> {
    let (writer, crowd) = (EventWriter::open(clients)?, EventWriter::open(clients)?);
    let mut pairs = Vec::with_capacity(customers.len());
    for (number, customer) in (OWN_MESSAGES_FROM..).zip(customers) {
        let opt_out = customer.withdrawal();
        let events = topics.consent_events.as_str();
        if pairs.len() % BURST_EVERY == 0 {
            for event in burst {
                crowd.write(events, None, event.key.as_bytes(), &event.value)?;
            }
            crowd.serve();
        }
        writer.write(events, None, opt_out.key.as_bytes(), &opt_out.value)?;
        writer.flush()?;
        let acknowledged = Instant::now();
        let message = load.message_to(customer, number);
        writer.write(topics.outbound.as_str(), None, &message.key, &message.value)?;
        writer.flush()?;
        pairs.push(Pair { number, acknowledged });
        std::thread::sleep(pause);
    }
    crowd.flush()?;
    Ok(pairs)
}

/// Looks up what became of the pairs.
pub(super) fn judge_pairs(pairs: &[Pair], watch: &Watch) -> PairResult {
    let mut result = PairResult { pairs: pairs.len(), ..PairResult::default() };
    for pair in pairs {
        match watch.fate_of(pair.number) {
            Some((Fate::Allowed, _)) => result.slipped += 1,
            Some((Fate::Suppressed(_), seen)) => {
                result.effects.push(seen.saturating_duration_since(pair.acknowledged));
            }
            None => result.unseen += 1,
        }
    }
    result.effects.sort();
    result
}

impl PairResult {
    /// The time below which so many of a hundred effects lie.
    pub(super) fn effect(&self, percent: usize) -> Option<Duration> {
        let last = self.effects.len().checked_sub(1)?;
        self.effects.get(last * percent / 100).copied()
    }
}
