//! Causal pairs: an opt-out, its acknowledgement, then a message to the same person.
//!
//! The pair is written while the campaign runs. Whatever the gate is doing at that moment, the
//! message must not go: the opt-out was acknowledged before the message existed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::cast::{Cast, Member};
use super::watch::{Fate, LOOKED_OUT_FOR, Watch};
use crate::config::TopicNames;
use crate::kafka::{Clients, EventWriter};
use crate::stream::Fault;

/// One pair that was written.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// The message's id.
    pub(super) message_id: String,
    /// When the opt-out was acknowledged.
    pub(super) acknowledged: Instant,
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
    pub(super) effects: Vec<Duration>,
}

/// Writes pairs until told to stop, at most one for each member.
pub(super) fn write_pairs(
    clients: &Clients,
    topics: &TopicNames,
    members: &[Member],
    pause: Duration,
    stop: &Arc<AtomicBool>,
) -> Result<Vec<Pair>, Fault> {
    let writer = EventWriter::open(clients)?;
    let mut pairs = Vec::with_capacity(members.len());
    for (number, member) in members.iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let opt_out = Cast::withdrawal(member);
        let events = topics.consent_events.as_str();
        writer.write(events, None, opt_out.key.as_bytes(), &opt_out.value)?;
        writer.flush()?;
        let acknowledged = Instant::now();
        let message_id = format!("{LOOKED_OUT_FOR}pair-{number}");
        let message = Cast::offer(member, &message_id);
        writer.write(topics.outbound.as_str(), None, member.phone.as_bytes(), &message)?;
        writer.flush()?;
        pairs.push(Pair { message_id, acknowledged });
        std::thread::sleep(pause);
    }
    Ok(pairs)
}

/// Looks up what became of the pairs.
pub(super) fn judge_pairs(pairs: &[Pair], watch: &Watch) -> PairResult {
    let mut result = PairResult { pairs: pairs.len(), ..PairResult::default() };
    for pair in pairs {
        match watch.fate_of(&pair.message_id) {
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
    /// The duration below which this share of the effects lies.
    pub(super) fn effect(&self, share: f64) -> Option<Duration> {
        let last = self.effects.len().checked_sub(1)?;
        // The index is between 0 and `last`, so the cast loses nothing that matters.
        self.effects.get((last as f64 * share).round() as usize).copied()
    }
}
