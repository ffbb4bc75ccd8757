//! Which businesses are quarantined, and what holds the gate.
//!
//! [`Quarantine`] says it by going through all unreadable records. Here the answers are kept, and
//! worked out again only where a fact can change them, so that a flood of unreadable records stays
//! cheap.

use std::collections::BTreeSet;

use crate::consent::state::Quarantine;
use crate::consent::{BusinessId, Place};

/// What a fact about an unreadable record changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// No business came or went.
    Nothing,
    /// Exactly these businesses are quarantined now.
    Businesses(BTreeSet<BusinessId>),
}

/// Unreadable records and their voids, with the answers at hand.
#[derive(Default)]
pub(super) struct Quarantined {
    quarantine: Quarantine,
    voided: BTreeSet<Place>,
    businesses: BTreeSet<BusinessId>,
    unattributed: Option<Place>,
}

impl Quarantined {
    /// Joins an unreadable record.
    pub(super) fn join_undecodable(
        &mut self,
        place: Place,
        business: Option<BusinessId>,
        subject_named: bool,
    ) -> Change {
        let is_settled =
            business.as_ref().is_some_and(|business| self.businesses.contains(business))
                && !self.voided.contains(&place)
                && self.unattributed != Some(place);
        self.quarantine.join_undecodable(place, business, subject_named);
        if is_settled {
            return Change::Nothing;
        }
        self.work_out()
    }

    /// Joins a void.
    pub(super) fn join_void(&mut self, place: Place, remedied: bool) -> Change {
        self.voided.insert(place);
        self.quarantine.join_void(place, remedied);
        self.work_out()
    }

    /// The record that holds the whole gate, if any.
    pub(super) fn holding(&self) -> Option<Place> {
        self.unattributed
    }

    /// Whether a record of any business waits to be voided.
    pub(super) fn is_any(&self) -> bool {
        !self.businesses.is_empty()
    }

    fn work_out(&mut self) -> Change {
        self.unattributed = self.quarantine.unattributed();
        let businesses = self.quarantine.businesses();
        if businesses == self.businesses {
            return Change::Nothing;
        }
        self.businesses.clone_from(&businesses);
        Change::Businesses(businesses)
    }
}
