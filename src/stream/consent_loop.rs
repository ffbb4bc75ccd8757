//! The one loop that writes the index: poll, decode, fold, apply, advance.
//!
//! Knows no Kafka and no lane. Whatever it cannot vouch for, it holds: a topic that is not what it
//! was, a time that lies ahead, a record that nobody can be named for.

use std::sync::Arc;
use std::time::Duration;

use super::append_clock::AppendClock;
use super::clock::Clock;
use super::fault::{Fault, FaultKind};
use super::fence_board::{FenceBoard, Holder};
use super::ports::{ConsentPort, RawConsent};
use super::shared_index::SharedIndex;
use super::tail_check::TailCheck;
use crate::consent::{ConsentRecord, Fact, Folded, Place, Seconds, fold};
use crate::index::{ConsentIndex, Tick};
use crate::telemetry::{HoldCause, metrics};

/// How many events are applied under one lock: one at a time starves the writer, many at a time
/// starve the readers.
const EVENTS_PER_LOCK: usize = 64;

/// Limits and choices of the consent loop.
#[derive(Clone, Debug)]
pub struct ConsentSettings {
    /// At most so many records a poll.
    pub poll_records: usize,
    /// How long a poll waits for the first.
    pub poll_wait: Duration,
    /// How often the record before the position is read again.
    pub recheck_every: Duration,
    /// How far an append time may lie ahead of the wall clock, in seconds, before the gate says that
    /// its clock is off.
    pub clock_skew_limit_s: u32,
    /// How far ahead it may lie before the record itself is in doubt, in seconds.
    pub append_ahead_limit_s: u32,
    /// What to do about a record that cannot be decoded.
    pub on_undecodable: OnUndecodable,
}

/// What to do about a consent record that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUndecodable {
    /// Suppress the business that its key names, until it is voided.
    Quarantine,
    /// Hold everything until it is voided.
    Hold,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentStep {
    /// So many records were applied.
    Applied(usize),
    /// The index was dropped and is built anew.
    Rebuilding,
}

/// Makes an empty index with this instance's keys.
pub type NewIndex = Box<dyn Fn() -> ConsentIndex + Send>;

/// The loop.
pub struct ConsentLoop<P, C> {
    port: P,
    clock: C,
    index: Arc<SharedIndex>,
    board: Arc<FenceBoard>,
    new_index: NewIndex,
    settings: ConsentSettings,
    append: AppendClock,
    tail: TailCheck,
    checked_at: Tick,
    raw: Vec<RawConsent>,
    /// A void named a record that is already applied.
    stale_times: bool,
    /// A record came without the broker's append time.
    undated: Option<Place>,
}

impl<P: ConsentPort, C: Clock> ConsentLoop<P, C> {
    /// A loop over a port that stands at the beginning of every partition.
    pub fn new(
        port: P,
        clock: C,
        index: Arc<SharedIndex>,
        board: Arc<FenceBoard>,
        new_index: NewIndex,
        settings: ConsentSettings,
    ) -> Self {
        let checked_at = clock.tick();
        Self {
            port,
            clock,
            index,
            board,
            new_index,
            settings,
            append: AppendClock::default(),
            tail: TailCheck::default(),
            checked_at,
            raw: Vec::new(),
            stale_times: false,
            undated: None,
        }
    }

    /// One poll, applied whole.
    ///
    /// # Errors
    /// A fault that is not about single records; the port is then of no use.
    pub fn step(&mut self) -> Result<ConsentStep, Fault> {
        self.raw.clear();
        let (max, wait) = (self.settings.poll_records, self.settings.poll_wait);
        match self.port.poll(max, wait, &mut self.raw) {
            Ok(()) => {}
            Err(fault) if fault.kind == FaultKind::Refused => return self.rebuild(&fault.what),
            Err(fault) => return Err(fault),
        }
        let raw = std::mem::take(&mut self.raw);
        let applied = self.apply(&raw);
        self.raw = raw;
        let applied = applied?;
        if applied < max {
            self.advance_to_positions()?;
        }
        self.index.announce();
        if self.stale_times && applied < max {
            return self.rebuild("a void takes a time out of the log");
        }
        if let Some(what) = self.recheck()? {
            return self.rebuild(what);
        }
        self.hold_or_release()?;
        Ok(ConsentStep::Applied(applied))
    }

    fn apply(&mut self, raw: &[RawConsent]) -> Result<usize, Fault> {
        let now = self.now();
        for chunk in raw.chunks(EVENTS_PER_LOCK) {
            // Decoding and folding stay outside the lock: they need nothing of the index.
            let folded: Vec<_> = chunk.iter().map(|raw| self.fold(raw, now)).collect();
            self.index.write(|index| {
                for (raw, folded) in chunk.iter().zip(folded) {
                    for fact in folded.facts {
                        index.apply(fact);
                    }
                    index.advance(raw.topic, raw.partition, raw.offset.next());
                }
            })?;
        }
        for record in raw {
            self.tail.deliver(record);
        }
        Ok(raw.len())
    }

    fn fold(&mut self, raw: &RawConsent, now: Seconds) -> Folded {
        let record = self.record_of(raw, now);
        let folded = fold(&record);
        for fact in &folded.facts {
            if let Fact::Void { place, .. } = fact {
                self.stale_times |= self.append.void(*place);
            }
        }
        for note in &folded.notes {
            let (topic, partition, offset) = (raw.topic.name(), raw.partition, raw.offset);
            tracing::warn!(topic, %partition, %offset, note = note.name(), "consent.noted");
            metrics::consent_note(*note);
        }
        metrics::consent_event(&record.content);
        folded
    }

    fn record_of(&mut self, raw: &RawConsent, now: Seconds) -> ConsentRecord {
        let (place, broker_time) = (raw.place(), raw.broker_time());
        if broker_time.is_none() {
            self.undated.get_or_insert(place);
        }
        let skew_s = self.settings.clock_skew_limit_s;
        let at = self.append.observe(place, broker_time.unwrap_or(now), now, skew_s);
        raw.to_record(at, self.port.widths())
    }

    /// Control and aborted records are never delivered, but they count in the log's end.
    fn advance_to_positions(&mut self) -> Result<(), Fault> {
        let positions = self.port.positions()?;
        self.index.write(|index| {
            for (topic, partition, next) in positions {
                index.advance(topic, partition, next);
            }
        })
    }

    /// Reads the last delivered record of every partition again; says what is wrong, if anything.
    fn recheck(&mut self) -> Result<Option<&'static str>, Fault> {
        let passed = self.clock.tick().0.saturating_sub(self.checked_at.0);
        if u128::from(passed) < self.settings.recheck_every.as_nanos() {
            return Ok(None);
        }
        self.checked_at = self.clock.tick();
        self.tail.recheck(&mut self.port)
    }

    fn hold_or_release(&mut self) -> Result<(), Fault> {
        let now = self.now();
        let cause = if self.undated.is_some() {
            Some(HoldCause::ConsentTopicChanged)
        } else if self.append.ahead_of(now, self.settings.append_ahead_limit_s).is_some() {
            Some(HoldCause::AppendAheadOfClock)
        } else if self.append.ahead_of(now, self.settings.clock_skew_limit_s).is_some() {
            Some(HoldCause::ClockSkew)
        } else {
            self.held_by_record()?
        };
        match cause {
            Some(cause) => self.board.hold(Holder::Consent, cause),
            None => self.board.release(Holder::Consent),
        }
        Ok(())
    }

    fn held_by_record(&self) -> Result<Option<HoldCause>, Fault> {
        let index = self.index.read()?;
        let waits = match self.settings.on_undecodable {
            OnUndecodable::Quarantine => index.holding().is_some(),
            OnUndecodable::Hold => index.holding().is_some(),
        };
        Ok(waits.then_some(HoldCause::ConsentUnattributedRecord))
    }

    fn rebuild(&mut self, why: &str) -> Result<ConsentStep, Fault> {
        tracing::error!(why, "consent.index_dropped");
        self.board.reset();
        let empty = (self.new_index)();
        self.index.write(|index| *index = empty)?;
        self.append.restart();
        self.tail = TailCheck::default();
        (self.stale_times, self.undated) = (false, None);
        self.port.restart()?;
        metrics::index_rebuilt();
        Ok(ConsentStep::Rebuilding)
    }

    fn now(&self) -> Seconds {
        Seconds::from_millis(self.clock.wall_ms()).unwrap_or_default()
    }
}
