//! What it takes to agree.

use consentgate::consent::{
    Actor, Coded, ConsentEvent, EventId, EventKind, Expression, Method, Placement, Topic,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, offer, order_update, suppresses};
use super::super::log::{Log, confirm, event, grant, withdraw};

fn offers() -> ConsentEvent {
    grant(100, &["offers"])
}

#[test]
fn who_agreed_to_offers_gets_offers_and_nothing_else() {
    let log = Log::default().then(100, offers());
    allows(&log, &offer());
    suppresses(&log, &order_update(), Reason::NoGrant);
}

#[test]
fn an_unknown_business_and_an_unknown_person_are_suppressed() {
    let log = Log::default().then(100, offers());
    let of_bank = Message { business: "bank", ..offer() };
    suppresses(&log, &of_bank, Reason::BusinessUnknown);
    let to_ben =
        Message { to: consentgate::consent::IdentityRef::parse(super::super::log::BEN), ..offer() };
    suppresses(&log, &to_ben, Reason::NoGrant);
}

#[test]
fn a_request_grants_nothing() {
    let log = Log::default().then(100, event(EventKind::Request));
    suppresses(&log, &offer(), Reason::BusinessUnknown);
    allows(&log.then(101, offers()), &offer());
}

#[test]
fn an_undated_grant_is_refused() {
    let undated = ConsentEvent { occurred_at_ms: None, ..offers() };
    suppresses(&Log::default().then(100, undated), &offer(), Reason::BusinessUnknown);
    allows(&Log::default().then(100, offers()), &offer());
}

#[test]
fn an_import_never_grants() {
    for actor in [Actor::Importer, Actor::Subject] {
        let import = ConsentEvent {
            method: Coded::Known(Method::Import),
            actor: Coded::Known(actor),
            ..offers()
        };
        let log = Log::default().then(100, import.clone());
        suppresses(&log, &offer(), Reason::BusinessUnknown);
        // Not even confirmed: there is nothing to confirm.
        let confirmed = log.then(101, confirm(101, &import));
        suppresses(&confirmed, &offer(), Reason::NoGrant);
        allows(&confirmed.then(102, grant(102, &["offers"])), &offer());
    }
}

#[test]
fn only_the_person_or_a_guardian_can_agree() {
    for actor in [Coded::Known(Actor::Subject), Coded::Known(Actor::Guardian)] {
        let log = Log::default().then(100, ConsentEvent { actor, ..offers() });
        allows(&log, &offer());
    }
    let others = [Actor::Business, Actor::Authority, Actor::Platform, Actor::Importer];
    let others = others.map(Coded::Known).into_iter();
    for actor in others.chain([Coded::Unspecified, Coded::Unknown(40)]) {
        let log = Log::default().then(100, ConsentEvent { actor, ..offers() });
        suppresses(&log, &offer(), Reason::BusinessUnknown);
    }
}

#[test]
fn a_grant_without_all_of_its_proof_is_refused() {
    let lacking = [
        ConsentEvent { event_id: None, ..offers() },
        ConsentEvent { text: None, ..offers() },
        ConsentEvent { method: Coded::Unspecified, ..offers() },
        ConsentEvent { method: Coded::Unknown(40), ..offers() },
        ConsentEvent { scopes: Vec::new(), ..offers() },
        ConsentEvent { scopes_complete: false, ..offers() },
        grant(100, &["offers"; 65]),
    ];
    for event in lacking {
        let log = Log::default().then(100, event);
        suppresses(&log, &offer(), Reason::BusinessUnknown);
    }
    allows(&Log::default().then(100, grant(100, &["offers"; 64])), &offer());
}

/// All that a grant by this method must have.
fn by(method: Method) -> ConsentEvent {
    let mut event = ConsentEvent { method: Coded::Known(method), ..offers() };
    match method {
        Method::QrCode | Method::ClickToWhatsappAd => {
            event.expression = Coded::Known(Expression::WordsWritten);
            event.inbound = Some(EventId::of("wamid.yes"));
        }
        Method::CustomerSupport | Method::AskedInPerson => event.recorder = Some("clerk".into()),
        _ => {}
    }
    event
}

const METHODS: [Method; 10] = [
    Method::WebsiteForm,
    Method::Purchase,
    Method::QrCode,
    Method::SocialMedia,
    Method::Newsletter,
    Method::CustomerSupport,
    Method::ExitPopup,
    Method::LandingPage,
    Method::ClickToWhatsappAd,
    Method::AskedInPerson,
];

fn refuses(event: ConsentEvent) {
    suppresses(&Log::default().then(100, event), &offer(), Reason::BusinessUnknown);
}

#[test]
fn each_of_the_ten_ways_of_collecting_consent_has_its_evidence() {
    for method in METHODS {
        allows(&Log::default().then(100, by(method)), &offer());
        for evidence in [None, Some(" ".to_owned())] {
            refuses(ConsentEvent { evidence, ..by(method) });
        }
        let none = ConsentEvent { recorder: None, inbound: None, ..by(method) };
        let needs_more = matches!(
            method,
            Method::QrCode
                | Method::ClickToWhatsappAd
                | Method::CustomerSupport
                | Method::AskedInPerson
        );
        match needs_more {
            true => refuses(none),
            false => allows(&Log::default().then(100, none), &offer()),
        }
    }
}

#[test]
fn pre_ticked_and_bundled_consent_is_none_whatever_the_method() {
    for method in METHODS {
        for expression in [Expression::PreTicked, Expression::Bundled] {
            refuses(ConsentEvent { expression: Coded::Known(expression), ..by(method) });
        }
    }
}

#[test]
fn a_grant_must_say_how_it_was_expressed_in_a_way_that_suits_the_method() {
    for method in METHODS {
        for expression in [Coded::Unspecified, Coded::Unknown(40)] {
            refuses(ConsentEvent { expression, ..by(method) });
        }
        let said = |expression| ConsentEvent { expression: Coded::Known(expression), ..by(method) };
        for expression in [Expression::ButtonTapped, Expression::WordsWritten] {
            allows(&Log::default().then(100, said(expression)), &offer());
        }
        let speaks = matches!(method, Method::CustomerSupport | Method::AskedInPerson);
        let scans = matches!(method, Method::QrCode | Method::ClickToWhatsappAd);
        for (expression, fits) in [(Expression::Voice, speaks), (Expression::BoxTicked, !scans)] {
            match fits {
                true => allows(&Log::default().then(100, said(expression)), &offer()),
                false => refuses(said(expression)),
            }
        }
    }
}

#[test]
fn a_hash_that_cannot_be_read_refuses_the_grant() {
    refuses(ConsentEvent { text_complete: false, ..offers() });
}

#[test]
fn a_grant_counts_from_when_it_happened_not_from_when_it_was_written() {
    let stopped = Log::default().then(150, withdraw(&[]));
    suppresses(&stopped.clone().then(200, grant(100, &["offers"])), &offer(), Reason::Withdrawn);
    allows(&stopped.then(200, grant(151, &["offers"])), &offer());
}

#[test]
fn a_grant_from_the_future_counts_from_its_append() {
    let ahead = grant(5_000, &["offers"]);
    let log = Log::default().then(100, ahead);
    allows(&log, &offer());
    suppresses(&log.then(100, withdraw(&[])), &offer(), Reason::Withdrawn);
}

#[test]
fn a_grant_in_the_wrong_partition_permits_nothing() {
    let key = super::super::log::subject("cafe", super::super::log::ANNA);
    let key = consentgate::consent::KeyParts::Subject(key);
    let content = consentgate::consent::Content::Event(Box::new(offers()));
    let astray = Log::default().then_as(100, key, Placement::Wrong, content);
    suppresses(&astray, &offer(), Reason::BusinessUnknown);
    allows(&astray.then(100, offers()), &offer());
}

#[test]
fn a_grant_outside_the_log_of_record_permits_nothing_and_an_objection_there_counts() {
    let moved = |mut log: Log| {
        log.0.last_mut().unwrap().place.topic = Topic::ConsentActivity;
        log
    };
    let astray = moved(Log::default().then(100, offers()));
    suppresses(&astray, &offer(), Reason::BusinessUnknown);
    let granted = astray.then(100, offers());
    allows(&granted, &offer());
    let stopped = moved(granted.then(101, withdraw(&[])));
    suppresses(&stopped, &offer(), Reason::Withdrawn);
}
