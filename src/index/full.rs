//! The slow answer: all that is known, from grants and marks.

use crate::consent::{ScopeName, Strength};

use super::answer::FullFacts;
use super::business::Business;
use super::hot::{Entry, LocalId, ScopeIx};
use super::rare::Rare;
use super::standing::{Known, Standing, StandingGrant, TextValidity};

/// Where an identity was found.
#[derive(Clone, Copy)]
pub(super) enum Found<'i> {
    Directory(Entry),
    Tombstone(&'i Rare),
    Nowhere,
}

/// Collects all that is known of a business and up to three identities.
pub(super) fn facts<'i>(
    business: &'i Business,
    scope: Option<ScopeIx>,
    to: Found<'i>,
    also: [Option<Found<'i>>; 2],
) -> FullFacts<'i> {
    FullFacts {
        quarantined: business.quarantined(),
        business_objection: business.state.objection,
        to: standing(business, scope, to),
        also: also.map(|found| found.map(|found| standing(business, scope, found))),
    }
}

fn standing<'i>(business: &'i Business, scope: Option<ScopeIx>, found: Found<'i>) -> Standing<'i> {
    let (rare, grant) = match found {
        Found::Nowhere => return Standing::default(),
        Found::Tombstone(rare) => (Some(rare), None),
        Found::Directory(entry) => {
            let rare = business.rare.get(entry.id);
            let grant = scope.and_then(|scope| grant(business, scope, entry.id, rare));
            (rare, grant)
        }
    };
    let mut standing = Standing {
        known: Known::Yes,
        grant,
        ..Standing::default()
    };
    if let Some(rare) = rare {
        standing.block = rare.block();
        standing.restriction = rare.restriction();
        standing.objections = rare.objections();
        standing.scope_objections = rare
            .scope_objections()
            .filter_map(|(scope, mark)| Some((business.scopes.name(scope)?, mark)))
            .collect();
        standing
            .scope_objections
            .sort_unstable_by_key(|(scope, _)| ScopeName::as_str(scope));
    }
    standing
}

fn grant(
    business: &Business,
    scope: ScopeIx,
    id: LocalId,
    rare: Option<&Rare>,
) -> Option<StandingGrant> {
    let grants = &business.scopes.get(scope)?.grants;
    let cell = grants.get(id)?;
    let others_valid = rare.is_none_or(|rare| {
        rare.other_texts(scope)
            .all(|text| business.texts.is_valid(text))
    });
    let confirmed = rare.is_some_and(|rare| rare.confirms(cell.event()));
    Some(StandingGrant {
        at: cell.at(),
        strength: if confirmed {
            Strength::Double
        } else {
            cell.strength()
        },
        valid_until: grants.valid_until(id),
        text: if others_valid && business.texts.is_valid(cell.text()) {
            TextValidity::Valid
        } else {
            TextValidity::Invalid
        },
        event: cell.event(),
    })
}
