//! Deciding again: the same rules, the same positions, the same instant, the same policy.
//!
//! Makes no permit. A batch that cannot be decided again is left open, with the reason; it is never
//! taken for right.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::consent_log::{Basis, ConsentLog, Kept};
use super::customers::Customers;
use super::difference::{Law, Spot};
use super::people::Concerned;
use super::receipts::{Batch, Receipts};
use super::report::{Report, Unchecked};
use crate::consent::state::BusinessState;
use crate::consent::{BusinessId, Positions, RULES_VERSION, Seconds};
use crate::decision::{Message, Reason, ReasonMask, Suppression, judge, query};
use crate::index::{AnswerFacts, Parts, Quarantined, answer_from_parts};
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
pub(in crate::commands) struct Redecider {
    log: ConsentLog,
    stages: Vec<Result<Stage, Unchecked>>,
}

/// Policies by hash: those that were published, and the one of the configuration.
pub(in crate::commands) type Policies = HashMap<PolicyHash, Arc<Policy>>;

/// What the rules say of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Verdict {
    /// It may go.
    Allow,
    /// It must not.
    Suppress(Suppression),
}

/// One reader's view of the businesses of one batch: messages come in runs of both.
#[derive(Debug, Default)]
pub(in crate::commands) struct Desk<'r> {
    batch: Option<usize>,
    sellers: hashbrown::HashMap<SmolStr, Option<Seller<'r>>>,
}

/// A business as one batch knew it.
#[derive(Clone, Copy, Debug)]
struct Seller<'r> {
    customers: Option<&'r Customers>,
    state: Option<&'r BusinessState>,
    quarantined: Quarantined,
    known: Known,
}

/// Whether anything was said about a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    No,
    Yes,
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

    /// The log that it was made of.
    pub(super) fn into_log(self) -> ConsentLog {
        self.log
    }

    /// What the rules say of a message of this batch.
    ///
    /// # Errors
    /// Why it cannot be said.
    pub(super) fn decide<'r>(
        &'r self,
        desk: &mut Desk<'r>,
        batch: usize,
        message: Result<Message<'_>, Reason>,
    ) -> Result<Verdict, Unchecked> {
        let stage = self.stage(batch)?;
        Ok(match message {
            Ok(message) => {
                let message = message.at_home(&stage.policy);
                self.judge(desk, (batch, stage), &stage.policy, &message)?
            }
            Err(reason) => Verdict::Suppress(Suppression::because(reason)),
        })
    }

    /// What the rules would say of a message of this batch under another policy.
    ///
    /// # Errors
    /// Why it cannot be said.
    pub(in crate::commands) fn decide_under<'r>(
        &'r self,
        desk: &mut Desk<'r>,
        batch: usize,
        policy: &Policy,
        message: Result<Message<'_>, Reason>,
    ) -> Result<Verdict, Unchecked> {
        let stage = self.stage(batch)?;
        Ok(match message {
            Ok(message) => self.judge(desk, (batch, stage), policy, &message.at_home(policy))?,
            Err(reason) => Verdict::Suppress(Suppression::because(reason)),
        })
    }

    /// Whether a suppression of this batch may rest on activity that is no longer kept.
    pub(super) fn may_rest_on_old_activity(&self, batch: usize) -> bool {
        self.stage(batch).is_ok_and(|stage| stage.basis.old_activity == Kept::No)
    }

    fn stage(&self, batch: usize) -> Result<&Stage, Unchecked> {
        match self.stages.get(batch) {
            Some(Ok(stage)) => Ok(stage),
            Some(Err(why)) => Err(*why),
            None => Err(Unchecked::ReceiptUnreadable),
        }
    }

    fn judge<'r>(
        &'r self,
        desk: &mut Desk<'r>,
        (batch, stage): (usize, &'r Stage),
        policy: &Policy,
        message: &Message<'_>,
    ) -> Result<Verdict, Unchecked> {
        let (positions, epoch) = (&*stage.positions, stage.basis.epoch);
        let seller = desk.seller(message.business, batch, || self.seller(stage, message.business));
        let customers = seller.and_then(|seller| seller.customers);
        if self.log.is_left_out(customers, message.people(), positions) {
            return Err(Unchecked::Erased);
        }
        let Message { template, template_language, .. } = *message;
        let template = seller
            .and_then(|seller| seller.state)
            .map(|state| state.templates.standing(template, template_language))
            .unwrap_or_default();
        let query = query(policy, message, template);
        let concerned = Concerned::by(message, customers, positions, epoch);
        let facts = match seller.filter(|seller| seller.known == Known::Yes) {
            Some(seller) => {
                let parts = Parts { quarantined: seller.quarantined, business: seller.state };
                answer_from_parts(parts, &query, &&concerned)
            }
            // All that it was known by may have been left out.
            None if self.log.is_before_roll(positions) => return Err(Unchecked::Erased),
            None => AnswerFacts::UnknownBusiness,
        };
        let judgement = judge(policy, stage.now, message, template, &facts);
        Ok(judgement.suppression().map_or(Verdict::Allow, Verdict::Suppress))
    }

    /// A business as a batch knew it; `None` if the text names none.
    fn seller<'r>(&'r self, stage: &'r Stage, business: &str) -> Option<Seller<'r>> {
        let name = BusinessId::parse(business)?;
        let (state, epoch) = (&stage.basis.businesses, stage.basis.epoch);
        let unread = state.quarantine.covers(&name);
        let customers = self.log.history.customers(business);
        let positions = &*stage.positions;
        let crowded =
            customers.is_some_and(|customers| customers.links.is_crowded_at(positions, epoch));
        let known = unread || customers.is_some_and(|customers| customers.is_known(positions));
        Some(Seller {
            customers,
            state: state.businesses.get(&name),
            quarantined: if unread || crowded { Quarantined::Yes } else { Quarantined::No },
            known: if known { Known::Yes } else { Known::No },
        })
    }
}

impl<'r> Desk<'r> {
    fn seller(
        &mut self,
        business: &str,
        batch: usize,
        look: impl FnOnce() -> Option<Seller<'r>>,
    ) -> Option<Seller<'r>> {
        if self.batch != Some(batch) {
            self.batch = Some(batch);
            self.sellers.clear();
        }
        if let Some(seller) = self.sellers.get(business) {
            return *seller;
        }
        let seller = look();
        self.sellers.insert(business.into(), seller);
        seller
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
