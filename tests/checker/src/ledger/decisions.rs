//! One decision: what the audit says of it, and whether it follows from the consent log.

use super::Walk;
use super::audits::Entry as Audit;
use super::people;
use crate::Messages;
use crate::model::{
    Comparison, MALFORMED, Message, RULES_VERSION, UNFORWARDABLE, bit, grounds, judge, name_of,
};
use crate::receipts::{Batch, Entry};
use crate::report::{At, Law};
use crate::source::{Record, Source};

impl<S: Source> Walk<'_, '_, S> {
    /// Judges an allowed record, or a suppressed one by its entry.
    pub(super) fn judge(
        &mut self,
        record: &Record<'_>,
        batch: &Batch,
        entry: &Entry,
        audit: Option<Audit>,
    ) {
        let ledger = self.ledger;
        let at = match &audit {
            Some(audit) => self.at(&ledger.topics.audit, audit.offset),
            None => self.input(record.offset),
        };
        let message = match ledger.messages {
            Messages::Protobuf => Message::read(record.value, record.timestamp_ms),
            Messages::Other => None,
        };
        if let Some(audit) = &audit {
            self.entry(audit, batch, entry, message.as_ref(), &at);
        }
        if ledger.messages == Messages::Other {
            return self.report.leave("a decision on a message of another format", 1);
        }
        self.decision(record, batch, entry, audit.as_ref(), message.as_ref(), at);
    }

    /// What the entry says of its receipt and its message.
    fn entry(
        &mut self,
        audit: &Audit,
        batch: &Batch,
        entry: &Entry,
        message: Option<&Message>,
        at: &At,
    ) {
        let said = &audit.said;
        let mut wrong = |differs: bool, field: &str| {
            if differs {
                let what = format!("its {field} is not what it should be");
                self.report.violate(Law::AuditContent, at.clone(), what);
            }
        };
        wrong(said.receipt_id != entry.said.receipt_id, "receipt_id");
        wrong(said.decided_at_ms != batch.now_ms, "decided_at_ms");
        let own = u32::try_from(said.reason).ok().and_then(|n| 1_u64.checked_shl(n));
        wrong(own.is_none_or(|own| said.reasons_mask & own == 0), "reasons_mask");
        let quiet = said.reasons_mask & bit(crate::spec::audit::Reason::QuietHours) != 0;
        wrong(
            said.not_before_ms.is_some_and(|at| !quiet || at < said.decided_at_ms),
            "not_before_ms",
        );
        let Some(message) = message else { return };
        let of = &message.said;
        wrong(!of.business_id.is_empty() && said.business_id != of.business_id, "business_id");
        // What a caller names is left out where it is too long or may be somebody's number.
        for (field, told, meant) in [
            ("message_id", &said.message_id, &of.message_id),
            ("campaign_id", &said.campaign_id, &of.campaign_id),
            ("template", &said.template, &of.template),
        ] {
            wrong(!told.is_empty() && told != meant, field);
        }
        let people = [message.to.as_ref(), message.also.as_ref()];
        let (seen, business) = ((said, &*audit.bytes), said.business_id.as_str());
        people::check(seen, business, people, at, &mut self.pseudonyms, self.report);
    }

    fn decision(
        &mut self,
        record: &Record<'_>,
        batch: &Batch,
        entry: &Entry,
        audit: Option<&Audit>,
        message: Option<&Message>,
        at: At,
    ) {
        let ledger = self.ledger;
        let fate = audit.map(|audit| (audit.said.reason, audit.said.reasons_mask));
        let name = fate.map_or_else(|| "allowed".to_owned(), |(reason, _)| name_of(reason));
        let counted = |report: &mut crate::Report| {
            report.counts.decisions += 1;
            *report.judged_by_reason.entry(name.clone()).or_default() += 1;
        };
        let spoilt = match (message, fate) {
            (_, Some((reason, _))) if reason == UNFORWARDABLE as i32 && record.timestamp_ms > 0 => {
                return self.report.leave("whether a message is too large to be passed on", 1);
            }
            _ if record.timestamp_ms <= 0 => Some(UNFORWARDABLE),
            (None, _) => Some(MALFORMED),
            (Some(_), _) => None,
        };
        if let Some(reason) = spoilt {
            counted(self.report);
            // What cannot be read may be unforwardable as well.
            let meant = [MALFORMED, UNFORWARDABLE].map(bit).iter().sum::<u64>();
            let right = fate.is_some_and(|(primary, mask)| {
                mask & bit(reason) != 0 && mask & !meant == 0 && meant >> primary & 1 == 1
            });
            if !right {
                let what = format!("it must be suppressed as {} alone", name_of(reason as i32));
                self.report.violate(Law::Decision, at, what);
            }
            return;
        }
        let Some(message) = message else { return };
        if entry.said.rules_version != RULES_VERSION {
            let why = format!("a decision under rules version {}", entry.said.rules_version);
            return self.report.leave(&why, 1);
        }
        let Some(policy) = ledger.policies.get(batch.policy.as_slice()) else {
            return self.report.leave("a decision under a policy that was not published", 1);
        };
        let Some(policy) = policy else {
            return self.report.leave("a decision under a policy with words of a later version", 1);
        };
        let verdict = judge(ledger.log, policy, message, &batch.positions, batch.now_ms);
        let grounds = || grounds(ledger.log, policy, message, &batch.positions, batch.now_ms);
        if let Some(hold) = verdict.hold {
            self.report.violate(
                Law::DecidedWhileHeld,
                at.clone(),
                format!("decided, though {hold}"),
            );
        }
        match verdict.compare(fate) {
            Comparison::Same => counted(self.report),
            _ if ledger.log.has_sealed(&batch.positions) => {
                self.report.leave("a decision on a log with encrypted records", 1);
            }
            Comparison::Open(why) => self.report.leave(why, 1),
            Comparison::OtherAnswer(what) => {
                counted(self.report);
                self.report.violate(
                    Law::Decision,
                    at,
                    format!("{what} ({}); {}", message.kind(), grounds()),
                );
            }
            Comparison::OtherReasons(what) => {
                counted(self.report);
                self.report.violate(
                    Law::Reason,
                    at,
                    format!("{what} ({}); {}", message.kind(), grounds()),
                );
            }
        }
    }
}
