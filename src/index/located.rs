//! What is known of one identity, from grants and marks: found first, read later.

use crate::consent::subject_state::is_kept;
use crate::consent::{ScopeName, Strength, TextRef};

use super::business::Business;
use super::cell::Cell;
use super::grants::GrantPlace;
use super::hot::{Entry, ScopeIx};
use super::names::ScopeNames;
use super::rare::Rare;
use super::standing::{Against, Known, Standing, StandingGrant, TextProof, TextValidity, boxed};
use super::texts::TextIx;

/// Where an identity was found.
#[derive(Clone, Copy, Default)]
pub(super) enum Found<'i> {
    Directory(Entry),
    Tombstone(&'i Rare),
    /// Not itself, but the other form of the phone number.
    Variant,
    #[default]
    Nowhere,
}

/// Where the facts about an identity lie. To find them reads less than to read them.
#[derive(Clone, Copy, Default)]
pub(super) struct Located<'i> {
    known: Known,
    pub(super) rare: Option<&'i Rare>,
    grant: Option<GrantPlace<'i>>,
}

impl<'i> Located<'i> {
    /// Finds the facts about an identity for one scope.
    pub(super) fn find(business: &'i Business, scope: Option<ScopeIx>, found: Found<'i>) -> Self {
        match found {
            Found::Variant | Found::Nowhere => Self::default(),
            Found::Tombstone(rare) => {
                Self { known: Known::Yes, rare: Some(rare), ..Self::default() }
            }
            Found::Directory(entry) => {
                let scope = scope.and_then(|scope| business.scopes.get(scope));
                let has_rare = entry.flags.has_rare();
                Self {
                    known: Known::Yes,
                    rare: if has_rare { business.rare.get(entry.id) } else { None },
                    grant: scope.and_then(|scope| scope.grants.find(entry.id)),
                }
            }
        }
    }

    /// Brings near what says where the facts lie.
    pub(super) fn bring_way(business: &Business, scope: Option<ScopeIx>, found: Found<'_>) {
        let Found::Directory(entry) = found else {
            return;
        };
        if let Some(scope) = scope.and_then(|scope| business.scopes.get(scope)) {
            scope.grants.bring(entry.id);
        }
        if entry.flags.has_rare() {
            business.rare.bring(entry.id);
        }
    }

    /// Brings the facts near.
    pub(super) fn bring(&self) {
        if let Some(grant) = self.grant {
            grant.bring();
        }
        if let Some(rare) = self.rare {
            rare.bring();
        }
    }

    /// Reads the grant, and brings near what its text is good for.
    pub(super) fn bring_text(&self, business: &Business) {
        if let Some(grant) = self.grant {
            business.texts.bring(grant.read().text);
        }
    }

    /// Says what the facts are.
    pub(super) fn describe(
        &self,
        business: &Business,
        names: &'i ScopeNames,
        scope: Option<ScopeIx>,
    ) -> Standing<'i> {
        let given_up = self.rare.and_then(Rare::given_up);
        let cell = self.grant.map(|grant| grant.read());
        let cell = cell.filter(|cell| is_kept(given_up, cell.at));
        let grant = scope.zip(cell).map(|(scope, cell)| StandingGrant {
            at: cell.at,
            strength: self.strength(&cell),
            valid_until: cell.valid_until,
            text: self.text(business, scope, &cell),
            proof: self.proof(business, scope, &cell),
            event: cell.event,
        });
        let against = self.rare.and_then(|rare| against(business, names, rare).unless_empty());
        let conversation = self.rare.and_then(|rare| boxed(rare.conversation()));
        Standing { known: self.known, against, grant, conversation }
    }

    /// The text of the grant.
    pub(super) fn text_of_grant(&self, business: &'i Business) -> Option<&'i TextRef> {
        business.texts.get(self.grant?.read().text)
    }

    fn strength(&self, cell: &Cell) -> Strength {
        match self.rare {
            Some(rare) if rare.confirms(cell.event) => Strength::Double,
            _ => cell.strength,
        }
    }

    fn text(&self, business: &Business, scope: ScopeIx, cell: &Cell) -> TextValidity {
        let mut texts = self.texts(scope, cell);
        if texts.all(|text| business.texts.may_carry(text, cell.at)) {
            TextValidity::Valid
        } else {
            TextValidity::Invalid
        }
    }

    fn proof(&self, business: &Business, scope: ScopeIx, cell: &Cell) -> TextProof {
        let name = business.scopes.name(scope);
        let mut proofs = self.texts(scope, cell).map(|text| business.texts.proves(text, name));
        if proofs.all(|proof| proof == TextProof::Complete) {
            TextProof::Complete
        } else {
            TextProof::Missing
        }
    }

    /// The text of a grant, and others of grants at the very same time.
    fn texts(&self, scope: ScopeIx, cell: &Cell) -> impl Iterator<Item = TextIx> {
        let others = self.rare.into_iter().flat_map(move |rare| rare.other_texts(scope));
        others.chain([cell.text])
    }
}

/// All that was said against sending to one identity.
pub(super) fn against<'i>(business: &Business, names: &'i ScopeNames, rare: &Rare) -> Against<'i> {
    let objections = rare.scope_objections();
    let name = |scope| names.name(business.scopes.name(scope)?);
    let mut scope_objections: Vec<_> =
        objections.filter_map(|(scope, mark)| Some((name(scope)?, mark))).collect();
    scope_objections.sort_unstable_by_key(|(scope, _)| ScopeName::as_str(scope));
    Against {
        block: rare.block(),
        restriction: rare.restriction(),
        objections: rare.objections(),
        scope_objections,
        cooldown: rare.cooldown(),
        objecting_inbounds: rare.objecting_inbounds(),
    }
}
