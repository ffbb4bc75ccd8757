//! What it takes to agree, and how long it lasts.

use super::*;

fn offers() -> ConsentEvent {
    grant(100, &["offers"])
}

#[test]
fn who_agreed_to_offers_gets_offers_and_nothing_else() {
    let told = Told::default().then(100, offers());
    told.allows(&offer());
    told.suppresses(&order_update(), Reason::NoGrant);
    told.suppresses(&to(BEN, offer()), Reason::NoGrant);
    let bank = OutboundMessage { business_id: "bank".to_owned(), ..offer() };
    told.suppresses(&bank, Reason::BusinessUnknown);
}

#[test]
fn a_grant_counts_only_up_to_the_positions() {
    let mut told = Told::default().then(100, offers()).then(200, withdraw(&[]));
    told.suppresses(&offer(), Reason::Withdrawn);
    told.positions.advance(Topic::Events, 0, -1);
    told.allows(&offer());
    told.positions.advance(Topic::Events, 0, -1);
    told.suppresses(&offer(), Reason::BusinessUnknown);
}

#[test]
fn a_grant_that_lacks_anything_is_none() {
    let lacking = [
        ConsentEvent { event_id: String::new(), ..offers() },
        ConsentEvent { occurred_at_ms: None, ..offers() },
        ConsentEvent { scopes: vec![], ..offers() },
        ConsentEvent { scopes: scopes(&["a b"]), ..offers() },
        ConsentEvent { scopes: scopes(&["offers"; 65]), ..offers() },
        ConsentEvent { method: Method::Import.into(), ..offers() },
        ConsentEvent { method: 0, ..offers() },
        ConsentEvent { expression: Expression::PreTicked.into(), ..offers() },
        ConsentEvent { expression: Expression::Voice.into(), ..offers() },
        ConsentEvent { method: Method::QrCode.into(), ..offers() },
        ConsentEvent { method: Method::AskedInPerson.into(), ..offers() },
        ConsentEvent { text_id: String::new(), text_version: String::new(), ..offers() },
        ConsentEvent { text_sha256: vec![1], ..offers() },
        ConsentEvent { evidence: " ".to_owned(), ..offers() },
        ConsentEvent { actor: Actor::Importer.into(), ..offers() },
        ConsentEvent { effect: 9, ..offers() },
    ];
    for (nth, event) in lacking.into_iter().enumerate() {
        let told = Told::default().then(100, event).then(100, grant(100, &["surveys"]));
        let verdict = told.verdict_at(1_000, ANY, &offer());
        assert_eq!(verdict.must, bit(Reason::NoGrant), "{nth}: {verdict:?}");
    }
    let elsewhere = Told::default().then_in(Topic::Activity, 100, offers());
    elsewhere.suppresses(&offer(), Reason::BusinessUnknown);
}

#[test]
fn the_newest_grant_wins_and_of_equals_the_weakest() {
    let short = ConsentEvent { valid_until_ms: Some(900_000), ..grant(200, &["offers"]) };
    let told = Told::default().then(100, offers()).then(200, short.clone());
    told.decides_at(899, &offer(), None);
    told.suppresses(&offer(), Reason::GrantExpired);
    let equal = Told::default().then(200, grant(200, &["offers"])).then(200, short);
    equal.suppresses(&offer(), Reason::GrantExpired);
}

#[test]
fn which_of_equals_is_the_weakest_is_open_where_one_was_confirmed() {
    let short = ConsentEvent { valid_until_ms: Some(900_000), ..grant(200, &["offers"]) };
    let short = ConsentEvent { event_id: "short".to_owned(), ..short };
    let confirm = ConsentEvent {
        confirms_event_id: short.event_id.clone(),
        actor: Actor::Subject.into(),
        ..at(250, event(Kind::Confirm))
    };
    let told = Told::default().then(200, grant(200, &["offers"])).then(200, short);
    let told = told.then(250, confirm);
    let expired = bit(Reason::GrantExpired);
    let verdict = told.verdict_at(1_000, ANY, &offer());
    assert_eq!((verdict.must, verdict.may), (0, expired));
    told.decides_at(899, &offer(), None);
    let strict = ANY.replace("offers marketing single", "offers marketing double");
    let verdict = told.verdict_at(899, &strict, &offer());
    assert_eq!((verdict.must, verdict.may), (0, bit(Reason::GrantTooWeak)));
}

#[test]
fn a_strict_scope_wants_a_confirmed_grant() {
    let strict = ANY.replace("offers marketing single", "offers marketing double");
    let told = Told::default().then(100, offers());
    told.decides_by(1_000, &strict, &offer(), Some(Reason::GrantTooWeak));
    let confirm = |of: &ConsentEvent, actor: Actor| ConsentEvent {
        confirms_event_id: of.event_id.clone(),
        actor: actor.into(),
        ..at(150, event(Kind::Confirm))
    };
    let by_business =
        Told::default().then(100, offers()).then(150, confirm(&offers(), Actor::Business));
    by_business.decides_by(1_000, &strict, &offer(), Some(Reason::GrantTooWeak));
    let another = confirm(&grant(99, &["offers"]), Actor::Subject);
    let of_another = Told::default().then(100, offers()).then(150, another);
    of_another.decides_by(1_000, &strict, &offer(), Some(Reason::GrantTooWeak));
    let told = told.then(150, confirm(&offers(), Actor::Subject));
    told.decides_by(1_000, &strict, &offer(), None);
}

#[test]
fn a_grant_lasts_as_long_as_the_policy_says() {
    let hourly = ANY.replace("offers marketing single", "offers marketing single valid_for 3600");
    let told = Told::default().then(100, offers());
    told.decides_by(3_699, &hourly, &offer(), None);
    told.decides_by(3_700, &hourly, &offer(), Some(Reason::GrantExpired));
}

#[test]
fn a_message_lasts_as_long_as_its_category() {
    let told = Told::default().then(100, grant(100, &["offers", "authentication"]));
    let late = |message: &OutboundMessage, age: i64| {
        let policy = Policy::read(ANY).unwrap();
        let now = 200 + age;
        let message = Message::read(Some(&message.encode_to_vec()), 200_000).unwrap();
        judge(&told.log, &policy, &message, &told.positions, now * 1_000).must
    };
    for (message, limit) in [(offer(), DAY), (code(), 600)] {
        assert_eq!(late(&message, limit), 0);
        assert_eq!(late(&message, limit + 1), bit(Reason::Expired));
    }
    let short = OutboundMessage { deadline_ms: Some(300_000), ..offer() };
    assert_eq!(late(&short, 99), 0);
    assert_eq!(late(&short, 100), bit(Reason::Expired));
}

#[test]
fn a_promotion_needs_a_way_out_whatever_it_calls_itself() {
    let told = Told::default().then(100, offers());
    for category in [Category::Marketing, Category::Utility, Category::Unspecified] {
        let named = OutboundMessage { category: category.into(), ..offer() };
        told.allows(&named);
        let trap = OutboundMessage { opt_out_path: 0, ..named };
        told.suppresses(&trap, Reason::NoOptOutPath);
    }
}

#[test]
fn a_code_is_for_codes_and_for_numbers() {
    let told = Told::default().then(100, grant(100, &["offers", "authentication"]));
    told.allows(&code());
    let odd = OutboundMessage { scope: "offers".to_owned(), ..code() };
    told.suppresses(&odd, Reason::Contradictory);
    told.suppresses(&to(CARLA, code()), Reason::IdentityUnsuited);
}
