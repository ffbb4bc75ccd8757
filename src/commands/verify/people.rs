//! The people that one message concerns, as of the positions of its batch.

use super::epochs::EpochId;
use super::history::{History, Person};
use crate::consent::{
    BusinessId, Identity, IdentityRef, LinkReach, Positions, Subject, SubjectState,
};
use crate::decision::Message;
use crate::index::People;

/// Whoever a message names, the other forms of their numbers, and whoever reaches any over links.
#[derive(Default)]
pub(super) struct Concerned<'h> {
    people: Vec<(Identity, Person<'h>)>,
    /// From a named identity to one that reaches it.
    reaching: Vec<(Identity, Identity, LinkReach)>,
}

impl<'h> Concerned<'h> {
    /// Finds them.
    pub(super) fn by(
        message: &Message<'_>,
        history: &'h History,
        positions: &Positions,
        epoch: EpochId,
    ) -> Self {
        let mut concerned = Self::default();
        let Some(business) = BusinessId::parse(message.business) else {
            return concerned;
        };
        let variants = message.people().filter_map(IdentityRef::variant);
        for named in message.people().chain(variants) {
            let named = named.to_owned();
            for (other, reach) in history.links.reached_at(&business, &named, positions, epoch) {
                concerned.add(other, &business, history, positions, epoch);
                concerned.reaching.push((named.clone(), other.clone(), reach));
            }
            concerned.add(&named, &business, history, positions, epoch);
        }
        concerned
    }

    fn add(
        &mut self,
        identity: &Identity,
        business: &BusinessId,
        history: &'h History,
        positions: &Positions,
        epoch: EpochId,
    ) {
        let subject = Subject { business: business.clone(), identity: identity.clone() };
        if let Some(person) = history.person_at(&subject, positions, epoch) {
            self.people.push((subject.identity, person));
        }
    }
}

impl<'s> People<'s> for &'s Concerned<'_> {
    fn state(&self, identity: IdentityRef<'_>) -> Option<&'s SubjectState> {
        let mut people = self.people.iter();
        let person = people.find(|(known, _)| known.as_ref() == identity);
        person.map(|(_, person)| person.state())
    }

    fn linked(
        &self,
        identity: IdentityRef<'_>,
        is_named: &dyn Fn(IdentityRef<'_>) -> bool,
    ) -> Vec<(&'s SubjectState, LinkReach)> {
        let reaching = self.reaching.iter().filter(|(named, ..)| named.as_ref() == identity);
        let others = reaching.filter(|(_, other, _)| !is_named(other.as_ref()));
        others.filter_map(|(_, other, reach)| Some((self.state(other.as_ref())?, *reach))).collect()
    }
}
