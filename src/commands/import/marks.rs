//! Who is suppressed, by digest: what millions of people have said fits in memory.
//!
//! Keeps for each person and each thing that they object to the newest time. A digest has 128 bits and
//! a key of its own in every run; should two people share one, the other is refused a grant.

use std::collections::HashMap;
use std::hash::Hash;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::consent::{Class, Fact, ScopeName, Seconds, Subject};
use crate::policy::{Policy, ScopeRule};

/// A person and what they object to, digested.
type Digest = [u64; 2];

/// Suppressions that were seen.
pub(super) struct Marks {
    key: (u64, u64),
    marks: HashMap<Digest, Marked>,
}

/// The newest suppression of its sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Marked {
    /// From when it counts.
    pub(super) at: Seconds,
    /// Its line in the file; 0 if it stands in the log.
    pub(super) line: u32,
}

#[derive(Hash)]
enum What<'w> {
    Everything,
    PlatformStop,
    Scope(&'w str),
    Blocked,
    Unblocked,
    Restricted,
    Unrestricted,
    /// The person, whatever they object to.
    Person,
}

impl Marks {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { key: (rand::random(), rand::random()), marks: HashMap::new() }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Joins what a record says against sending, or lifts; everything else is left alone.
    pub(super) fn join(&mut self, policy: &Policy, fact: &Fact, line: u32) {
        let (subject, what, at) = match fact {
            Fact::ScopeObjection { subject, scope, mark } => {
                // As in a decision: a scope that the policy has never known may be any scope.
                let is_known = policy.has_known(scope.as_str());
                let what = if is_known { What::Scope(scope.as_str()) } else { What::Everything };
                (subject, what, mark.at)
            }
            Fact::Objection { subject, class: Class::PlatformStop, mark } => {
                (subject, What::PlatformStop, mark.at)
            }
            Fact::Objection { subject, mark, .. } => (subject, What::Everything, mark.at),
            Fact::Block(subject, at) => (subject, What::Blocked, *at),
            Fact::Unblock(subject, at) => (subject, What::Unblocked, *at),
            Fact::Restrict(subject, at) => (subject, What::Restricted, *at),
            Fact::Unrestrict(subject, at) => (subject, What::Unrestricted, *at),
            _ => return,
        };
        let digest = self.digest(subject, &what);
        let marked = Marked { at, line };
        let newest = self.marks.entry(digest).or_insert(marked);
        *newest = (*newest).max(marked);
    }

    /// The newest suppression that covers one of these scopes. One that a grant of the person has
    /// lifted since is still one: an import has no say in it.
    pub(super) fn against(
        &self,
        policy: &Policy,
        subject: &Subject,
        scopes: &[ScopeName],
    ) -> Option<Marked> {
        let promotes =
            |scope: &ScopeName| policy.scope(scope.as_str()).is_none_or(ScopeRule::promotes);
        let stop = || self.get(subject, &What::PlatformStop);
        let stop = if scopes.iter().any(promotes) { stop() } else { None };
        let scoped =
            scopes.iter().filter_map(|scope| self.get(subject, &What::Scope(scope.as_str())));
        [
            self.get(subject, &What::Everything),
            stop,
            self.switch(subject, &What::Blocked, &What::Unblocked),
            self.switch(subject, &What::Restricted, &What::Unrestricted),
        ]
        .into_iter()
        .flatten()
        .chain(scoped)
        .max()
    }

    /// The digest of a person.
    pub(super) fn person(&self, subject: &Subject) -> Digest {
        self.digest(subject, &What::Person)
    }

    /// A switch that is on: the newest wins, equal means on.
    fn switch(&self, subject: &Subject, on: &What<'_>, off: &What<'_>) -> Option<Marked> {
        let on = self.get(subject, on)?;
        let off = self.get(subject, off);
        off.is_none_or(|off| on.at >= off.at).then_some(on)
    }

    fn get(&self, subject: &Subject, what: &What<'_>) -> Option<Marked> {
        self.marks.get(&self.digest(subject, what)).copied()
    }

    fn digest(&self, subject: &Subject, what: &What<'_>) -> Digest {
        let mut hasher = SipHasher13::new_with_keys(self.key.0, self.key.1);
        subject.hash(&mut hasher);
        what.hash(&mut hasher);
        let digest = hasher.finish128();
        [digest.h1, digest.h2]
    }
}
