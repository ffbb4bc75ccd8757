//! The people that one message concerns, as of the positions of its batch.

use smallvec::SmallVec;

use super::customers::Customers;
use super::epochs::EpochId;
use super::told::Person;
use crate::consent::{Identity, IdentityRef, LinkReach, Positions, SubjectState};
use crate::decision::Message;
use crate::index::People;

/// Whoever a message names, the other forms of their numbers, and whoever reaches any over links.
#[derive(Default)]
pub(super) struct Concerned<'h> {
    people: SmallVec<[(Identity, Person<'h>); 2]>,
    /// From a named identity to one that reaches it.
    reaching: Vec<(Identity, Identity, LinkReach)>,
}

impl<'h> Concerned<'h> {
    /// Finds them among the customers of the business that sends.
    pub(super) fn by(
        message: &Message<'_>,
        customers: Option<&'h Customers>,
        positions: &Positions,
        epoch: EpochId,
    ) -> Self {
        let mut concerned = Self::default();
        let Some(customers) = customers else {
            return concerned;
        };
        let variants = message.people().filter_map(IdentityRef::variant);
        for named in message.people().chain(variants) {
            let named = named.to_owned();
            for (other, reach) in customers.links.reached_at(&named, positions, epoch) {
                concerned.add(other.clone(), customers, positions, epoch);
                concerned.reaching.push((named.clone(), other.clone(), reach));
            }
            concerned.add(named, customers, positions, epoch);
        }
        concerned
    }

    fn add(
        &mut self,
        identity: Identity,
        customers: &'h Customers,
        positions: &Positions,
        epoch: EpochId,
    ) {
        if let Some(person) = customers.person_at(&identity, positions, epoch) {
            self.people.push((identity, person));
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
