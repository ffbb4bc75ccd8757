//! Deciding again: the same rules, the same positions, the same instant, the same policy.
//!
//! Makes no permit. A batch that cannot be decided again is left open, with the reason; it is never
//! taken for right.

use std::collections::HashMap;
use std::sync::Arc;

use super::consent_log::{Basis, ConsentLog, Kept};
use super::difference::{Law, Spot};
use super::people::Concerned;
use super::receipts::{Batch, Receipts};
use super::report::{Report, Unchecked};
use crate::consent::{BusinessId, Positions, RULES_VERSION, Seconds};
use crate::decision::{Message, Reason, ReasonMask, Suppression, judge, query};
use crate::index::{AnswerFacts, Parts, Quarantined, answer_from_parts, template_from_state};
use crate::policy::Policy;
use crate::wire::receipt::PolicyHash;

/// What a batch is decided on.
#[derive(Clone, Debug)]
struct Stage {
    basis: Basis,
    policy: Arc<Policy>,
    positions: Arc<Positions>,
    now: Seconds,
}

/// Decides messages again.
#[derive(Debug)]
pub(super) struct Redecider {
    log: ConsentLog,
    stages: Vec<Result<Stage, Unchecked>>,
}

/// Policies by hash: those that were published, and the one of the configuration.
pub(super) type Policies = HashMap<PolicyHash, Arc<Policy>>;

/// What the rules say of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may go.
    Allow,
    /// It must not.
    Suppress(Suppression),
}

impl Redecider {
    /// Looks at every batch once; says what is wrong with it as a whole.
    pub(super) fn new(
        mut log: ConsentLog,
        receipts: &Receipts,
        policies: &Policies,
        receipts_topic: &str,
        report: &mut Report,
    ) -> Self {
        let batches = receipts.batches.iter();
        let stages = batches
            .map(|batch| {
                let info = receipts.infos.get(batch.receipt);
                let (partition, offset) = info.map(|info| info.at).unwrap_or_default();
                let spot = Spot::new(receipts_topic, partition, offset);
                let rules_version = info.map_or(0, |info| info.rules_version);
                stage(&mut log, batch, rules_version, policies, &spot, report)
            })
            .collect();
        Self { log, stages }
    }

    /// What the rules say of a message of this batch.
    ///
    /// # Errors
    /// Why it cannot be said.
    pub(super) fn decide(
        &self,
        batch: usize,
        message: Result<Message<'_>, Reason>,
    ) -> Result<Verdict, Unchecked> {
        let stage = match self.stages.get(batch) {
            Some(Ok(stage)) => stage,
            Some(Err(why)) => return Err(*why),
            None => return Err(Unchecked::ReceiptUnreadable),
        };
        Ok(match message {
            Ok(message) => self.judge(stage, &message.at_home(&stage.policy))?,
            Err(reason) => Verdict::Suppress(Suppression::because(reason)),
        })
    }

    /// Whether a suppression of this batch may rest on activity that is no longer kept.
    pub(super) fn may_rest_on_old_activity(&self, batch: usize) -> bool {
        let stage = self.stages.get(batch).and_then(|stage| stage.as_ref().ok());
        stage.is_some_and(|stage| stage.basis.old_activity == Kept::No)
    }

    fn judge(&self, stage: &Stage, message: &Message<'_>) -> Result<Verdict, Unchecked> {
        let (business, positions) = (BusinessId::parse(message.business), &*stage.positions);
        if self.log.is_left_out(business.as_ref(), message.people(), positions) {
            return Err(Unchecked::Erased);
        }
        let (history, epoch) = (&self.log.history, stage.basis.epoch);
        let concerned = Concerned::by(message, history, &stage.positions, epoch);
        let Message { business, template, template_language, .. } = *message;
        let businesses = &stage.basis.businesses;
        let template = template_from_state(businesses, business, template, template_language);
        let query = query(&stage.policy, message, template);
        let facts = match self.parts(stage, message.business) {
            Some(parts) => answer_from_parts(parts, &query, &&concerned),
            // All that it was known by may have been left out.
            None if self.log.is_before_roll(&stage.positions) => return Err(Unchecked::Erased),
            None => AnswerFacts::UnknownBusiness,
        };
        let judgement = judge(&stage.policy, stage.now, message, template, &facts);
        Ok(judgement.suppression().map_or(Verdict::Allow, Verdict::Suppress))
    }

    fn parts<'s>(&self, stage: &'s Stage, business: &str) -> Option<Parts<'s>> {
        let name = BusinessId::parse(business)?;
        let state = &stage.basis.businesses;
        let unread = state.quarantine.covers(&name);
        let (links, epoch) = (&self.log.history.links, stage.basis.epoch);
        let quarantined = unread || links.is_crowded_at(&name, &stage.positions, epoch);
        let known = unread || self.log.history.knows(business, &stage.positions);
        known.then(|| Parts {
            quarantined: if quarantined { Quarantined::Yes } else { Quarantined::No },
            business: state.businesses.get(&name),
        })
    }
}

fn stage(
    log: &mut ConsentLog,
    batch: &Batch,
    rules_version: u32,
    policies: &Policies,
    spot: &Spot,
    report: &mut Report,
) -> Result<Stage, Unchecked> {
    if let Some(place) = log.beyond_end(&batch.positions) {
        let expected = "consent positions up to the end of the consent topics";
        let found = format!("a position past it, at {place}");
        report.differ(Law::PositionsBeyondEnd, spot.clone(), expected, found);
    }
    if let Some(place) = log.undated_before(&batch.positions) {
        let expected = "consent records with the broker's append time";
        report.differ(
            Law::ConsentUndated,
            spot.clone(),
            expected,
            format!("one without, at {place}"),
        );
    }
    if rules_version != RULES_VERSION {
        return Err(Unchecked::RulesVersion);
    }
    let policy = policies.get(&batch.policy).cloned().ok_or(Unchecked::PolicyUnknown)?;
    let basis = log.basis(batch)?;
    if let Some(holding) = basis.businesses.holding() {
        let place = holding.place();
        let found = format!("decisions although the record at {place} holds the gate");
        report.differ(Law::DecidedWhileHeld, spot.clone(), "a hold", found);
    }
    let now = Seconds::from_millis(batch.now_ms).unwrap_or(Seconds(u32::MAX));
    Ok(Stage { basis, policy, positions: batch.positions.clone(), now })
}

/// The reasons of a mask by name.
pub(super) fn names_of(mask: ReasonMask) -> String {
    let names: Vec<&str> = mask.iter().map(Reason::name).collect();
    names.join(", ")
}
