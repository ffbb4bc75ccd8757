//! Everybody who ever agreed to anything, and of whom something may have changed.
//!
//! The index holds hashes and cannot list people; this can. It decides nothing: whoever is due is asked
//! about anew. In doubt too many are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::consent::{BusinessId, Fact, Identity, Seconds, Subject};

/// The people of all businesses.
#[derive(Debug, Default)]
pub(in crate::commands) struct Roster {
    businesses: BTreeMap<BusinessId, Customers>,
}

/// The people of one business.
#[derive(Debug, Default)]
pub(in crate::commands) struct Customers {
    people: HashMap<Identity, Told>,
    /// Identities that were ever linked; what is said on one may count on the other.
    links: HashMap<Identity, Vec<Identity>>,
    changed: Changed,
    /// What changes by itself, and when.
    timers: BTreeSet<(Seconds, Identity)>,
}

/// What was last told of a person, as a fingerprint; `None` if nothing stands.
pub(super) type Told = Option<u64>;

#[derive(Debug, Default)]
enum Changed {
    /// Nobody is known yet, or something counts for all.
    #[default]
    Everybody,
    These(HashSet<Identity>),
}

impl Roster {
    /// Notes who may be concerned by a fact.
    pub(super) fn note(&mut self, fact: &Fact) {
        if let Some(subject) = fact.subject() {
            let customers = self.customers(&subject.business);
            if matches!(fact, Fact::Grant { .. }) {
                customers.people.entry(subject.identity.clone()).or_default();
            }
            return customers.change(&subject.identity);
        }
        match fact {
            Fact::Link { business, ends: [one, other], .. } => {
                self.customers(business).link(one, other);
            }
            Fact::InvalidText { business, .. }
            | Fact::TextPublished { business, .. }
            | Fact::TextRetired { business, .. }
            | Fact::Undecodable { business: Some(business), .. } => {
                self.customers(business).changed = Changed::Everybody;
            }
            Fact::Void { .. } => self.change_all(),
            // These hold everything, or are about messages and not about people.
            _ => {}
        }
    }

    /// Everything may have changed.
    pub(super) fn change_all(&mut self) {
        for customers in self.businesses.values_mut() {
            customers.changed = Changed::Everybody;
        }
    }

    /// Somebody was told of before: whatever stands now, it must be compared.
    pub(super) fn remember(&mut self, subject: Subject, told: u64) {
        let customers = self.customers(&subject.business);
        customers.people.insert(subject.identity, Some(told));
    }

    /// All businesses with their people, in the order of their names.
    pub(in crate::commands) fn businesses(
        &mut self,
    ) -> impl Iterator<Item = (&BusinessId, &mut Customers)> {
        self.businesses.iter_mut()
    }

    fn customers(&mut self, business: &BusinessId) -> &mut Customers {
        if !self.businesses.contains_key(business) {
            self.businesses.insert(business.clone(), Customers::default());
        }
        self.businesses.entry(business.clone()).or_default()
    }
}

impl Customers {
    /// Takes out who is due now, in the order of their identities.
    pub(in crate::commands) fn take_due(&mut self, now: Seconds) -> Vec<Identity> {
        let changed = std::mem::replace(&mut self.changed, Changed::These(HashSet::new()));
        let mut run_out = Vec::new();
        while self.timers.first().is_some_and(|(at, _)| *at <= now) {
            run_out.extend(self.timers.pop_first().map(|(_, identity)| identity));
        }
        let mut due: Vec<Identity> = match changed {
            Changed::Everybody => self.people.keys().cloned().collect(),
            Changed::These(these) => {
                let due: BTreeSet<Identity> = these.into_iter().chain(run_out).collect();
                due.into_iter().filter(|identity| self.people.contains_key(identity)).collect()
            }
        };
        due.sort_unstable();
        due
    }

    /// What was last told of a person.
    pub(super) fn told(&self, person: &Identity) -> Told {
        self.people.get(person).copied().flatten()
    }

    /// Notes what was told of a person, and when that changes by itself.
    pub(super) fn tell(&mut self, person: Identity, told: Told, changes_at: Option<Seconds>) {
        if let Some(at) = changes_at {
            self.timers.insert((at, person.clone()));
        }
        self.people.insert(person, told);
    }

    fn link(&mut self, one: &Identity, other: &Identity) {
        self.links.entry(one.clone()).or_default().push(other.clone());
        self.links.entry(other.clone()).or_default().push(one.clone());
        self.change(one);
    }

    /// The identity, the other form of its number, and whoever was ever linked to these.
    fn change(&mut self, identity: &Identity) {
        let Changed::These(changed) = &mut self.changed else {
            return;
        };
        let mut next = vec![identity.clone()];
        let mut seen = HashSet::new();
        while let Some(identity) = next.pop() {
            if !seen.insert(identity.clone()) {
                continue;
            }
            next.extend(identity.as_ref().variant().map(|variant| variant.to_owned()));
            next.extend(self.links.get(&identity).into_iter().flatten().cloned());
        }
        changed.extend(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::LinkChange;

    fn who(text: &str) -> Identity {
        Identity::parse(text).expect("an identity")
    }

    fn business() -> BusinessId {
        BusinessId::parse("cafe").expect("a business")
    }

    fn subject(text: &str) -> Subject {
        Subject { business: business(), identity: who(text) }
    }

    fn roster(people: &[&str]) -> Roster {
        let mut roster = Roster::default();
        people.iter().for_each(|person| roster.remember(subject(person), 1));
        due(&mut roster, 0);
        roster
    }

    fn due(roster: &mut Roster, now: u32) -> Vec<Identity> {
        roster.businesses().flat_map(|(_, customers)| customers.take_due(Seconds(now))).collect()
    }

    #[test]
    fn everybody_is_due_once_and_then_only_who_changed() {
        let mut roster = Roster::default();
        for person in ["+99910000001", "+99910000002"] {
            roster.remember(subject(person), 1);
        }
        assert_eq!(due(&mut roster, 0).len(), 2);
        assert_eq!(due(&mut roster, 0), []);
        roster.note(&Fact::Block(subject("+99910000002"), Seconds(5)));
        assert_eq!(due(&mut roster, 0), [who("+99910000002")]);
    }

    #[test]
    fn what_is_said_on_one_identity_makes_all_linked_ones_and_the_other_form_due() {
        let (long, short) = ("+5210000000000", "+520000000000");
        let mut roster = roster(&[long, "XX.anna", "XX.other"]);
        let ends = [who(short), who("XX.anna")];
        let change = LinkChange::Linked(Seconds(1));
        roster.note(&Fact::Link { business: business(), ends, change });
        assert_eq!(due(&mut roster, 0), [who(long), who("XX.anna")]);
        roster.note(&Fact::Block(subject("XX.anna"), Seconds(5)));
        assert_eq!(due(&mut roster, 0), [who(long), who("XX.anna")]);
    }

    #[test]
    fn a_timer_is_due_in_its_second_and_not_before() {
        let mut roster = roster(&["+99910000001"]);
        for (_, customers) in roster.businesses() {
            customers.tell(who("+99910000001"), Some(7), Some(Seconds(100)));
        }
        assert_eq!(due(&mut roster, 99), []);
        assert_eq!(due(&mut roster, 100), [who("+99910000001")]);
        assert_eq!(due(&mut roster, 100), []);
    }

    #[test]
    fn a_text_makes_its_business_due_and_a_void_everybody() {
        let mut roster = roster(&["+99910000001"]);
        let (id, version) = (None, None);
        roster.note(&Fact::InvalidText { business: business(), id, version });
        assert_eq!(due(&mut roster, 0).len(), 1);
    }
}
