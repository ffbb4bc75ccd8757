//! Answers a batch in phases.
//!
//! What costs time is waiting for memory, so each phase goes over many queries before the next one
//! starts: resolve businesses and hash identities; read the home slot of every identity; look
//! further where that was not enough; compare and answer. The reads of one phase do not depend on
//! each other, so the processor waits for them together. The quick path allocates nothing.

use crate::consent::IdentityRef;

use super::answer::{Answer, AnswerFacts};
use super::business::Business;
use super::consent_index::ConsentIndex;
use super::full::{self, Found};
use super::hot::{Entry, ScopeIx};
use super::keys::IdentityKey;
use super::query::{Detail, Query};
use super::slots::Glance;

/// How many queries go through the phases together.
const CHUNK: usize = 128;
/// Identities in one query: the addressed one and two others.
const IDENTITIES: usize = 3;

/// Answers all queries in their order.
pub(super) fn answer<'i>(
    index: &'i ConsentIndex,
    queries: &[Query<'_>],
    answers: &mut Vec<Answer<'i>>,
) {
    answers.clear();
    answers.reserve(queries.len());
    let mut resolved = [Resolved::default(); CHUNK];
    let mut glances = [[Glance::Nobody; IDENTITIES]; CHUNK];
    for chunk in queries.chunks(CHUNK) {
        resolve(index, chunk, &mut resolved);
        for (glances, resolved) in glances.iter_mut().zip(&resolved).take(chunk.len()) {
            *glances = resolved.glance();
        }
        for ((query, resolved), glances) in chunk.iter().zip(&resolved).zip(&glances) {
            let facts = resolved.answer(index, query, glances);
            answers.push(Answer::new(facts));
        }
    }
}

/// The business, the scope and the keys of the identities of each query.
fn resolve<'i>(index: &'i ConsentIndex, queries: &[Query<'_>], resolved: &mut [Resolved<'i>]) {
    let mut last: Option<(&Query<'_>, Resolved<'i>)> = None;
    for (query, slot) in queries.iter().zip(resolved) {
        let business = match last {
            Some((last, known)) if last.business == query.business => known.business,
            _ => index.business(query.business),
        };
        let scope = match (business, last) {
            (Some(business), Some((last, known)))
                if known
                    .business
                    .is_some_and(|known| std::ptr::eq(known, business))
                    && last.scope == query.scope =>
            {
                known.scope
            }
            (Some(business), _) => business.scopes.find(query.scope),
            (None, _) => None,
        };
        *slot = Resolved {
            business,
            scope,
            keys: identities(query)
                .map(|identity| identity.map(|identity| index.hashes().identity(identity))),
        };
        last = Some((query, *slot));
    }
}

fn identities<'q>(query: &Query<'q>) -> [Option<IdentityRef<'q>>; IDENTITIES] {
    let [first, second] = query.also;
    [query.to, first, second]
}

#[derive(Clone, Copy, Default)]
struct Resolved<'i> {
    business: Option<&'i Business>,
    scope: Option<ScopeIx>,
    keys: [Option<IdentityKey>; IDENTITIES],
}

impl<'i> Resolved<'i> {
    fn glance(&self) -> [Glance; IDENTITIES] {
        let Some(business) = self.business else {
            return [Glance::Nobody; IDENTITIES];
        };
        self.keys
            .map(|key| key.map_or(Glance::Nobody, |key| business.directory.glance(&key)))
    }

    fn answer(
        &self,
        index: &'i ConsentIndex,
        query: &Query<'_>,
        glances: &[Glance; IDENTITIES],
    ) -> AnswerFacts<'i> {
        let Some(business) = self.business.filter(|business| business.is_known()) else {
            return AnswerFacts::UnknownBusiness;
        };
        let mut found = [None; IDENTITIES];
        let identities = identities(query).into_iter().zip(self.keys).zip(glances);
        for (slot, ((identity, key), glance)) in found.iter_mut().zip(identities) {
            if let (Some(identity), Some(key)) = (identity, key) {
                *slot = Some(find(index, business, identity, &key, *glance));
            }
        }
        let [to, first, second] = found;
        let to = to.unwrap_or(Found::Nowhere);
        match (self.verdict(business, to), query.detail) {
            (Verdict::Inconsistent, _) => return AnswerFacts::Inconsistent,
            (Verdict::Stands, Detail::Quick)
                if business.is_quick() && !suppresses(first) && !suppresses(second) =>
            {
                return AnswerFacts::Stands;
            }
            _ => {}
        }
        let facts = full::facts(business, self.scope, to, [first, second]);
        AnswerFacts::Full(Box::new(facts))
    }

    /// What the flag says, and for large businesses the bitmap too: both must agree.
    fn verdict(&self, business: &Business, to: Found<'_>) -> Verdict {
        let (Some(scope), Found::Directory(entry)) = (self.scope, to) else {
            return Verdict::Weigh;
        };
        let flag = entry.flags.stands(scope);
        if business.large && scope.is_hot() {
            let bitmap = business.scopes.get(scope).map(|scope| &scope.standing);
            if bitmap.is_none_or(|bitmap| bitmap.contains(entry.id.0) != flag) {
                return Verdict::Inconsistent;
            }
        }
        if flag {
            Verdict::Stands
        } else {
            Verdict::Weigh
        }
    }
}

/// What can be said of the addressed identity without weighing.
enum Verdict {
    Stands,
    Weigh,
    Inconsistent,
}

fn find<'i>(
    index: &ConsentIndex,
    business: &'i Business,
    identity: IdentityRef<'_>,
    key: &IdentityKey,
    glance: Glance,
) -> Found<'i> {
    let entry = match glance {
        Glance::Here(entry) => Some(entry),
        Glance::Nobody => None,
        Glance::Elsewhere => business.directory.get(key),
    };
    if let Some(entry) = entry {
        return Found::Directory(entry);
    }
    if business.tombstones.is_empty() {
        return Found::Nowhere;
    }
    let tombstone = index.hashes().tombstone(business.name.as_str(), identity);
    match business.tombstones.get(&tombstone) {
        Some(rare) => Found::Tombstone(rare),
        None => Found::Nowhere,
    }
}

/// Whether another identity speaks against sending. A tombstone always needs to be weighed.
fn suppresses(found: Option<Found<'_>>) -> bool {
    match found {
        Some(Found::Directory(Entry { flags, .. })) => flags.suppresses(),
        Some(Found::Tombstone(_)) => true,
        Some(Found::Nowhere) | None => false,
    }
}
