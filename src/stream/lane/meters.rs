//! What a lane tells the metrics: once a batch, once a transaction, once a change of assignment.
//!
//! Only tells; nothing here is asked before a decision, and nothing here can fail.

use std::sync::Arc;
use std::time::Duration;

use super::transaction::OpenTransaction;
use crate::index::Tick;
use crate::stream::clock::Clock;
use crate::stream::fault::FaultKind;
use crate::stream::ports::{LaneEvent, RecordView, Revocation};
use crate::telemetry::metrics::{
    Decisions, OutputTopic, RebalanceKind, ReplaceReason, RouteMeters, Stage, TransactionResult,
};

/// Reads the clock once between two stages of a batch.
pub(super) struct Laps<'c, C> {
    meters: Arc<RouteMeters>,
    clock: &'c C,
    since: Tick,
}

impl<'c, C: Clock> Laps<'c, C> {
    /// The first stage began at this instant.
    pub(super) fn since(meters: Arc<RouteMeters>, clock: &'c C, since: Tick) -> Self {
        Self { meters, clock, since }
    }

    /// This stage is over; the next one begins.
    pub(super) fn end(&mut self, stage: Stage) {
        let took = self.lap();
        self.meters.stage(stage, took);
    }

    /// The wait for the fence is over.
    pub(super) fn fenced(&mut self) {
        let waited = self.lap();
        self.meters.fence_waited(waited);
        self.meters.stage(Stage::Fence, waited);
    }

    /// So many messages are read, which took so long, and decided.
    pub(super) fn decided(&mut self, messages: usize, reading: Duration) {
        let deciding = self.lap().saturating_sub(reading);
        self.meters.stage(Stage::Decode, reading);
        self.meters.batch(u32::try_from(messages).unwrap_or(u32::MAX), deciding);
    }

    fn lap(&mut self) -> Duration {
        let now = self.clock.tick();
        let took = between(self.since, now);
        self.since = now;
        took
    }
}

/// A batch is taken up; gives the timestamp of its oldest record.
pub(super) fn consumed<R: RecordView>(meters: &RouteMeters, records: &[R]) -> Option<i64> {
    let bytes = |record: &R| record.value().map_or(0, |value| value.len() as u64);
    meters.consumed(records.len() as u64, records.iter().map(bytes).sum());
    records.iter().filter_map(RecordView::timestamp_ms).min()
}

/// The port has replaced its writer `now` times, and had `before` times.
pub(super) fn replaced(meters: &RouteMeters, before: u64, now: u64) {
    for _ in before..now {
        meters.producer_replaced(ReplaceReason::Tainted);
    }
}

/// The assignment changes.
pub(super) fn rebalanced(meters: &RouteMeters, event: &LaneEvent) {
    match event {
        LaneEvent::Records => {}
        LaneEvent::Assigned(_) => meters.rebalanced(RebalanceKind::Assign),
        LaneEvent::Revoked(_, Revocation::Orderly) => meters.rebalanced(RebalanceKind::Revoke),
        LaneEvent::Revoked(_, Revocation::Lost) => meters.rebalanced(RebalanceKind::Lost),
    }
}

/// A transaction with so many records in the receipts topic is committed; its end began at `ending`.
pub(super) fn committed(
    open: &OpenTransaction,
    receipts: u64,
    ending: Tick,
    clock: &impl Clock,
    (meters, decisions): (&RouteMeters, &Decisions),
) {
    let now = clock.tick();
    meters.stage(Stage::Commit, between(ending, now));
    meters.transaction(TransactionResult::Commit, between(open.began_at, now));
    let counts = open.counts();
    decisions.add(open.fates());
    meters.produced(OutputTopic::Allowed, counts.allowed_count());
    meters.produced(OutputTopic::Audit, counts.suppressed_count());
    meters.produced(OutputTopic::Receipts, receipts);
    if let Some(oldest_ms) = open.oldest_ms() {
        // A writer whose clock runs ahead is no message from the future.
        let waited_ms = clock.wall_ms().saturating_sub(oldest_ms);
        meters.e2e_latency(Duration::from_millis(u64::try_from(waited_ms).unwrap_or(0)));
    }
}

/// A commit failed. Where it says that nothing was committed, the abort that follows is what counts.
pub(super) fn commit_failed(
    meters: &RouteMeters,
    open: &mut OpenTransaction,
    kind: FaultKind,
    clock: &impl Clock,
) {
    let result = match kind {
        FaultKind::Abortable | FaultKind::Refused | FaultKind::Invariant => return,
        FaultKind::Fenced => TransactionResult::Fenced,
        FaultKind::Retriable | FaultKind::Fatal => TransactionResult::Indeterminate,
    };
    open.is_told = true;
    meters.transaction(result, between(open.began_at, clock.tick()));
}

/// An open transaction is given up.
pub(super) fn aborted(meters: &RouteMeters, open: &OpenTransaction, clock: &impl Clock) {
    if !open.is_told {
        let lasted = between(open.began_at, clock.tick());
        meters.transaction(TransactionResult::Abort, lasted);
    }
}

fn between(from: Tick, to: Tick) -> Duration {
    Duration::from_nanos(to.0.saturating_sub(from.0))
}
