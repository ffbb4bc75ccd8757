//! What becomes of a row, given all that is known.

use super::conflict::Conflict;
use super::known::{Answer, Known};
use crate::wire::import::{Imported, ImportedGrant, ImportedSuppression, Refusal, Refused};

/// A row as it was read.
pub(super) type Read = Result<Imported, Refused>;

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Verdict {
    /// A suppression is taken, perhaps otherwise than it was written.
    Suppress(Box<ImportedSuppression>, Option<Noted>),
    /// A grant is taken.
    Grant(Box<ImportedGrant>),
    /// The event is in the log already.
    Already,
    /// The row cannot be taken, whatever the others say.
    Refused(Refusal),
    /// The grant is complete, and something stands against it; on this line, if it is in the file.
    Conflict(Conflict, u32),
}

/// What is worth saying of a suppression that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// It is taken wider.
    Widened(crate::wire::import::Widened),
    /// The person agreed after it, so it changes nothing for what they agreed to.
    AnsweredByPerson,
    /// An earlier import brought a later grant: it counts from now, above that.
    OverImportedGrant,
}

impl Noted {
    /// The name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Widened(widened) => widened.name(),
            Self::AnsweredByPerson => "person_agreed_after_it",
            Self::OverImportedGrant => "counts_from_now_over_an_imported_grant",
        }
    }
}

/// What becomes of a row.
pub(super) fn verdict(known: &Known<'_>, row: Read) -> Verdict {
    match row {
        Err(refused) => Verdict::Refused(refused.refusal),
        Ok(Imported::Grant(grant)) if known.has(grant.event()) => Verdict::Already,
        Ok(Imported::Suppression(suppression)) => suppress(known, suppression),
        Ok(Imported::Grant(grant)) => match known.conflict(&grant) {
            Some((conflict, line)) => Verdict::Conflict(conflict, line),
            None => Verdict::Grant(grant),
        },
    }
}

fn suppress(known: &Known<'_>, mut suppression: Box<ImportedSuppression>) -> Verdict {
    let answered = known.answered(&suppression).filter(|_| suppression.is_historic());
    if answered == Some(Answer::Import) {
        // As it stands in the log, if it does, a grant stands above it that no person gave since.
        if known.has_from_now(suppression.event()) {
            return Verdict::Already;
        }
        suppression.count_from_now();
        return Verdict::Suppress(suppression, Some(Noted::OverImportedGrant));
    }
    if known.has(suppression.event()) {
        return Verdict::Already;
    }
    let person = answered.map(|_| Noted::AnsweredByPerson);
    let noted = suppression.widened.map(Noted::Widened).or(person);
    Verdict::Suppress(suppression, noted)
}
