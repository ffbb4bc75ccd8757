//! The index itself: facts in, answers out.
//!
//! Knows no policy and no clock. Answers are given through a fenced view only.

use std::fmt;

use hashbrown::HashMap;

use crate::consent::pause::PlatformPause;
use crate::consent::{
    BusinessId, Fact, Holding, Identity, Offset, Partition, Positions, ScopeName, Subject,
    TemplateStanding, Templates, TextRef, Topic,
};

use super::business::Business;
use super::keys::{IndexKeys, KeyedHashes};
use super::located::{Found, Located};
use super::names::ScopeNames;
use super::quarantined::{Change, Quarantined};
use super::query::Query;
use super::rare::Side;
use super::stats::IndexStats;
use super::subjects::SubjectFact;

/// From more subjects than this on, a business has bitmaps beside its flags.
const LARGE_AT: usize = 4_096;

/// The state of consent, ready to answer.
pub struct ConsentIndex {
    businesses: HashMap<BusinessId, Box<Business>>,
    names: ScopeNames,
    /// Of the businesses of whose templates anything is known. Apart from them, so that a message of
    /// another business finds out at once.
    templates: HashMap<BusinessId, Templates>,
    quarantined: Quarantined,
    platform_pause: PlatformPause,
    positions: Positions,
    hashes: KeyedHashes,
    large_at: usize,
}

impl ConsentIndex {
    /// An index that knows nothing.
    pub fn new(keys: IndexKeys) -> Self {
        Self::with_large_at(keys, LARGE_AT)
    }

    /// An index whose businesses have bitmaps from more than `large_at` subjects on.
    pub(super) fn with_large_at(keys: IndexKeys, large_at: usize) -> Self {
        Self {
            businesses: HashMap::new(),
            names: ScopeNames::default(),
            templates: HashMap::new(),
            quarantined: Quarantined::default(),
            platform_pause: PlatformPause::default(),
            positions: Positions::default(),
            hashes: KeyedHashes::new(&keys),
            large_at,
        }
    }

    /// Joins a fact. Order and repetition do not matter.
    pub fn apply(&mut self, fact: Fact) {
        match fact {
            Fact::Grant { subject, scope, grant } => {
                let scope = self.names.number(scope);
                self.join(&subject, SubjectFact::Grant(scope, grant));
            }
            Fact::Confirm { subject, grant, at } => {
                self.join(&subject, SubjectFact::Confirm(grant, at));
            }
            Fact::ScopeObjection { subject, scope, mark } => {
                let scope = self.names.number(scope);
                self.join(&subject, SubjectFact::ScopeObjection(scope, mark));
            }
            Fact::Objection { subject, class, mark } => {
                self.join(&subject, SubjectFact::Objection(class, mark))
            }
            Fact::Block(who, at) => self.join(&who, SubjectFact::Switched(Side::Block, at)),
            Fact::Unblock(who, at) => self.join(&who, SubjectFact::Switched(Side::Unblock, at)),
            Fact::Restrict(who, at) => self.join(&who, SubjectFact::Switched(Side::Restrict, at)),
            Fact::Unrestrict(who, at) => {
                self.join(&who, SubjectFact::Switched(Side::Unrestrict, at));
            }
            Fact::Cooldown(who, until) => self.join(&who, SubjectFact::Cooldown(until)),
            Fact::Link { business, ends, change } => {
                let business = business_mut(&mut self.businesses, &business);
                let ends = ends.each_ref().map(Identity::as_ref);
                business.join_link(&self.hashes, ends, change, self.large_at);
            }
            Fact::GivenUp(who, at) => self.join(&who, SubjectFact::GivenUp(at)),
            Fact::Inbound { subject, message } => {
                self.join(&subject, SubjectFact::Inbound(message));
            }
            Fact::ObjectingInbound(who, inbound) => {
                self.join(&who, SubjectFact::ObjectingInbound(inbound));
            }
            Fact::Requested(who, at) => self.join(&who, SubjectFact::Requested(at)),
            Fact::Pause { business, target, at } => self.business_mut(&business).pause(target, at),
            Fact::Resume { business, target, at } => {
                self.business_mut(&business).resume(target, at)
            }
            Fact::PauseAll { place, at } => self.platform_pause.pause(at, place),
            Fact::ResumeAll(at) => self.platform_pause.resume(at),
            Fact::InvalidText { business, id, version } => {
                let known = business_mut(&mut self.businesses, &business);
                known.invalidate(&self.hashes, id, version)
            }
            Fact::TextPublished { business, text, edition } => {
                let number = |scope: &ScopeName| (scope.clone(), self.names.number(scope.clone()));
                let scopes: Vec<_> = edition.scopes.iter().map(number).collect();
                let known = business_mut(&mut self.businesses, &business);
                known.publish(&self.hashes, &text, &edition, scopes);
            }
            Fact::TextRetired { business, id, version, at } => {
                let known = business_mut(&mut self.businesses, &business);
                known.retire(&self.hashes, id, version, at)
            }
            Fact::Template { business, template, said } => {
                self.business_mut(&business).has_fact();
                self.templates.entry(business).or_default().join(&template, &said);
            }
            Fact::Undecodable { place, business, subject_named } => {
                let change = self.quarantined.join_undecodable(place, business, subject_named);
                self.change_quarantine(change);
            }
            Fact::Void { place, remedied } => {
                let change = self.quarantined.join_void(place, remedied);
                self.change_quarantine(change);
            }
        }
    }

    /// Says that all records of a partition before `next` are applied.
    pub fn advance(&mut self, topic: Topic, partition: Partition, next: Offset) {
        self.positions.advance(topic, partition, next);
    }

    /// The next offset to apply, of every partition.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// What holds the whole gate, if anything. What must be voided comes first.
    pub fn holding(&self) -> Option<Holding> {
        let pause = || self.platform_pause.paused_by().map(Holding::Pause);
        self.quarantined.holding().map(Holding::Record).or_else(pause)
    }

    /// Whether any business is quarantined: one of its records cannot be read and is not voided.
    pub fn has_quarantine(&self) -> bool {
        self.quarantined.is_any()
    }

    /// How much is held. Goes through all businesses, not through all subjects.
    pub fn stats(&self) -> IndexStats {
        let mut stats = IndexStats::default();
        for business in self.businesses.values() {
            stats.add(business);
        }
        stats
    }

    /// Whether anything is known of any template.
    pub(super) fn knows_templates(&self) -> bool {
        !self.templates.is_empty()
    }

    /// What counts of a template of a business.
    pub(super) fn template(&self, business: &str, name: &str, language: &str) -> TemplateStanding {
        let templates = self.templates.get(business);
        templates.map(|templates| templates.standing(name, language)).unwrap_or_default()
    }

    /// The text of the grant of the addressed identity.
    pub(super) fn text(&self, query: &Query<'_>) -> Option<&TextRef> {
        let business = self.business(query.business)?;
        let scope = business.scopes.find(self.names.find(query.scope)?)?;
        let entry = business.directory.get(&self.hashes.identity(query.to?))?;
        Located::find(business, Some(scope), Found::Directory(entry)).text_of_grant(business)
    }

    pub(super) fn business(&self, name: &str) -> Option<&Business> {
        self.businesses.get(name).map(Box::as_ref)
    }

    pub(super) fn names(&self) -> &ScopeNames {
        &self.names
    }

    pub(super) fn hashes(&self) -> &KeyedHashes {
        &self.hashes
    }

    fn join(&mut self, subject: &Subject, fact: SubjectFact) {
        let business = business_mut(&mut self.businesses, &subject.business);
        let identity = subject.identity.as_ref();
        business.join_subject(&self.hashes, identity, fact, self.large_at);
    }

    fn business_mut(&mut self, name: &BusinessId) -> &mut Business {
        business_mut(&mut self.businesses, name)
    }

    /// Makes the kept answers of [`Quarantined`] those of the businesses.
    fn change_quarantine(&mut self, change: Change) {
        let Change::Businesses(quarantined) = change else {
            return;
        };
        for (name, business) in &mut self.businesses {
            business.set_quarantined(quarantined.contains(name));
        }
        for name in &quarantined {
            self.business_mut(name).set_quarantined(true);
        }
    }

    /// The same, to be damaged by tests.
    #[cfg(test)]
    pub(super) fn damage(&mut self, name: &BusinessId) -> &mut Business {
        self.business_mut(name)
    }
}

impl fmt::Debug for ConsentIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentIndex")
            .field("businesses", &self.businesses.len())
            .field("positions", &self.positions)
            .finish_non_exhaustive()
    }
}

fn business_mut<'b>(
    businesses: &'b mut HashMap<BusinessId, Box<Business>>,
    name: &BusinessId,
) -> &'b mut Business {
    businesses.entry(name.clone()).or_insert_with_key(|name| Box::new(Business::new(name.clone())))
}
