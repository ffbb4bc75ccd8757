//! The one loop that writes the index: poll, decode, fold, apply, advance.
//!
//! Knows no Kafka and no lane. Whatever it cannot vouch for, it holds: a topic that is not what it
//! was, a time that lies ahead, a record that nobody can be named for.

use std::sync::Arc;

use super::append_clock::AppendClock;
use super::apply_delay::ApplyDelay;
use super::clock::Clock;
use super::consent_settings::{ConsentSettings, OnUndecodable};
use super::fault::{Fault, FaultKind};
use super::fence_board::{FenceBoard, Holder};
use super::note_log::NoteLog;
use super::ports::{ConsentPort, RawConsent};
use super::rolled::{RollTrouble, RolledLog};
use super::shared_index::SharedIndex;
use super::tail_check::TailCheck;
use super::void_watch::VoidWatch;
use crate::consent::{ConsentRecord, Fact, Folded, Offset, Partition, Place, Seconds, Topic, fold};
use crate::index::{ConsentIndex, Tick};
use crate::telemetry::{HoldCause, metrics};

/// How many events are applied under one lock: one at a time starves the writer, many at a time
/// starve the readers.
const EVENTS_PER_LOCK: usize = 64;

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
    rolled: RolledLog,
    tail: TailCheck,
    voids: VoidWatch,
    delay: ApplyDelay,
    notes: NoteLog,
    checked_at: Tick,
    raw: Vec<RawConsent>,
    /// A void named a record that is already applied.
    stale_times: bool,
    /// A record came without the broker's append time.
    undated: Option<Place>,
    beginning: Beginning,
}

/// What is known of where the log of record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// Nothing yet.
    Unknown,
    /// At its first record.
    Whole,
    /// Later: blocks and objections may be gone that grants behind them do not lift.
    CutShort,
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
            rolled: RolledLog::default(),
            tail: TailCheck::default(),
            voids: VoidWatch::default(),
            delay: ApplyDelay::default(),
            notes: NoteLog::default(),
            checked_at,
            raw: Vec::new(),
            stale_times: false,
            undated: None,
            beginning: Beginning::Unknown,
        }
    }

    /// The same for a log that may have been rolled, with the keys to read and to believe it. Without
    /// them such a log holds.
    #[must_use]
    pub fn with_rolled(mut self, rolled: RolledLog) -> Self {
        self.rolled = rolled;
        self
    }

    /// One poll, applied whole.
    ///
    /// # Errors
    /// A fault that is not about single records; the port is then of no use.
    pub fn step(&mut self) -> Result<ConsentStep, Fault> {
        self.look_at_beginning()?;
        self.raw.clear();
        let (max, wait) = (self.settings.poll_records, self.settings.poll_wait);
        match self.port.poll(max, wait, &mut self.raw) {
            Ok(()) => {}
            Err(fault) if fault.kind == FaultKind::Refused => {
                return self.rebuild_from_another(&fault.what);
            }
            Err(fault) => return Err(fault),
        }
        if self.is_elsewhere() {
            return Ok(ConsentStep::Applied(0));
        }
        let raw = std::mem::take(&mut self.raw);
        let applied = self.apply(&raw);
        self.raw = raw;
        let applied = applied?;
        self.delay.tell(self.clock.wall_ms(), self.board.cause());
        if applied < max {
            self.advance_to_positions()?;
        }
        self.index.announce();
        if self.stale_times && applied < max {
            return self.rebuild("a void takes a time out of the log");
        }
        if let Some(what) = self.recheck(applied < max)? {
            return self.rebuild_from_another(what);
        }
        self.hold_or_release()?;
        Ok(ConsentStep::Applied(applied))
    }

    /// Whether these records come from another cluster than that of the start. Nothing of it is
    /// applied, and every lane is held.
    fn is_elsewhere(&self) -> bool {
        self.port.cluster_id().is_some_and(|heard| self.board.confirm_cluster(&heard).is_err())
    }

    fn apply(&mut self, raw: &[RawConsent]) -> Result<usize, Fault> {
        let now = self.now();
        for chunk in raw.chunks(EVENTS_PER_LOCK) {
            // Decoding and folding stay outside the lock: they need nothing of the index.
            let folded: Vec<_> = chunk.iter().map(|raw| self.fold(raw, now)).collect();
            // A hold is said before the positions move: who sees these must see it.
            let cause = self.held_by_log(now);
            let (board, choice) = (&self.board, self.settings.on_undecodable);
            self.index.write(|index| {
                for fact in folded.into_iter().flat_map(|folded| folded.facts) {
                    index.apply(fact);
                }
                if let Some(cause) = cause.or_else(|| held_by_record(index, choice)) {
                    board.hold(Holder::Consent, cause);
                }
                for raw in chunk {
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
        let counted = self.rolled.take(raw);
        let record = self.record_of(&counted, now);
        let folded = fold(&record);
        for fact in &folded.facts {
            if let Fact::Void { place, .. } = fact {
                self.stale_times |= self.append.void(*place);
                self.voids.read(raw);
            }
        }
        for note in &folded.notes {
            self.notes.tell(*note, raw, self.clock.tick());
            metrics::consent_note(*note);
        }
        metrics::consent_event(&record.content);
        self.delay.note(&record.content, raw.appended);
        folded
    }

    fn record_of(&mut self, raw: &RawConsent, now: Seconds) -> ConsentRecord {
        let (place, broker_time) = (raw.place(), raw.broker_time());
        if broker_time.is_none() {
            self.undated.get_or_insert(place);
        }
        let skew_s = self.settings.clock_skew_limit_s;
        let at = self.append.observe(place, broker_time.unwrap_or(now), now, skew_s);
        raw.to_record(at, self.port.widths(), &self.settings.formats)
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

    /// Reads the last delivered record of every partition again; says what is wrong, if anything. When all
    /// seems to be read, it also looks for a void that has not come again.
    fn recheck(&mut self, seems_read: bool) -> Result<Option<&'static str>, Fault> {
        let passed = self.clock.tick().0.saturating_sub(self.checked_at.0);
        if u128::from(passed) < self.settings.recheck_every.as_nanos() {
            return Ok(None);
        }
        self.checked_at = self.clock.tick();
        match self.tail.recheck(&mut self.port)? {
            None if seems_read => self.voids.recheck(&mut self.port),
            wrong => Ok(wrong),
        }
    }

    fn hold_or_release(&mut self) -> Result<(), Fault> {
        let now = self.now();
        let cause = match self.held_by_log(now) {
            Some(cause) => Some(cause),
            None => held_by_record(&*self.index.read()?, self.settings.on_undecodable),
        };
        match cause {
            Some(cause) => self.board.hold(Holder::Consent, cause),
            None => self.board.release(Holder::Consent),
        }
        Ok(())
    }

    /// What the topics themselves give cause to hold for.
    fn held_by_log(&mut self, now: Seconds) -> Option<HoldCause> {
        if self.undated.is_some() || self.beginning == Beginning::CutShort {
            return Some(HoldCause::ConsentTopicChanged);
        }
        let widths = self.port.widths().iter();
        let partitions = widths.filter(|width| width.topic == Topic::ConsentEvents);
        match self.rolled.trouble(partitions.map(|width| width.partitions).sum()) {
            Some(RollTrouble::KeyMissing) => return Some(HoldCause::TombstoneKey),
            Some(RollTrouble::Unsealed | RollTrouble::Broken) => {
                return Some(HoldCause::ConsentLogUnsealed);
            }
            None => {}
        }
        // Times are not what they must be until the rebuild, which comes when everything is read; or they may
        // rest on a void that is no longer there.
        if self.stale_times || self.voids.is_missing() {
            return Some(HoldCause::IndexLoading);
        }
        if self.append.ahead_of(now, self.settings.append_ahead_limit_s).is_some() {
            return Some(HoldCause::AppendAheadOfClock);
        }
        let skewed = self.append.ahead_of(now, self.settings.clock_skew_limit_s).is_some();
        skewed.then_some(HoldCause::ClockSkew)
    }

    /// Before the first poll the positions say where the topics begin.
    fn look_at_beginning(&mut self) -> Result<(), Fault> {
        if self.beginning == Beginning::Unknown {
            let starts = self.port.positions()?;
            let late = |(topic, _, start): &(Topic, Partition, Offset)| {
                topic.is_kept_whole() && start.0 > 0
            };
            let is_whole = !starts.iter().any(late);
            self.beginning = if is_whole { Beginning::Whole } else { Beginning::CutShort };
        }
        Ok(())
    }

    /// The log is not the one that was read: what it voided counts no longer, for other records may
    /// lie there now.
    fn rebuild_from_another(&mut self, why: &str) -> Result<ConsentStep, Fault> {
        (self.append, self.voids) = (AppendClock::default(), VoidWatch::default());
        self.rebuild(why)
    }

    fn rebuild(&mut self, why: &str) -> Result<ConsentStep, Fault> {
        tracing::error!(why, "consent.index_dropped");
        self.board.reset();
        let empty = (self.new_index)();
        self.index.write(|index| *index = empty)?;
        self.append.restart();
        self.voids.restart();
        self.rolled.restart();
        self.tail = TailCheck::default();
        (self.stale_times, self.undated) = (false, None);
        self.beginning = Beginning::Unknown;
        self.port.restart()?;
        metrics::index_rebuilt();
        Ok(ConsentStep::Rebuilding)
    }

    fn now(&self) -> Seconds {
        Seconds::from_millis(self.clock.wall_ms()).unwrap_or_default()
    }
}

fn held_by_record(index: &ConsentIndex, on_undecodable: OnUndecodable) -> Option<HoldCause> {
    let quarantine_holds = on_undecodable == OnUndecodable::Hold && index.has_quarantine();
    let unreadable = quarantine_holds.then_some(HoldCause::ConsentUnattributedRecord);
    index.holding().map(HoldCause::from).or(unreadable)
}
