//! Keeps flags and bitmaps in step with the grants and marks that they stand for.
//!
//! Both are recomputed whenever a fact touches what they rest on. A flag stands for a grant about
//! which nothing at all needs to be looked at: no end of validity, no further texts, a text that is
//! valid and proves what was agreed to, later than every objection of any class and to any scope, on this
//! identity, on a linked one or on its other form, neither blocked nor restricted, not given up, and never
//! cooled down.

use roaring::RoaringBitmap;

use crate::consent::subject_state::is_kept;
use crate::consent::{CLOCK_TOLERANCE_S, Mark};

use super::business::Business;
use super::cell::Cell;
use super::hot::{LocalId, ScopeIx};
use super::keys::{IdentityKey, KeyedHashes};
use super::links::Whereabouts;
use super::rare::Rare;
use super::standing::TextProof;
use super::texts::TextIx;

/// What of a subject a fact touched.
#[derive(Clone, Copy)]
pub(super) enum Touched {
    Nothing,
    Scope(ScopeIx),
    All,
}

impl Business {
    /// Recomputes the flags of one subject, and its bits.
    pub(super) fn refresh(
        &mut self,
        hashes: &KeyedHashes,
        key: &IdentityKey,
        id: LocalId,
        touched: Touched,
    ) {
        let hot = self.scopes.iter().filter(|(scope, _)| scope.is_hot());
        let over = self.said_elsewhere(hashes, key, id);
        let mut changes = [None; super::hot::HotFlags::SCOPES as usize];
        for (scope, slot) in hot.map(|(scope, _)| scope).zip(&mut changes) {
            let is_touched = match touched {
                Touched::Nothing => false,
                Touched::Scope(only) => only == scope,
                Touched::All => true,
            };
            if is_touched {
                *slot = Some((scope, self.stands(id, scope, over)));
            }
        }
        let rare = self.rare.get(id);
        let suppresses = rare.is_some_and(Rare::suppresses) || over.suppresses();
        let has_rare = rare.is_some();
        self.directory.update(key, |flags| {
            flags.set_suppresses(suppresses);
            flags.set_has_rare(has_rare);
            for (scope, stands) in changes.iter().flatten() {
                flags.set_stands(*scope, *stands);
            }
        });
        if self.large {
            for (scope, stands) in changes.into_iter().flatten() {
                if let Some(scope) = self.scopes.get_mut(scope) {
                    set_bit(&mut scope.standing, id, stands);
                }
            }
        }
    }

    /// Starts the bitmaps once the business has become large. It stays large.
    pub(super) fn grow_large(&mut self, large_at: usize) {
        if self.large || self.directory.len() <= large_at {
            return;
        }
        self.large = true;
        let mut entries: Vec<_> = self.directory.iter().collect();
        entries.sort_unstable_by_key(|entry| entry.id);
        for (number, scope) in self.scopes.iter_mut().filter(|(scope, _)| scope.is_hot()) {
            let standing = entries.iter().filter(|entry| entry.flags.stands(number));
            scope.standing = standing.map(|entry| entry.id.0).collect();
        }
    }

    /// Recomputes the flags of all who agreed to these texts, given in order, and their bits.
    pub(super) fn refresh_texts(&mut self, hashes: &KeyedHashes, changed: &[TextIx]) {
        if changed.is_empty() {
            return;
        }
        let is_on = |cell: &Cell| changed.binary_search_by_key(&cell.text.0, |text| text.0).is_ok();
        let mut ids = RoaringBitmap::new();
        for (_, scope) in self.scopes.iter().filter(|(scope, _)| scope.is_hot()) {
            let cells = scope.grants.iter().filter(|(_, cell)| is_on(cell));
            ids.extend(cells.map(|(id, _)| id.0));
        }
        let people = self.directory.keys().filter(|(_, id)| ids.contains(id.0));
        for (key, id) in people.collect::<Vec<_>>() {
            self.refresh(hashes, &key, id, Touched::All);
        }
    }

    /// Whether nothing at all needs to be looked at about this grant.
    fn stands(&self, id: LocalId, scope: ScopeIx, over: SaidElsewhere) -> bool {
        let cell = self.scopes.get(scope).and_then(|s| s.grants.get(id));
        cell.is_some_and(|cell| {
            cell.valid_until.is_none()
                && self.texts.may_carry(cell.text, cell.at)
                && self.texts.proves(cell.text, self.scopes.name(scope)) == TextProof::Complete
                && self.rare.get(id).is_none_or(|rare| covers_nothing(rare, scope, &cell))
                && !over.covers(&cell)
        })
    }

    /// What speaks against sending on linked identities, and on the other form of a phone number.
    fn said_elsewhere(
        &self,
        hashes: &KeyedHashes,
        key: &IdentityKey,
        id: LocalId,
    ) -> SaidElsewhere {
        let mut said = SaidElsewhere::default();
        self.add_linked(self.rare.get(id), &mut said);
        match self.variant_at(hashes, key) {
            // What counts on an erased one is not known by its number.
            Some(Whereabouts::Tombstone(_)) => said.imposes = true,
            Some(Whereabouts::Directory(_, other)) => {
                let rare = self.rare.get(other);
                said.newest = said.newest.max(rare.and_then(Rare::newest_objection));
                said.imposes |= rare.is_some_and(Rare::is_imposed_on);
                self.add_linked(rare, &mut said);
            }
            None => {}
        }
        said
    }

    fn add_linked(&self, rare: Option<&Rare>, said: &mut SaidElsewhere) {
        let linked = rare.and_then(Rare::node).map(|node| self.linked(node));
        for (_, rare, reach) in linked.into_iter().flatten() {
            said.newest = said.newest.max(rare.newest_objection_over(reach));
            said.imposes |= rare.imposes_over(reach);
        }
    }
}

/// What speaks against sending on other identities of the person.
#[derive(Clone, Copy, Default)]
struct SaidElsewhere {
    newest: Option<Mark>,
    /// Whether anything is said that no grant overcomes.
    imposes: bool,
}

impl SaidElsewhere {
    fn suppresses(self) -> bool {
        self.newest.is_some() || self.imposes
    }

    /// Whether it speaks against a grant. It lies in other partitions, under other clocks.
    fn covers(self, cell: &Cell) -> bool {
        let covered = |mark: Mark| cell.at <= mark.at.plus(CLOCK_TOLERANCE_S);
        self.imposes || self.newest.is_some_and(covered)
    }
}

/// Whether no rare fact speaks against a grant.
fn covers_nothing(rare: &Rare, scope: ScopeIx, cell: &Cell) -> bool {
    let covered = rare.newest_objection().is_some_and(|objection| objection.at >= cell.at);
    let is_kept = is_kept(rare.given_up(), cell.at);
    !covered && is_kept && !rare.is_imposed_on() && rare.other_texts(scope).next().is_none()
}

fn set_bit(bitmap: &mut RoaringBitmap, id: LocalId, stands: bool) {
    if stands {
        bitmap.insert(id.0);
    } else {
        bitmap.remove(id.0);
    }
}
