//! What it takes to object: a kind and a person.

use consentgate::consent::{
    Actor, Category, Coded, ConsentEvent, Content, EventKind, KeyParts, Method, Placement,
    RULES_VERSION,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, offer, order_update, suppresses};
use super::super::log::{ANNA, Log, event, grant, millis, subject, withdraw};

fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers", "order_updates"]))
}

#[test]
fn an_older_grant_never_lifts_a_withdrawal() {
    let stopped = Log::default().then(100, withdraw(&[]));
    suppresses(&stopped.clone().then(200, grant(99, &["offers"])), &offer(), Reason::Withdrawn);
    allows(&stopped.then(200, grant(101, &["offers"])), &offer());
}

#[test]
fn equal_seconds_are_decided_for_the_objection() {
    for (withdrawn, allowed) in [(99, true), (100, false), (101, false)] {
        let log = agreed().then(withdrawn, withdraw(&["offers"]));
        if allowed {
            allows(&log, &offer());
        } else {
            suppresses(&log, &offer(), Reason::Withdrawn);
        }
    }
}

#[test]
fn an_objection_counts_from_its_append_whatever_its_writer_says() {
    let backdated = ConsentEvent { occurred_at_ms: millis(1), ..withdraw(&[]) };
    suppresses(&agreed().then(150, backdated), &offer(), Reason::Withdrawn);
}

#[test]
fn an_old_objection_that_was_imported_counts_from_when_it_happened() {
    let old = ConsentEvent {
        occurred_at_ms: millis(50),
        historic: true,
        method: Coded::Known(Method::Import),
        actor: Coded::Known(Actor::Importer),
        ..withdraw(&[])
    };
    allows(&agreed().then(150, old.clone()), &offer());
    let not_historic = ConsentEvent { historic: false, ..old.clone() };
    let not_imported = ConsentEvent { method: Coded::Unspecified, ..old.clone() };
    let not_by_the_importer = ConsentEvent { actor: Coded::Known(Actor::Subject), ..old.clone() };
    let undated = ConsentEvent { occurred_at_ms: None, ..old.clone() };
    let later = ConsentEvent { occurred_at_ms: millis(100), ..old };
    for event in [not_historic, not_imported, not_by_the_importer, undated, later] {
        suppresses(&agreed().then(150, event), &offer(), Reason::Withdrawn);
    }
}

#[test]
fn a_withdrawal_without_scopes_covers_all() {
    let one = agreed().then(101, withdraw(&["offers"]));
    suppresses(&one, &offer(), Reason::Withdrawn);
    allows(&one, &order_update());
    let all = agreed().then(101, withdraw(&[]));
    suppresses(&all, &offer(), Reason::Withdrawn);
    suppresses(&all, &order_update(), Reason::Withdrawn);
}

#[test]
fn more_than_64_scopes_covers_all() {
    let many = |count| agreed().then(101, withdraw(&vec!["offers"; count]));
    allows(&many(64), &order_update());
    suppresses(&many(65), &order_update(), Reason::Withdrawn);
}

#[test]
fn an_unreadable_scope_covers_all() {
    let torn = ConsentEvent { scopes_complete: false, ..withdraw(&["offers"]) };
    suppresses(&agreed().then(101, torn), &order_update(), Reason::Withdrawn);
}

#[test]
fn a_refusal_is_an_objection_to_what_was_asked() {
    let no = ConsentEvent { kind: Coded::Known(EventKind::Refuse), ..withdraw(&["offers"]) };
    let log = agreed().then(101, no);
    suppresses(&log, &offer(), Reason::Withdrawn);
    allows(&log, &order_update());
}

#[test]
fn complaints_and_wrong_or_reassigned_numbers_cover_everything_until_a_later_grant() {
    for (kind, reason) in [
        (EventKind::Complaint, Reason::Complained),
        (EventKind::WrongNumber, Reason::WrongNumber),
        (EventKind::Reassigned, Reason::WrongNumber),
    ] {
        let log = agreed().then(101, event(kind));
        suppresses(&log, &offer(), reason);
        suppresses(&log, &order_update(), reason);
        let later = log.then(102, grant(102, &["order_updates"]));
        allows(&later, &order_update());
        suppresses(&later, &offer(), reason);
    }
}

#[test]
fn a_platform_stop_suppresses_marketing_and_nothing_else() {
    let stopped = agreed().then(101, event(EventKind::PlatformStop));
    suppresses(&stopped, &offer(), Reason::PlatformStop);
    allows(&stopped, &order_update());
    let code = Message { scope: "", category: Category::Authentication, ..offer() };
    allows(&stopped.then(102, grant(99, &["authentication"])), &code);
}

#[test]
fn only_a_later_marketing_grant_lifts_a_platform_stop() {
    let stopped = agreed().then(101, event(EventKind::PlatformStop));
    let resumed = stopped.clone().then(200, event(EventKind::PlatformResume));
    suppresses(&resumed, &offer(), Reason::PlatformStop);
    suppresses(&stopped.clone().then(200, grant(101, &["offers"])), &offer(), Reason::PlatformStop);
    allows(&stopped.clone().then(200, grant(102, &["offers"])), &offer());
    // To agree to news about an order is not to agree to marketing under that name.
    let informed = stopped.then(200, grant(102, &["order_updates"]));
    let promotion = Message { category: Category::Marketing, ..order_update() };
    suppresses(&informed, &promotion, Reason::PlatformStop);
    allows(&informed, &order_update());
}

#[test]
fn an_objection_counts_in_the_wrong_partition() {
    let key = KeyParts::Subject(subject("cafe", ANNA));
    let content = Content::Event(Box::new(withdraw(&[])));
    let log = agreed().then_as(101, key, Placement::Wrong, content);
    suppresses(&log, &offer(), Reason::Withdrawn);
}

#[test]
fn an_unknown_kind_that_objects_suppresses_the_subject() {
    let strange = |effect| ConsentEvent {
        kind: Coded::Unknown(77),
        effect: Coded::Known(effect),
        scopes: withdraw(&["offers"]).scopes,
        ..event(EventKind::Withdraw)
    };
    use consentgate::consent::Effect;
    let log = agreed().then(101, strange(Effect::Objects));
    suppresses(&log, &offer(), Reason::ObjectionUnknown);
    suppresses(&log, &order_update(), Reason::ObjectionUnknown);
    for effect in [Effect::Neutral, Effect::Permits] {
        allows(&agreed().then(101, strange(effect)), &offer());
    }
}

#[test]
fn a_kind_of_a_later_version_counts_by_its_effect_alone() {
    let newer = |event| ConsentEvent { min_reader: RULES_VERSION + 1, ..event };
    let granted = Log::default().then(100, newer(grant(100, &["offers"])));
    suppresses(&granted, &offer(), Reason::BusinessUnknown);
    let stopped = agreed().then(101, newer(withdraw(&["offers"])));
    suppresses(&stopped, &order_update(), Reason::ObjectionUnknown);
}
