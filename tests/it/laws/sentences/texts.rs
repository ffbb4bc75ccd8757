//! Texts: what they say, how long they carry grants, and those that turned out to be no good.

use consentgate::consent::{
    Actor, BusinessId, Coded, ConsentEvent, EventId, EventKind, NamesWhatsapp, Placement, Strength,
    TextHash, TextRef, Topic,
};
use consentgate::decision::{Message, Reason};
use consentgate::policy::{ConsentTexts, Policy, Stricter};

use super::super::gate::{
    allows, decides, decides_by, is_held, offer, order_update, standard, suppresses,
};
use super::super::log::{Log, event, grant, lift, scopes, withdraw};

fn invalidate(text: Option<(&str, &str)>) -> ConsentEvent {
    ConsentEvent {
        identity: None,
        text: text.map(|(id, version)| TextRef::new(id, version)),
        ..event(EventKind::Invalidate)
    }
}

fn on(id: &str, version: &str) -> ConsentEvent {
    ConsentEvent { text: Some(TextRef::new(id, version)), ..grant(100, &["offers"]) }
}

#[test]
fn an_invalid_text_takes_its_grants_with_it_whenever_they_were_made() {
    let bad = invalidate(Some(("welcome", "1")));
    let log = Log::default().then(50, bad);
    suppresses(&log.clone().then(100, on("welcome", "1")), &offer(), Reason::TextInvalid);
    allows(&log.clone().then(100, on("welcome", "2")), &offer());
    allows(&log.then(100, on("terms", "1")), &offer());
}

#[test]
fn an_invalidation_that_does_not_say_which_version_means_all_of_them() {
    let log = Log::default().then(50, invalidate(Some(("welcome", ""))));
    suppresses(&log.clone().then(100, on("welcome", "2")), &offer(), Reason::TextInvalid);
    allows(&log.then(100, on("terms", "2")), &offer());
    let log = Log::default().then(50, invalidate(None));
    suppresses(&log.then(100, on("terms", "2")), &offer(), Reason::TextInvalid);
}

#[test]
fn a_grant_that_does_not_say_which_version_falls_with_any_of_them() {
    let log = Log::default().then(100, on("welcome", ""));
    allows(&log, &offer());
    allows(&log.clone().then(101, invalidate(Some(("terms", "1")))), &offer());
    suppresses(&log.then(101, invalidate(Some(("welcome", "1")))), &offer(), Reason::TextInvalid);
}

#[test]
fn the_weakest_of_equal_grants_wins_and_all_their_texts_must_be_valid() {
    let strong = ConsentEvent { strength: Coded::Known(Strength::Double), ..on("terms", "1") };
    let both = Log::default().then(100, on("welcome", "1")).then(100, strong);
    allows(&both, &offer());
    for bad in ["welcome", "terms"] {
        let log = both.clone().then(101, invalidate(Some((bad, "1"))));
        suppresses(&log, &offer(), Reason::TextInvalid);
        allows(&log.then(102, grant_on_new_text()), &offer());
    }
}

fn grant_on_new_text() -> ConsentEvent {
    ConsentEvent { text: Some(TextRef::new("welcome", "3")), ..grant(102, &["offers"]) }
}

#[test]
fn an_invalidation_that_names_no_business_holds_until_it_is_voided() {
    let nobody = ConsentEvent { business: None, ..invalidate(Some(("welcome", "1"))) };
    let log = Log::default().then(100, on("welcome", "1")).then(101, nobody);
    assert!(is_held(&log));
    let void = ConsentEvent {
        voids: Some(log.last_place()),
        remedy: consentgate::consent::VoidRemedy::Dropped("a test record".into()),
        ..event(EventKind::Void)
    };
    let log = log.then(102, void);
    assert!(!is_held(&log));
    allows(&log, &offer());
}

const SENTENCE: TextHash = TextHash([1; 32]);
const OTHER: TextHash = TextHash([2; 32]);

/// The cafe publishes "welcome" 1 in English, for offers on WhatsApp.
fn publication() -> ConsentEvent {
    said(SENTENCE, &["offers"])
}

fn said(sentence: TextHash, names: &[&str]) -> ConsentEvent {
    ConsentEvent {
        event_id: Some(EventId::of("publication")),
        identity: None,
        scopes: scopes(names),
        text: Some(TextRef::new("welcome", "1").in_language("en").hashed(sentence)),
        sentence: Some(sentence),
        whatsapp: NamesWhatsapp::Yes,
        ..lift(EventKind::TextPublished, 40)
    }
}

fn agreed() -> ConsentEvent {
    on("welcome", "1")
}

/// Under the product's own policy.
#[track_caller]
fn goes(log: &Log) {
    decides(log, &Policy::standard(), &offer(), None);
}

#[track_caller]
fn lacks_proof(log: &Log) {
    decides(log, &Policy::standard(), &offer(), Some(Reason::ProofMissing));
}

#[test]
fn a_grant_needs_a_published_text_unless_the_policy_takes_any() {
    let log = Log::default().then(100, agreed());
    lacks_proof(&log);
    decides(&log, &standard(), &offer(), None);
    goes(&Log::default().then(50, publication()).then(100, agreed()));
    // It says what the sentence was, whenever it says it.
    goes(&log.then(500, publication()));
    lacks_proof(&Log::default().then(50, publication()).then(100, on("welcome", "2")));
    lacks_proof(&Log::default().then(50, publication()).then(100, on("welcome", "")));
}

#[test]
fn a_business_may_want_published_texts_where_its_platform_takes_any() {
    let mut policy = standard();
    let consent_texts = Some(ConsentTexts::Published);
    let stricter = Stricter { consent_texts, ..Stricter::default() };
    policy.add_business(BusinessId::parse("cafe").unwrap(), &stricter).unwrap();
    let log = Log::default().then(100, agreed());
    decides(&log, &policy, &offer(), Some(Reason::ProofMissing));
    decides(&log.then(101, publication()), &policy, &offer(), None);
}

#[test]
fn a_text_proves_only_the_scopes_that_it_names_and_only_if_it_names_whatsapp() {
    let both = ConsentEvent { scopes: scopes(&["offers", "order_updates"]), ..agreed() };
    let log = Log::default().then(50, publication()).then(100, both);
    goes(&log);
    decides(&log, &Policy::standard(), &order_update(), Some(Reason::ProofMissing));
    let silent = ConsentEvent { whatsapp: NamesWhatsapp::No, ..publication() };
    lacks_proof(&Log::default().then(50, silent).then(100, agreed()));
}

#[test]
fn a_text_of_one_business_proves_nothing_for_another() {
    let of_shop = ConsentEvent { business: BusinessId::parse("shop"), ..publication() };
    lacks_proof(&Log::default().then(50, of_shop).then(100, agreed()));
}

#[test]
fn the_hash_in_a_grant_must_be_that_of_the_published_sentence() {
    let hashed = |sha256| ConsentEvent {
        text: Some(TextRef::new("welcome", "1").hashed(sha256)),
        ..agreed()
    };
    let log = Log::default().then(50, publication());
    goes(&log.clone().then(100, hashed(SENTENCE)));
    lacks_proof(&log.then(100, hashed(OTHER)));
}

#[test]
fn two_publications_with_different_sentences_contradict_each_other_for_ever() {
    let torn = Log::default().then(50, publication()).then(60, said(OTHER, &["offers"]));
    lacks_proof(&torn.clone().then(100, agreed()));
    // Nor does the hash of one of them help, or that one of them is told again.
    let text = Some(TextRef::new("welcome", "1").hashed(SENTENCE));
    let log = torn.then(70, publication()).then(100, ConsentEvent { text, ..agreed() });
    lacks_proof(&log);
    goes(&Log::default().then(50, publication()).then(60, publication()).then(100, agreed()));
}

#[test]
fn of_scopes_and_channels_only_those_count_that_every_publication_names() {
    let more = said(SENTENCE, &["offers", "order_updates"]);
    let log = Log::default().then(50, publication()).then(60, more);
    let both = ConsentEvent { scopes: scopes(&["offers", "order_updates"]), ..agreed() };
    let log = log.then(100, both);
    goes(&log);
    decides(&log, &Policy::standard(), &order_update(), Some(Reason::ProofMissing));
    let silent = ConsentEvent { whatsapp: NamesWhatsapp::No, ..publication() };
    lacks_proof(&log.then(101, silent));
}

#[test]
fn languages_are_texts_of_their_own_and_who_does_not_say_which_may_have_read_any() {
    let german = TextRef::new("welcome", "1").in_language("DE").hashed(OTHER);
    let german = ConsentEvent { text: Some(german), ..said(OTHER, &["order_updates"]) };
    let both = Log::default().then(50, publication()).then(60, german);
    let read = |language: &str| ConsentEvent {
        text: Some(TextRef::new("welcome", "1").in_language(language)),
        ..agreed()
    };
    goes(&both.clone().then(100, read("en")));
    lacks_proof(&both.clone().then(100, read("de")));
    lacks_proof(&both.clone().then(100, read("fr")));
    lacks_proof(&both.clone().then(100, read("")));
    let text = Some(TextRef::new("welcome", "1").hashed(SENTENCE));
    goes(&both.then(100, ConsentEvent { text, ..agreed() }));
}

#[test]
fn a_publication_that_lacks_anything_or_has_the_hash_of_another_sentence_is_refused() {
    let text = |text: TextRef| ConsentEvent { text: Some(text), ..publication() };
    let whole = TextRef::new("welcome", "1").in_language("en").hashed(SENTENCE);
    let refused = [
        ConsentEvent { sentence: Some(OTHER), ..publication() },
        ConsentEvent { sentence: None, ..publication() },
        ConsentEvent { text_complete: false, ..publication() },
        ConsentEvent { text: None, ..publication() },
        ConsentEvent { scopes: vec![], ..publication() },
        ConsentEvent { scopes: scopes(&["offers"; 65]), ..publication() },
        ConsentEvent { scopes_complete: false, ..publication() },
        ConsentEvent { event_id: None, ..publication() },
        ConsentEvent { occurred_at_ms: None, ..publication() },
        ConsentEvent { effect: Coded::Unknown(9), ..publication() },
        text(TextRef { sha256: None, ..whole.clone() }),
        text(whole.clone().in_language("")),
        text(TextRef::new("welcome", "").in_language("en").hashed(SENTENCE)),
    ];
    for refused in refused {
        lacks_proof(&Log::default().then(50, refused).then(100, agreed()));
    }
    goes(&Log::default().then(50, text(whole)).then(100, agreed()));
}

#[test]
fn a_publication_counts_in_its_own_place_in_the_log_of_record_alone() {
    let moved = |change: fn(&mut consentgate::consent::ConsentRecord)| {
        let mut log = Log::default().then(50, publication());
        change(log.0.last_mut().unwrap());
        log.then(100, agreed())
    };
    goes(&moved(|_| {}));
    lacks_proof(&moved(|record| record.placement = Placement::Wrong));
    lacks_proof(&moved(|record| record.place.topic = Topic::ConsentActivity));
}

#[test]
fn a_publication_whose_key_names_another_business_quarantines_both() {
    let mut log = Log::default().then(50, publication());
    log.0[0].key = consentgate::consent::KeyParts::Business(super::super::log::business("shop"));
    let log = log.then(100, agreed());
    decides(&log, &Policy::standard(), &offer(), Some(Reason::BusinessQuarantined));
    let of_shop = Message { business: "shop", ..offer() };
    decides(&log, &Policy::standard(), &of_shop, Some(Reason::BusinessQuarantined));
}

fn retire(text: Option<(&str, &str)>) -> ConsentEvent {
    ConsentEvent {
        identity: None,
        text: text.map(|(id, version)| TextRef::new(id, version)),
        ..event(EventKind::TextRetired)
    }
}

#[test]
fn a_retired_text_carries_the_grants_that_are_older_by_more_than_a_minute() {
    let log = Log::default().then(50, publication()).then(300, retire(Some(("welcome", "1"))));
    for (at, fate) in [
        (200, None),
        (239, None),
        (240, Some(Reason::TextInvalid)),
        (300, Some(Reason::TextInvalid)),
        (400, Some(Reason::TextInvalid)),
    ] {
        let occurred_at_ms = super::super::log::millis(at);
        let log = log.clone().then(500, ConsentEvent { occurred_at_ms, ..agreed() });
        // Under either policy: what ends a text needs no registry.
        for policy in [Policy::standard(), standard()] {
            decides(&log, &policy, &offer(), fate);
        }
    }
}

#[test]
fn the_earliest_retirement_counts_and_no_publication_lifts_it() {
    let log = Log::default().then(50, publication()).then(100, retire(Some(("welcome", ""))));
    let log = log.then(900, retire(Some(("welcome", "1")))).then(950, publication());
    let occurred_at_ms = super::super::log::millis(500);
    let late = log.then(960, ConsentEvent { occurred_at_ms, ..agreed() });
    decides(&late, &Policy::standard(), &offer(), Some(Reason::TextInvalid));
}

#[test]
fn a_retirement_that_does_not_say_of_what_means_all_and_one_without_a_business_holds() {
    let log = Log::default().then(100, retire(None)).then(100, on("terms", "7"));
    suppresses(&log, &offer(), Reason::TextInvalid);
    let nobody = ConsentEvent { business: None, ..retire(None) };
    assert!(is_held(&Log::default().then(100, nobody)));
}

#[test]
fn a_grant_that_proves_nothing_lifts_nothing_for_a_reply() {
    let wrote = ConsentEvent {
        event_id: Some(EventId::of("wamid.1")),
        actor: Coded::Known(Actor::Subject),
        ..lift(EventKind::Inbound, 100)
    };
    let log = Log::default().then(100, wrote).then(200, withdraw(&[]));
    let occurred_at_ms = super::super::log::millis(300);
    let log = log.then(300, ConsentEvent { occurred_at_ms, ..agreed() });
    let category = consentgate::consent::Category::Service;
    let reply = Message { category, ..offer() };
    let fate = |log: &Log, fate| decides_by(400, log, &Policy::standard(), &reply, fate);
    fate(&log, Some(Reason::Withdrawn));
    fate(&log.clone().then(350, publication()), None);
    fate(&log.then(350, publication()).then(360, invalidate(None)), Some(Reason::Withdrawn));
}
