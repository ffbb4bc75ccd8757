//! A row that speaks against sending.
//!
//! It is never refused for what it lacks. Without a clear date it counts from the import, without
//! clear scopes for everything.

use super::event::{Base, Cells, names};
use super::header::Column;
use super::id::id_of;
use super::instant::instant_ms;
use crate::consent::{ScopeName, Subject};
use crate::policy::SCOPES_MAX;
use crate::wire::consent::{Produced, encode};
use crate::wire::proto::consent::{Actor, ConsentEvent, Kind, Method};

/// A note longer than this is left out.
const REASON_LEN_MAX: usize = 1_024;

/// A suppression as the log will have it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedSuppression {
    /// Whom it is about.
    pub subject: Subject,
    /// What it takes wider than the row may have meant it.
    pub widened: Option<Widened>,
    event: ConsentEvent,
}

/// Why a suppression is wider than its row may have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Widened {
    /// Without a clear date: it counts from the import.
    FromNow,
    /// With scopes that cannot be read: it counts for all.
    AllScopes,
    /// With a scope that the policy does not have, which counts against all.
    UnknownScope,
}

impl Widened {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::FromNow => "no_clear_date_counts_from_now",
            Self::AllScopes => "no_clear_scopes_counts_for_all",
            Self::UnknownScope => "unknown_scope_counts_for_all",
        }
    }
}

impl ImportedSuppression {
    /// Its event.
    pub fn event(&self) -> &ConsentEvent {
        &self.event
    }

    /// Whether it counts from when it happened, or from when it is appended.
    pub fn is_historic(&self) -> bool {
        self.event.historic
    }

    /// Lets it count from when it is appended: it then stands above every grant that is there.
    pub fn count_from_now(&mut self) {
        self.event.historic = false;
    }

    /// The record to write.
    pub fn produced(&self) -> Produced {
        Produced { key: self.subject.key(), value: encode(&self.event) }
    }
}

/// The suppression that a row says.
pub(super) fn suppression(cells: &Cells<'_>, base: Base) -> ImportedSuppression {
    let Base { subject, mut event } = base;
    let mut widened = None;
    if matches!(event.kind(), Kind::Withdraw | Kind::Refuse) {
        match scopes(cells) {
            Some(scopes) => {
                let has_known = |scope: &String| cells.context.policy.has_known(scope);
                if !scopes.iter().all(has_known) {
                    widened = Some(Widened::UnknownScope);
                }
                event.scopes = scopes;
            }
            None => widened = Some(Widened::AllScopes),
        }
    }
    event.occurred_at_ms = cells.text(Column::OccurredAt).ok().and_then(instant_ms);
    event.historic = event.occurred_at_ms.is_some();
    if !event.historic {
        widened = Some(Widened::FromNow);
    }
    event.set_method(Method::Import);
    event.set_actor(Actor::Importer);
    let reason = cells.text(Column::Reason).unwrap_or_default();
    if reason.len() <= REASON_LEN_MAX {
        reason.clone_into(&mut event.reason);
    }
    event.event_id = id_of(&event);
    ImportedSuppression { subject, widened, event }
}

/// The scopes named, sorted, none for all; `None` if they cannot be read.
fn scopes(cells: &Cells<'_>) -> Option<Vec<String>> {
    let list = cells.text(Column::Scopes).ok()?;
    let mut scopes = Vec::new();
    for name in names(list) {
        scopes.push(ScopeName::parse(name)?.to_string());
    }
    scopes.sort();
    scopes.dedup();
    (scopes.len() <= SCOPES_MAX).then_some(scopes)
}
