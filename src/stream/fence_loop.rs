//! The rolling fence: ask the consent topics where they end, wait until the index has got there,
//! publish.
//!
//! Cost is per cycle, not per message or lane: one request a leader, and only while somebody waits.
//! An answer counts only if it is whole and from the cluster of the start. Anything else publishes
//! nothing, and the lanes hold.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::fault::{Fault, FaultKind};
use super::fence_board::{FenceBoard, Holder};
use super::ports::{EndAnswer, Ends, EndsPort, OpenTransaction, TopicWidth};
use super::shared_index::SharedIndex;
use super::whole_ends::whole;
use crate::consent::{Partition, Positions, Topic};
use crate::index::{Fence, Tick};
use crate::telemetry::{HoldCause, metrics};

/// How often the cause of a wait is looked for: it takes two more questions.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A log that is shorter than it was for so long was cut; a deposed leader answers so for a moment.
const SHORTER_FOR: Duration = Duration::from_secs(60);

/// What a step of the fence loop came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceStep {
    /// Nobody waits.
    Idle,
    /// The index has not got there yet.
    Waiting,
    /// A fence was published.
    Published,
    /// There was no whole answer.
    Unanswered,
}

/// Times of the fence loop.
#[derive(Clone, Copy, Debug)]
pub struct FenceSettings {
    /// A fence older than this holds.
    pub limit: Duration,
    /// With nobody waiting, ask this often all the same: the board shows whether we could.
    pub idle_every: Duration,
}

/// The loop.
#[derive(Debug)]
pub struct FenceLoop<E, C> {
    port: E,
    clock: C,
    index: Arc<SharedIndex>,
    board: Arc<FenceBoard>,
    expected: BTreeSet<(Topic, Partition)>,
    settings: FenceSettings,
    /// The last whole answer of this generation of the index.
    last: Positions,
    pending: Option<Fence>,
    generation: u64,
    /// When the loop last had what it wanted: a fence, or nobody waiting.
    well_at: Tick,
    asked_at: Option<Tick>,
    /// When the cause of a wait was last looked for.
    looked_at: Option<Tick>,
    /// The open transaction that is waited for, if one is known. Each is logged once.
    open: Option<OpenTransaction>,
    /// The generation of the index that a fence was last published for.
    published: Option<u64>,
    /// Since when a partition has ended before where it ended once.
    shorter_since: Option<Tick>,
    /// Whether the last question got no whole answer. Only the first of a row is logged.
    unanswered: bool,
}

impl<E: EndsPort, C: Clock> FenceLoop<E, C> {
    /// A loop that expects an answer for every partition of these topics.
    pub fn new(
        port: E,
        clock: C,
        index: Arc<SharedIndex>,
        board: Arc<FenceBoard>,
        widths: &[TopicWidth],
        settings: FenceSettings,
    ) -> Self {
        let expected = widths
            .iter()
            .flat_map(|width| (0..width.partitions).map(|p| (width.topic, Partition(p))))
            .collect();
        let (well_at, generation) = (clock.tick(), board.generation());
        Self {
            port,
            clock,
            index,
            board,
            expected,
            settings,
            last: Positions::default(),
            pending: None,
            generation,
            well_at,
            asked_at: None,
            looked_at: None,
            open: None,
            published: None,
            shorter_since: None,
            unanswered: false,
        }
    }

    /// One step; blocks no longer than the port does.
    ///
    /// # Errors
    /// The index is broken.
    pub fn step(&mut self) -> Result<FenceStep, Fault> {
        self.forget_if_rebuilt();
        if self.pending.is_none() {
            if !self.is_due() {
                self.well_at = self.clock.tick();
                return Ok(FenceStep::Idle);
            }
            // What is applied was in the log before the question, so no end can lie before it.
            let applied = self.index.read()?.positions().clone();
            let asked = self.ask(&applied);
            self.unanswered = asked.is_err();
            if let Err(cause) = asked {
                metrics::fence_failed(cause);
                self.hold_if_late(cause);
                return Ok(FenceStep::Unanswered);
            }
        }
        self.publish_if_reached()
    }

    /// A rebuilt index may be one of other topics: their ends may be lower.
    fn forget_if_rebuilt(&mut self) {
        let generation = self.board.generation();
        if self.generation != generation {
            self.generation = generation;
            self.pending = None;
            self.forget_last();
        }
    }

    fn forget_last(&mut self) {
        self.last = Positions::default();
        self.shorter_since = None;
    }

    fn is_due(&self) -> bool {
        self.board.is_wanted()
            || self.board.cause().is_some()
            || self.asked_at.is_none_or(|at| self.has_passed(at, self.settings.idle_every))
    }

    fn has_passed(&self, since: Tick, span: Duration) -> bool {
        let passed = self.clock.tick().0.saturating_sub(since.0);
        u128::from(passed) >= span.as_nanos()
    }

    fn ask(&mut self, applied: &Positions) -> Result<(), HoldCause> {
        // The instant is taken before the question, so the answer can only be newer than it.
        let asked_at = self.clock.tick();
        self.asked_at = Some(asked_at);
        let Ends { cluster_id, answers } = self.port.ends().map_err(|fault| {
            if !self.unanswered {
                tracing::warn!(%fault, "fence.unanswered");
            }
            match fault.kind {
                FaultKind::Retriable => HoldCause::KafkaUnreachable,
                _ => HoldCause::FenceError,
            }
        })?;
        if !self.unanswered {
            log_failures(&answers);
        }
        self.board.confirm_cluster(&cluster_id)?;
        self.watch_for_a_cut(&answers);
        let ends = whole(&answers, &self.expected, &self.last)?;
        if !applied.iter().all(|(topic, partition, next)| ends.get(topic, partition) >= Some(next))
        {
            return Err(HoldCause::FenceError);
        }
        self.last = ends.clone();
        self.pending = Some(Fence { asked_at, ends });
        Ok(())
    }

    /// Of a log that was cut while the index was behind the cut nobody else hears: the reader never
    /// comes to an offset that is gone. So an old end is not waited for beyond all measure. What is
    /// applied stays the measure of what is believed.
    fn watch_for_a_cut(&mut self, answers: &[EndAnswer]) {
        let is_shorter = answers.iter().any(|answer| {
            let last = self.last.get(answer.topic, answer.partition);
            answer.end.as_ref().is_ok_and(|end| last.is_some_and(|last| *end < last))
        });
        if !is_shorter {
            self.shorter_since = None;
        } else if self.shorter_since.is_some_and(|since| self.has_passed(since, SHORTER_FOR)) {
            tracing::error!("fence.log_was_cut");
            self.forget_last();
        } else {
            self.shorter_since.get_or_insert(self.clock.tick());
        }
    }

    fn publish_if_reached(&mut self) -> Result<FenceStep, Fault> {
        let Some(fence) = self.pending.take() else {
            return Ok(FenceStep::Idle);
        };
        if self.index.read()?.positions().cover(&fence.ends) {
            // Of the generation that it was asked in: after a rebuild the board drops it.
            self.board.publish(fence, self.generation);
            (self.published, self.looked_at, self.open) = (Some(self.generation), None, None);
            self.well_at = self.clock.tick();
            return Ok(FenceStep::Published);
        }
        if !self.has_passed(fence.asked_at, SHORTER_FOR) {
            self.pending = Some(fence);
        }
        if self.is_late() && self.looked_at.is_none_or(|at| self.has_passed(at, LOOK_EVERY)) {
            self.looked_at = Some(self.clock.tick());
            let cause = self.cause_of_waiting();
            self.hold_if_late(cause);
        }
        Ok(FenceStep::Waiting)
    }

    fn is_late(&self) -> bool {
        self.has_passed(self.well_at, self.settings.limit)
    }

    fn hold_if_late(&mut self, cause: HoldCause) {
        let is_loading = self.published != Some(self.board.generation());
        let cause = match cause {
            // An index that has never been there is not stale. Any other cause says more.
            HoldCause::FenceStale if is_loading => HoldCause::IndexLoading,
            cause => cause,
        };
        if self.is_late() {
            self.board.hold(Holder::Fence, cause);
        }
    }

    fn cause_of_waiting(&mut self) -> HoldCause {
        match self.port.open_transaction() {
            Ok(Some(open)) => {
                if self.open.replace(open) != Some(open) {
                    log_open(&open);
                }
                HoldCause::ConsentTransactionOpen
            }
            Ok(None) => HoldCause::FenceStale,
            Err(_) => HoldCause::FenceError,
        }
    }
}

/// Kafka's own tools name the writer from these three; the client library cannot.
fn log_open(open: &OpenTransaction) {
    let (topic, partition, stable) = (open.topic.name(), open.partition, open.stable.0);
    let advice = HoldCause::ConsentTransactionOpen.advice();
    tracing::warn!(topic, %partition, last_stable_offset = stable, advice, "fence.consent_transaction_open");
}

fn log_failures(answers: &[EndAnswer]) {
    for answer in answers {
        if let Err(error) = &answer.end {
            let (topic, partition) = (answer.topic.name(), answer.partition);
            tracing::warn!(topic, %partition, error, "fence.partition_failed");
        }
    }
}
