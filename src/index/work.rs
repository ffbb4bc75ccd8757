//! One query on its way through the phases of a batch.
//!
//! Each method is one phase and reads one kind of memory; none of them knows its neighbours.

use crate::consent::IdentityRef;

use super::answer::{AnswerFacts, FullFacts};
use super::business::Business;
use super::consent_index::ConsentIndex;
use super::directory::IdentityWindow;
use super::hot::{Entry, ScopeIx};
use super::keys::KeyedHashes;
use super::links::NodeIx;
use super::located::{Found, Located, against};
use super::names::NameIx;
use super::query::{Detail, Query, variants};
use super::rare::Rare;
use super::standing::Against;

/// Identities in one query: the addressed one and two others.
const IDENTITIES: usize = 3;

/// What is known of a query so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Work<'i> {
    business: Option<&'i Business>,
    scope: Option<ScopeIx>,
    windows: [Option<IdentityWindow<'i>>; IDENTITIES],
    found: [Option<Found<'i>>; IDENTITIES],
    verdict: Verdict,
    to: Located<'i>,
}

/// What can be said of the addressed identity without weighing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Verdict {
    Stands,
    #[default]
    Weigh,
    Inconsistent,
}

impl<'i> Work<'i> {
    /// A query whose business was looked up.
    pub(super) fn new(business: Option<&'i Business>) -> Self {
        Self { business, ..Self::default() }
    }

    /// Brings near what every query reads of the business.
    pub(super) fn bring_business(&self) {
        if let Some(business) = self.business {
            business.bring();
        }
    }

    /// Finds the scope, hashes the identities and finds the first slots of each.
    pub(super) fn aim(&mut self, query: &Query<'_>, name: Option<NameIx>, hashes: &KeyedHashes) {
        let Some(business) = self.business else {
            return;
        };
        self.scope = name.and_then(|name| business.scopes.find(name));
        for (window, identity) in self.windows.iter_mut().zip(identities(query)) {
            let key = identity.map(|identity| hashes.identity(identity));
            *window = key.map(|key| business.directory.window(&key));
        }
    }

    /// Brings those slots near, and what says where the scope's grants lie.
    pub(super) fn bring_slots(&self) {
        if let (Some(business), Some(scope)) = (self.business, self.scope) {
            business.scopes.bring(scope);
        }
        self.windows.iter().flatten().for_each(IdentityWindow::bring);
    }

    /// Looks for the identities there, further on, and among tombstones if there are any.
    pub(super) fn find(&mut self, index: &'i ConsentIndex, query: &Query<'_>) {
        let Some(business) = self.business else {
            return;
        };
        let windows = identities(query).into_iter().zip(&self.windows);
        for (found, (identity, window)) in self.found.iter_mut().zip(windows) {
            if let (Some(identity), Some(window)) = (identity, window) {
                *found = Some(match business.directory.look(window) {
                    Some(entry) => Found::Directory(entry),
                    None => elsewhere(index.hashes(), business, identity),
                });
            }
        }
    }

    /// Reads the flag, and for a large business holds it against the bitmap: both must agree.
    pub(super) fn judge(&mut self) {
        let (Some(business), Some(scope)) = (self.business, self.scope) else {
            return;
        };
        let [Some(Found::Directory(entry)), ..] = self.found else {
            return;
        };
        let flag = entry.flags.stands(scope);
        let mut verdict = if flag { Verdict::Stands } else { Verdict::Weigh };
        if business.large && scope.is_hot() {
            let bitmap = business.scopes.get(scope).map(|scope| &scope.standing);
            if bitmap.is_none_or(|bitmap| bitmap.contains(entry.id.0) != flag) {
                verdict = Verdict::Inconsistent;
            }
        }
        self.verdict = verdict;
    }

    /// Settles the quick yes.
    pub(super) fn settle(&mut self, detail: Detail) {
        let [_, first, second] = self.found;
        let is_quick = detail == Detail::Quick
            && self.business.is_some_and(Business::is_quick)
            && !suppresses(first)
            && !suppresses(second);
        if self.verdict == Verdict::Stands && !is_quick {
            self.verdict = Verdict::Weigh;
        }
    }

    /// Brings near what says where the grant lies that must be weighed.
    pub(super) fn bring_way(&self) {
        if let (Some(business), Verdict::Weigh, [Some(to), ..]) =
            (self.business, self.verdict, self.found)
        {
            Located::bring_way(business, self.scope, to);
        }
    }

    /// Finds the grant that must be weighed.
    pub(super) fn locate(&mut self) {
        if let (Some(business), Verdict::Weigh, [Some(to), ..]) =
            (self.business, self.verdict, self.found)
        {
            self.to = Located::find(business, self.scope, to);
        }
    }

    /// Brings the grant near.
    pub(super) fn bring_grant(&self) {
        self.to.bring();
    }

    /// Brings near what the grant's text is good for.
    pub(super) fn bring_text(&self) {
        if let Some(business) = self.business {
            self.to.bring_text(business);
        }
    }

    /// Says what is known.
    pub(super) fn answer(&self, index: &'i ConsentIndex, query: &Query<'_>) -> AnswerFacts<'i> {
        let Some(business) = self.business.filter(|business| business.is_known()) else {
            return AnswerFacts::UnknownBusiness;
        };
        match self.verdict {
            Verdict::Stands => AnswerFacts::Stands,
            Verdict::Inconsistent => AnswerFacts::Inconsistent,
            Verdict::Weigh => AnswerFacts::Full(self.facts(index, business, query)),
        }
    }

    fn facts(
        &self,
        index: &'i ConsentIndex,
        business: &'i Business,
        query: &Query<'_>,
    ) -> FullFacts<'i> {
        let names = index.names();
        let describe = |located: Located<'i>| located.describe(business, names, self.scope);
        let [_, first, second] = self.found;
        let also = [first, second].map(|found| Some(Located::find(business, self.scope, found?)));
        let [first, second] = also;
        let named = [Some(self.to), first, second].map(|located| located?.rare?.node());
        let (quarantined, pauses) = business.trouble();
        FullFacts {
            quarantined,
            pauses,
            to: describe(self.to),
            also: also.map(|located| Some(Box::new(describe(located?)))),
            elsewhere: said_elsewhere(index, business, query, named),
        }
    }
}

/// What counts from the other forms of those that a query names, and from whoever is linked to any.
fn said_elsewhere<'i>(
    index: &'i ConsentIndex,
    business: &'i Business,
    query: &Query<'_>,
    named: [Option<NodeIx>; IDENTITIES],
) -> Option<Box<Against<'i>>> {
    let names = index.names();
    let variants = variants(identities(query)).map(|variant| {
        let at = business.find(index.hashes(), variant?)?;
        business.rare_at(at)
    });
    let nodes = variants.map(|rare| rare.and_then(Rare::node));
    let is_known = |node| named.contains(&Some(node)) || nodes.contains(&Some(node));
    let reaching = named.iter().chain(&nodes).flatten().flat_map(|node| business.linked(*node));
    let others = reaching.filter(|(node, ..)| !is_known(*node));
    let others = others.map(|(_, rare, reach)| against(business, names, rare).over(reach));
    let variants = variants.into_iter().flatten().map(|rare| against(business, names, rare));
    Against::newest_of(variants.map(Against::on_a_variant).chain(others))
}

fn identities<'q>(query: &Query<'q>) -> [Option<IdentityRef<'q>>; IDENTITIES] {
    let [first, second] = query.also;
    [query.to, first, second]
}

/// Looks an identity up among the erased ones, and its other form among all.
fn elsewhere<'i>(
    hashes: &KeyedHashes,
    business: &'i Business,
    identity: IdentityRef<'_>,
) -> Found<'i> {
    if !business.tombstones.is_empty() {
        let tombstone = hashes.tombstone(business.name.as_str(), identity);
        if let Some(rare) = business.tombstones.get(&tombstone) {
            return Found::Tombstone(rare);
        }
    }
    let variant = identity.variant().and_then(|variant| business.find(hashes, variant));
    if variant.is_some() { Found::Variant } else { Found::Nowhere }
}

/// Whether another identity speaks against sending. A tombstone always needs to be weighed, and so does
/// the other form of an identity that is not known itself.
fn suppresses(found: Option<Found<'_>>) -> bool {
    match found {
        Some(Found::Directory(Entry { flags, .. })) => flags.suppresses(),
        Some(Found::Tombstone(_) | Found::Variant) => true,
        Some(Found::Nowhere) | None => false,
    }
}
