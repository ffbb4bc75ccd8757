//! Where a batch is decided: the fence, the view, one instant, the routes.
//!
//! Owns the open transaction. Without a fence nothing is touched: the batch is given back undecided
//! and the lane holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batch::{decide, route};
use super::listing;
use super::meters::{self, Laps};
use super::ownership::Owned;
use super::settings::{LaneParts, LaneSettings};
use super::transaction::OpenTransaction;
use crate::consent::{Partition, Seconds};
use crate::decision::{Decision, Scratch, Tally};
use crate::index::{CaughtUp, Tick};
use crate::stream::breaker::Breaker;
use crate::stream::clock::Clock;
use crate::stream::fault::Fault;
use crate::stream::fence_board::{FenceSource, cause_of};
use crate::stream::outbox::Outbox;
use crate::stream::ports::LanePort;
use crate::telemetry::HoldCause;
use crate::telemetry::metrics::{Decisions, RouteMeters, Stage};
use crate::wire::receipt::{DecisionHeader, ReceiptId};

/// The desk of one lane.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) parts: LaneParts,
    pub(super) settings: LaneSettings,
    pub(super) open: Option<OpenTransaction>,
    /// What is appended to each allowed record, if anything.
    pub(super) decision_header: Option<DecisionHeader>,
    /// Stops the lane when too much is faulty; `None`: nothing does.
    pub(super) breaker: Option<Breaker>,
    scratch: Scratch,
    /// The decisions of one batch, kept between batches.
    decisions: Vec<Decision>,
    /// One audit entry's bytes, kept between entries.
    entry: Vec<u8>,
    /// How often the port had replaced its writer.
    replaced: u64,
    /// What the route's lanes report.
    pub(super) meters: Arc<RouteMeters>,
    /// The counters of this policy's scopes.
    pub(super) decisions_told: Decisions,
}

/// What a batch came to: counts, or why it was given back undecided.
pub(super) type Outcome = Result<Tally, HoldCause>;

impl Desk {
    pub(super) fn new(parts: LaneParts, settings: LaneSettings) -> Self {
        let scopes = parts.policy.scopes().map(|(name, _)| name.as_str());
        let decisions_told = Decisions::of_scopes(parts.origin.route, scopes);
        Self {
            meters: Arc::new(RouteMeters::begin(parts.origin.route)),
            decisions_told,
            parts,
            settings,
            open: None,
            decision_header: None,
            breaker: None,
            scratch: Scratch::default(),
            decisions: Vec::new(),
            entry: Vec::new(),
            replaced: 0,
        }
    }

    /// Decides a batch whose last record was polled at or before `polled_at`.
    pub(super) fn decide<P: LanePort>(
        &mut self,
        port: &P,
        board: &impl FenceSource,
        clock: &impl Clock,
        owned: &BTreeMap<Partition, Owned>,
        records: &[P::Record<'_>],
        polled_at: Tick,
    ) -> Result<Outcome, Fault> {
        let mut laps = Laps::since(self.meters.clone(), clock, polled_at);
        let fence = match board.fence_for(polled_at, self.settings.fence_limit) {
            Ok(fence) => fence,
            Err(cause) => return Ok(Err(cause)),
        };
        laps.fenced();
        let oldest_ms = meters::consumed(&self.meters, records);
        let now_ms = clock.wall_ms();
        let now = Seconds::from_millis(now_ms).unwrap_or(Seconds(u32::MAX));
        let mut texts = Vec::new();
        let (positions, reading) = {
            let index = self.parts.index.read()?;
            if let Some(cause) = board.held() {
                return Ok(Err(cause));
            }
            let view = match CaughtUp::prove(&index, &fence, polled_at) {
                Ok(proof) => proof.view(),
                Err(missing) => return Ok(Err(cause_of(&missing))),
            };
            let kept = (&mut self.scratch, &mut self.decisions);
            let rules = (&*self.parts.format, &*self.parts.policy);
            let reading = decide(rules, &view, now, records, kept, clock);
            if self.parts.column.is_some() {
                texts = listing::texts(rules, &view, records, &self.decisions);
            }
            (view.positions().clone(), reading)
        };
        laps.decided(records.len(), reading);
        if let Some(breaker) = &mut self.breaker
            && let Err(cause) = breaker.judge(&self.decisions, now_ms)
        {
            // Nothing of it was written: it is read and decided again when somebody has looked.
            self.decisions.clear();
            return Ok(Err(cause));
        }
        let receipt = self.begin(port, clock)?;
        if let Some(column) = &mut self.parts.column {
            let rules = (&*self.parts.format, &*self.parts.policy);
            listing::add(column, rules, records, &self.decisions, texts)?;
        }
        let source_topic = &self.settings.source_topic;
        let audit = &mut self.parts.audit;
        let entry = &mut self.entry;
        let (format, policy) = (&*self.parts.format, &*self.parts.policy);
        // One value for all of the batch.
        let header = self.decision_header.map(|header| header.value(receipt, now_ms));
        let header = header.as_deref();
        let mode = self.parts.origin.mode;
        let mut outbox =
            Outbox { format, policy, audit, entry, source_topic, receipt, now_ms, header, mode };
        // Where the open transaction has got to, else where the lane stands.
        let covered = self.open.as_ref().map(OpenTransaction::next);
        let first_of = |partition| {
            let covered = covered.and_then(|next| next.get(&partition).copied());
            covered.or_else(|| owned.get(&partition).map(|owned| owned.next))
        };
        let decisions = self.decisions.drain(..);
        let batch = route(port, &mut outbox, records, decisions, positions, first_of)?;
        let tally = batch.counts.clone();
        if let Some(open) = &mut self.open {
            open.add(batch);
            open.note_oldest(oldest_ms);
            open.note_fates(&self.scratch.fates);
        }
        laps.end(Stage::Produce);
        Ok(Ok(tally))
    }

    /// The id of the open transaction's receipt; begins a transaction if none is open.
    pub(super) fn begin<P: LanePort>(
        &mut self,
        port: &P,
        clock: &impl Clock,
    ) -> Result<ReceiptId, Fault> {
        if let Some(open) = &self.open {
            return Ok(open.receipt_id);
        }
        port.begin()?;
        let replaced = port.replacements();
        meters::replaced(&self.meters, self.replaced, replaced);
        self.replaced = replaced;
        if let Some(column) = &mut self.parts.column {
            column.clear();
        }
        let open = OpenTransaction::new(ReceiptId(rand::random()), clock.tick());
        Ok(self.open.insert(open).receipt_id)
    }
}
