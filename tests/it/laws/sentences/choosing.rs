//! Which of several grants counts, and how strong it is.

use consentgate::consent::{Actor, Coded, ConsentEvent, EventId, ScopeName, Strength};
use consentgate::decision::Reason;
use consentgate::policy::{ConsentTexts, Policy, ScopeClass, ScopeRule};

use super::super::gate::{allows, decides, offer, suppresses};
use super::super::log::{Log, confirm, grant, withdraw};

fn offers() -> ConsentEvent {
    grant(100, &["offers"])
}

/// A policy that wants offers to be confirmed.
fn strict() -> Policy {
    let rule = ScopeRule::new(ScopeClass::Marketing, Strength::Double);
    Policy::new([(ScopeName::parse("offers").unwrap(), rule)], [])
        .unwrap()
        .with_consent_texts(ConsentTexts::Any)
}

#[test]
fn a_loser_never_returns() {
    let short = ConsentEvent { valid_until_ms: Some(900_000), ..grant(200, &["offers"]) };
    let log = Log::default().then(100, offers());
    allows(&log, &offer());
    // The newer grant is over at second 900; the older one, without end, does not come back.
    suppresses(&log.then(200, short), &offer(), Reason::GrantExpired);
}

#[test]
fn the_weakest_of_equal_grants_wins() {
    let double = ConsentEvent { strength: Coded::Known(Strength::Double), ..offers() };
    let alone = Log::default().then(100, double);
    decides(&alone, &strict(), &offer(), None);
    let single = ConsentEvent { event_id: Some(EventId(7)), ..offers() };
    let both = alone.then(100, single.clone());
    decides(&both, &strict(), &offer(), Some(Reason::GrantTooWeak));
    decides(&both.then(101, confirm(101, &single)), &strict(), &offer(), None);
}

#[test]
fn a_grant_that_ends_loses_to_none_and_wins_over_an_equal_one_without_end() {
    let over = ConsentEvent { valid_until_ms: Some(900_000), ..offers() };
    let both = Log::default().then(100, offers()).then(100, over);
    suppresses(&both, &offer(), Reason::GrantExpired);
    allows(&both.then(101, grant(101, &["offers"])), &offer());
}

#[test]
fn a_strict_scope_wants_a_confirmed_grant() {
    let log = Log::default().then(100, offers());
    decides(&log, &strict(), &offer(), Some(Reason::GrantTooWeak));
    decides(&log.then(101, confirm(101, &offers())), &strict(), &offer(), None);
}

#[test]
fn a_confirm_of_another_grant_or_by_another_hand_confirms_nothing() {
    let log = Log::default().then(100, offers());
    let of_another = confirm(101, &grant(99, &["offers"]));
    let by_another =
        ConsentEvent { actor: Coded::Known(Actor::Business), ..confirm(101, &offers()) };
    let undated = ConsentEvent { occurred_at_ms: None, ..confirm(101, &offers()) };
    for event in [of_another, by_another, undated] {
        let log = log.clone().then(101, event);
        decides(&log, &strict(), &offer(), Some(Reason::GrantTooWeak));
    }
}

#[test]
fn a_confirm_never_changes_a_grants_time() {
    let log = Log::default()
        .then(100, offers())
        .then(150, withdraw(&[]))
        .then(200, confirm(200, &offers()));
    suppresses(&log, &offer(), Reason::Withdrawn);
    allows(&log.then(201, grant(201, &["offers"])), &offer());
}
