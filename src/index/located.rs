//! What is known of one identity, from grants and marks: found first, read later.

use crate::consent::{ScopeName, Seconds, Strength};

use super::business::Business;
use super::grants::Cell;
use super::hot::{Entry, ScopeIx};
use super::rare::Rare;
use super::standing::{Known, Standing, StandingGrant, TextValidity};

/// Where an identity was found.
#[derive(Clone, Copy, Default)]
pub(super) enum Found<'i> {
    Directory(Entry),
    Tombstone(&'i Rare),
    #[default]
    Nowhere,
}

/// Where the facts about an identity lie. To find them reads less than to read them.
#[derive(Clone, Copy, Default)]
pub(super) struct Located<'i> {
    known: Known,
    rare: Option<&'i Rare>,
    cell: Option<&'i Cell>,
    valid_until: Option<&'i Seconds>,
}

impl<'i> Located<'i> {
    /// Finds the facts about an identity for one scope.
    pub(super) fn find(business: &'i Business, scope: Option<ScopeIx>, found: Found<'i>) -> Self {
        match found {
            Found::Nowhere => Self::default(),
            Found::Tombstone(rare) => {
                Self { known: Known::Yes, rare: Some(rare), ..Self::default() }
            }
            Found::Directory(entry) => {
                let scope = scope.and_then(|scope| business.scopes.get(scope));
                let grants = scope.map(|scope| &scope.grants);
                Self {
                    known: Known::Yes,
                    rare: business.rare.get(entry.id),
                    cell: grants.and_then(|grants| grants.get(entry.id)),
                    valid_until: grants.and_then(|grants| grants.valid_until(entry.id)),
                }
            }
        }
    }

    /// Reads what says where the facts lie, so that it is near when it is needed.
    pub(super) fn touch_way(business: &Business, scope: Option<ScopeIx>, found: Found<'_>) -> u64 {
        let Found::Directory(entry) = found else {
            return 0;
        };
        let scope = scope.and_then(|scope| business.scopes.get(scope));
        let grants = scope.map_or(0, |scope| scope.grants.touch(entry.id));
        business.rare.touch(entry.id) ^ grants
    }

    /// Reads a little of the grant, so that its memory is near when it is needed.
    pub(super) fn touch(&self) -> u32 {
        let at = self.cell.map_or(0, |cell| cell.at().0);
        let until = self.valid_until.map_or(0, |until| until.0);
        at ^ until
    }

    /// Says what the facts are.
    pub(super) fn describe(
        &self,
        business: &'i Business,
        scope: Option<ScopeIx>,
        standing: &mut Standing<'i>,
    ) {
        standing.known = self.known;
        if let Some(rare) = self.rare {
            describe_rare(business, rare, standing);
        }
        if let (Some(scope), Some(cell)) = (scope, self.cell) {
            standing.grant = Some(StandingGrant {
                at: cell.at(),
                strength: self.strength(cell),
                valid_until: self.valid_until.copied(),
                text: self.text(business, scope, cell),
                event: cell.event(),
            });
        }
    }

    fn strength(&self, cell: &Cell) -> Strength {
        match self.rare {
            Some(rare) if rare.confirms(cell.event()) => Strength::Double,
            _ => cell.strength(),
        }
    }

    fn text(&self, business: &Business, scope: ScopeIx, cell: &Cell) -> TextValidity {
        let others = self.rare.into_iter().flat_map(|rare| rare.other_texts(scope));
        let mut texts = others.chain([cell.text()]);
        if texts.all(|text| business.texts.is_valid(text)) {
            TextValidity::Valid
        } else {
            TextValidity::Invalid
        }
    }
}

fn describe_rare<'i>(business: &'i Business, rare: &'i Rare, standing: &mut Standing<'i>) {
    standing.block = rare.block();
    standing.restriction = rare.restriction();
    standing.objections = rare.objections();
    let objections = rare.scope_objections();
    standing.scope_objections =
        objections.filter_map(|(scope, mark)| Some((business.scopes.name(scope)?, mark))).collect();
    standing.scope_objections.sort_unstable_by_key(|(scope, _)| ScopeName::as_str(scope));
}
