//! What came of a comparison, as text and as CSV.
//!
//! Names nobody: a person is the pseudonym that a decision has. Meta's id of a message is not shown, for
//! it holds the person's number.

use std::fmt;

use super::ledger::{Counts, Finding, What};
use crate::commands::exit::{Exit, Failure};
use crate::wire::json::JsonTime;

/// So many findings of a kind are shown as text; the CSV has all.
const SHOWN_MAX: usize = 20;

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// How much was compared.
    pub counts: Counts,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// What could not be compared, and what to do about it.
    pub notes: Vec<String>,
}

impl Reconciliation {
    /// How many of a kind.
    pub fn count(&self, what: What) -> usize {
        self.findings.iter().filter(|finding| finding.what == what).count()
    }

    /// How many messages went round the gate.
    pub fn went_round(&self) -> usize {
        self.findings.iter().filter(|finding| finding.what.goes_round()).count()
    }

    /// All findings as CSV (RFC 4180).
    ///
    /// # Errors
    /// None is known; the encoder's own is handed on.
    pub fn to_csv(&self) -> Result<String, Failure> {
        let failed = |what: String| {
            Failure::new(Exit::Io, format!("cannot write the findings as csv: {what}"))
        };
        let mut out = csv::Writer::from_writer(Vec::new());
        let columns = [
            "finding",
            "message_id",
            "business",
            "pseudonym",
            "sent_at",
            "decided_at",
            "reason",
            "place",
        ];
        out.write_record(columns).map_err(|error| failed(error.to_string()))?;
        for finding in &self.findings {
            let time = |ms: Option<i64>| ms.map(words).unwrap_or_default();
            out.write_record([
                finding.what.name(),
                &plain(&finding.message_id),
                &plain(&finding.business),
                &finding.pseudonym,
                &time(finding.sent_at_ms),
                &time(finding.decided_at_ms),
                finding.reason,
                &finding.place,
            ])
            .map_err(|error| failed(error.to_string()))?;
        }
        let bytes = out.into_inner().map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
    }
}

/// A caller's text that a spreadsheet would run as a formula begins with an apostrophe.
fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn words(ms: i64) -> String {
    match JsonTime::of_millis(ms) {
        JsonTime::Text(text) => text,
        JsonTime::Millis(ms) => ms.to_string(),
    }
}

impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { sent, matched, allowed, open, allowed_without_id } = self.counts;
        writeln!(f, "sent {sent}, of them by a decision of the gate {matched}")?;
        writeln!(f, "allowed {allowed}, of them perhaps still on their way {open}")?;
        if allowed_without_id > 0 {
            writeln!(f, "allowed without an id that is kept: {allowed_without_id}, not compared")?;
        }
        for what in What::ALL {
            let count = self.count(what);
            writeln!(f, "{}: {count}", what.words())?;
            let mut findings = self.findings.iter().filter(|finding| finding.what == what);
            findings.by_ref().take(SHOWN_MAX).try_for_each(|finding| write!(f, "{finding}"))?;
            if count > SHOWN_MAX {
                writeln!(f, "  and {} more: --csv shows all", count - SHOWN_MAX)?;
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id =
            if self.message_id.is_empty() { "(no id that may be shown)" } else { &self.message_id };
        write!(f, "  {id}")?;
        let sent = self.sent_at_ms.map(|ms| format!("sent {}", words(ms)));
        let decided = self.decided_at_ms.map(|ms| format!("decided {}", words(ms)));
        let business = (!self.business.is_empty()).then(|| self.business.clone());
        let reason = (!self.reason.is_empty()).then(|| self.reason.to_owned());
        let person = (!self.pseudonym.is_empty()).then(|| format!("person {}", self.pseudonym));
        let parts = [business, sent, decided, reason, person, Some(self.place.clone())];
        parts.into_iter().flatten().try_for_each(|part| write!(f, ", {part}"))?;
        writeln!(f)
    }
}
