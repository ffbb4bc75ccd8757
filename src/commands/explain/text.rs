//! An answer as text.

use std::fmt;

use super::Explanation;
use super::book::KnownFrom;
use super::report::{DecidingEvent, ExplainedMessage, MessageFate, RuleAnswer, ShownReceipt};
use super::shown::time;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Why: {} ({} found)", self.asked, self.messages.len() as u64 + self.more)?;
        self.messages.iter().try_for_each(|message| write!(f, "\n{message}"))?;
        if self.more > 0 {
            writeln!(f, "\n{} older ones are not shown: --max", self.more)?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nNotes")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

impl fmt::Display for ExplainedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.record, &self.copy) {
            (Some(record), _) => writeln!(f, "{record}")?,
            (None, Some(copy)) => writeln!(f, "{copy}")?,
            (None, None) => {}
        }
        let lines = self.lines();
        lines.iter().try_for_each(|(what, value)| writeln!(f, "  {what:15} {value}"))?;
        self.rules.iter().try_for_each(|rule| write!(f, "{rule}"))?;
        let reason = self.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        match self.fate {
            MessageFate::Allowed => writeln!(f, "  ALLOWED")?,
            MessageFate::Suppressed => writeln!(f, "  SUPPRESSED{reason}")?,
            fate => writeln!(f, "  {}", fate.name())?,
        }
        if let Some(agreement) = self.agreement {
            writeln!(f, "  {}", agreement.name())?;
        }
        if let Some(why) = &self.not_decided_again {
            writeln!(f, "  not decided again: {why}")?;
        }
        self.receipt.iter().try_for_each(|receipt| write!(f, "{receipt}"))
    }
}

impl ExplainedMessage {
    /// What the message says of itself, a line each; what it does not say is left out.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let message = self.message.as_ref();
        let fields = message.map(|message| &message.fields);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let from = match self.known_from {
            KnownFrom::Outbound => "",
            KnownFrom::Allowed => "its copy in the allowed topic",
            KnownFrom::Audit => "its audit entry: the message itself is gone",
            KnownFrom::Column => {
                "the receipt's column of allowed messages: the message itself is gone"
            }
            KnownFrom::Nothing => "nothing but its offset",
        };
        lines.extend([
            ("known from", from.to_owned()),
            ("business", text(message.map(|message| &message.business))),
            ("person", text(message.and_then(|message| message.pseudonym.as_ref()))),
            ("message id", text(fields.map(|fields| &fields.message_id))),
            ("campaign", text(fields.map(|fields| &fields.campaign_id))),
            ("category", fields.map(|fields| fields.category.to_owned()).unwrap_or_default()),
            ("scope", text(fields.map(|fields| &fields.scope))),
            ("template", text(fields.map(|fields| &fields.template))),
            (
                "sent",
                fields.and_then(|fields| fields.sent_at.as_ref()).map(time).unwrap_or_default(),
            ),
            ("decided for", self.decided_at.as_ref().map(time).unwrap_or_default()),
            ("not before", self.not_before.as_ref().map(time).unwrap_or_default()),
            ("audit entry", self.audit.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("agreed to", text(self.sentence.as_ref())),
        ]);
        lines.retain(|(_, value)| !value.is_empty());
        lines
    }
}

impl fmt::Display for RuleAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:15} {}", self.rule, self.found())?;
        self.events.iter().try_for_each(|event| write!(f, "{event}"))
    }
}

impl RuleAnswer {
    /// What the rule found, in words.
    pub(super) fn found(&self) -> String {
        match self.reasons.as_slice() {
            [] => "ok".to_owned(),
            reasons => reasons.join(", "),
        }
    }
}

impl fmt::Display for DecidingEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:18}{}, {}", "", self.says, self.record)?;
        let lines = self.lines();
        lines.iter().try_for_each(|(what, value)| writeln!(f, "{:20}{what:12} {value}", ""))
    }
}

impl DecidingEvent {
    /// What the event says beside its kind, a line each.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let text = [self.text_id.as_str(), &self.text_version];
        let text: Vec<_> = text.into_iter().filter(|part| !part.is_empty()).collect();
        let mut lines = vec![
            ("appended", time(&self.appended_at)),
            ("happened", self.happened_at.as_ref().map(time).unwrap_or_default()),
            ("method", self.method.clone().unwrap_or_default()),
            ("expression", self.expression.clone().unwrap_or_default()),
            ("evidence", self.evidence.clone()),
            ("event id", self.event_id.clone()),
            ("text", text.join(" ")),
            ("it says", self.sentence.clone().unwrap_or_default()),
        ];
        lines.retain(|(_, value)| !value.is_empty());
        lines
    }
}

impl fmt::Display for ShownReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        lines.iter().try_for_each(|(what, value)| writeln!(f, "  {what:15} {value}"))
    }
}

impl ShownReceipt {
    /// What the receipt is, a line each.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let position = |shown: &super::report::ShownPosition| {
            format!("{} {}:{}", shown.topic, shown.partition, shown.next)
        };
        let positions: Vec<_> = self.positions.iter().map(position).collect();
        let mut lines = vec![
            ("receipt", format!("{}, {}", self.receipt_id, self.record)),
            ("signature", format!("{}, key {}", self.signature, self.key_id)),
            ("receipt's hash", self.sha256.clone()),
            (
                "decided by",
                format!(
                    "consentgate {}, rules {}, fence {}, {} lane {}, cluster {}",
                    self.gate_version,
                    self.rules_version,
                    self.fence,
                    self.instance,
                    self.lane,
                    self.cluster_id
                ),
            ),
            ("policy", self.policy_sha256.clone().unwrap_or_default()),
            ("consent read to", positions.join(", ")),
            ("skipped because", self.skipped_because.clone().unwrap_or_default()),
        ];
        lines.retain(|(_, value)| !value.is_empty());
        lines
    }
}
