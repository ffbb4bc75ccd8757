//! Sentences about single answers.

use super::support::*;
use crate::consent::{Class, Fact, Seconds};
use crate::index::{AnswerFacts, ConsentIndex, Detail, IndexKeys, Known, Query};

#[test]
fn a_plain_grant_stands() {
    let ada = subject("acme", PHONES[0]);
    let mut index = index_of([granted(&ada, "offers", 5)]);
    let answer = ask(&mut index, query("acme", &ada.identity, "offers"));
    assert_eq!(answer, AnswerFacts::Stands);
}

#[test]
fn a_user_id_stands_like_a_phone_number() {
    let ada = subject("acme", USER);
    let mut index = index_of([granted(&ada, "offers", 5)]);
    let answer = ask(&mut index, query("acme", &ada.identity, "offers"));
    assert_eq!(answer, AnswerFacts::Stands);
}

#[test]
fn a_business_nobody_named_is_unknown() {
    let ada = subject("acme", PHONES[0]);
    let mut index = index_of([granted(&ada, "offers", 5)]);
    let answer = ask(&mut index, query("globex", &ada.identity, "offers"));
    assert_eq!(answer, AnswerFacts::UnknownBusiness);
}

#[test]
fn a_grant_for_one_business_is_none_for_another() {
    let ada = subject("acme", PHONES[0]);
    let bob = subject("globex", PHONES[1]);
    let facts = [granted(&ada, "offers", 5), granted(&bob, "offers", 5)];
    let mut index = index_of(facts);
    let facts = full(ask(&mut index, query("globex", &ada.identity, "offers")));
    assert_eq!(facts.to.known, Known::No);
}

#[test]
fn a_query_without_identity_is_answered_as_for_nobody() {
    let ada = subject("acme", PHONES[0]);
    let mut index = index_of([granted(&ada, "offers", 5)]);
    let mut nobody = query("acme", &ada.identity, "offers");
    nobody.to = None;
    assert_eq!(full(ask(&mut index, nobody)).to.known, Known::No);
}

#[test]
fn equal_seconds_are_decided_for_the_objection() {
    let ada = subject("acme", PHONES[0]);
    for (at, stands) in [(4, true), (5, false), (6, false)] {
        let facts = [objected(&ada, Class::PlatformStop, at), granted(&ada, "offers", 5)];
        let mut index = index_of(facts);
        let answer = ask(&mut index, query("acme", &ada.identity, "offers"));
        assert_eq!(answer == AnswerFacts::Stands, stands, "objection at {at}");
    }
}

#[test]
fn an_objection_to_one_scope_needs_weighing_for_all() {
    let ada = subject("acme", PHONES[0]);
    let mut index = index_of([
        granted(&ada, "offers", 5),
        Fact::ScopeObjection { subject: ada.clone(), scope: scope("surveys"), mark: mark(5) },
    ]);
    let facts = full(ask(&mut index, query("acme", &ada.identity, "offers")));
    assert_eq!(facts.to.against.unwrap().scope_objections, vec![(&scope("surveys"), mark(5))]);
    assert_eq!(facts.to.grant.unwrap().at, Seconds(5));
}

#[test]
fn a_cool_down_needs_weighing_however_old_and_the_longest_counts() {
    let (ada, also) = (subject("acme", PHONES[0]), subject("acme", PHONES[1]));
    let cools = |at| Fact::Cooldown(ada.clone(), Seconds(at));
    for facts in [[cools(1), cools(2)], [cools(2), cools(1)]] {
        let mut index = index_of(facts.into_iter().chain([granted(&ada, "offers", 5)]));
        let facts = full(ask(&mut index, query("acme", &ada.identity, "offers")));
        assert_eq!(facts.to.against.unwrap().cooldown, Some(Seconds(2)));
        index.apply(granted(&also, "offers", 5));
        let mut both = query("acme", &also.identity, "offers");
        both.also = [Some(ada.identity.as_ref()), None];
        let facts = full(ask(&mut index, both));
        assert!(facts.also[0].as_ref().unwrap().against.as_ref().unwrap().is_cooling(Seconds(1)));
    }
}

#[test]
fn an_erasure_keeps_a_cool_down_in_the_tombstone_and_gives_it_back() {
    let ada = subject("acme", PHONES[0]);
    let cools = Fact::Cooldown(ada.clone(), Seconds(900));
    let erased = objected(&ada, Class::Erase, 7);
    for facts in [[cools.clone(), erased.clone()], [erased, cools]] {
        let mut index = index_of(facts);
        let waits = |index: &mut ConsentIndex| {
            let facts = full(ask(index, query("acme", &ada.identity, "offers")));
            let against = facts.to.against.unwrap();
            against.is_cooling(Seconds(899)) && !against.is_cooling(Seconds(900))
        };
        assert!(waits(&mut index));
        index.apply(granted(&ada, "offers", 8));
        assert!(waits(&mut index));
    }
}

#[test]
fn an_erased_person_stays_erased_under_another_tombstone_key() {
    let (ada, also) = (subject("acme", PHONES[0]), subject("acme", USER));
    let facts = [
        granted(&ada, "offers", 5),
        Fact::Block(ada.clone(), Seconds(6)),
        granted(&also, "offers", 5),
        objected(&ada, Class::Erase, 7),
        objected(&also, Class::Erase, 7),
        // What is told again from before counts as little as it did.
        granted(&ada, "offers", 7),
    ];
    let mut answers = [[2; 16], [3; 16]].map(|tombstones| {
        let mut index = ConsentIndex::new(IndexKeys { tombstones, ..keys() });
        facts.iter().for_each(|fact| index.apply(fact.clone()));
        [&ada, &also].map(|person| {
            let facts = full(ask(&mut index, query("acme", &person.identity, "offers")));
            let against = facts.to.against.expect("an erasure");
            assert_eq!(against.objections.get(Class::Erase), Some(mark(7)));
            (facts.to.grant, against.objections, against.block)
        })
    });
    answers[0].iter_mut().for_each(|answer| assert_eq!(answer.0, None));
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn an_objection_on_another_identity_needs_weighing_however_old() {
    let ada = subject("acme", PHONES[0]);
    let also = subject("acme", PHONES[1]);
    let facts = [
        granted(&ada, "offers", 5),
        objected(&also, Class::AllScopes, 1),
        granted(&also, "offers", 3),
    ];
    let mut index = index_of(facts);
    let mut both = query("acme", &ada.identity, "offers");
    both.also = [None, Some(also.identity.as_ref())];
    let facts = full(ask(&mut index, both));
    assert!(facts.also[1].as_ref().unwrap().newest_objection().is_some());
}

#[test]
fn an_erased_other_identity_needs_weighing() {
    let ada = subject("acme", PHONES[0]);
    let also = subject("acme", PHONES[1]);
    let facts = [granted(&ada, "offers", 5), objected(&also, Class::Erase, 1)];
    let mut index = index_of(facts);
    let mut both = query("acme", &ada.identity, "offers");
    both.also = [Some(also.identity.as_ref()), None];
    assert!(matches!(ask(&mut index, both), AnswerFacts::Full(_)));
}

#[test]
fn a_late_text_of_an_invalidated_version_never_stands() {
    let ada = subject("acme", PHONES[0]);
    let invalid = Fact::InvalidText {
        business: ada.business.clone(),
        id: Some("welcome".to_string()),
        version: None,
    };
    let grant = granted(&ada, "offers", 5);
    for facts in [[invalid.clone(), grant.clone()], [grant, invalid]] {
        let mut index = index_of(facts);
        let answer = ask(&mut index, query("acme", &ada.identity, "offers"));
        assert!(matches!(answer, AnswerFacts::Full(_)));
    }
}

#[test]
fn a_grant_stands_as_soon_as_its_text_is_published_and_as_long_as_nothing_contradicts_it() {
    let ada = subject("acme", PHONES[0]);
    let text = grant_at(5).text;
    for large_at in [0, 100] {
        let mut index = ConsentIndex::with_large_at(keys(), large_at);
        index.apply(granted(&ada, "offers", 5));
        let stands = |index: &mut ConsentIndex| {
            ask(index, query("acme", &ada.identity, "offers")) == AnswerFacts::Stands
        };
        assert!(!stands(&mut index));
        index.apply(published(&ada.business, &text, ["surveys", "offers"]));
        assert!(stands(&mut index));
        index.apply(published(&subject("globex", PHONES[0]).business, &text, ["surveys"]));
        assert!(stands(&mut index));
        index.apply(published(&ada.business, &text, ["surveys"]));
        assert!(!stands(&mut index));
    }
}

#[test]
fn a_damaged_bitmap_is_noticed() {
    let ada = subject("acme", PHONES[0]);
    let mut index = ConsentIndex::with_large_at(keys(), 0);
    index.apply(granted(&ada, "offers", 5));
    index.apply(published(&ada.business, &grant_at(5).text, ["offers"]));
    for bit in [false, true] {
        let name = index.names().find("offers").unwrap();
        let business = index.damage(&ada.business);
        let number = business.scopes.find(name).unwrap();
        let standing = &mut business.scopes.get_mut(number).unwrap().standing;
        if bit {
            standing.insert(0);
        } else {
            standing.remove(0);
        }
        for detail in [Detail::Quick, Detail::Full] {
            let mut damaged = query("acme", &ada.identity, "offers");
            damaged.detail = detail;
            let noticed = ask(&mut index, damaged) == AnswerFacts::Inconsistent;
            assert_eq!(noticed, !bit);
        }
    }
}

#[test]
fn a_business_out_of_local_ids_is_quarantined() {
    let ada = subject("acme", PHONES[0]);
    let bob = subject("acme", PHONES[1]);
    let mut index = index_of([granted(&ada, "offers", 5)]);
    index.damage(&ada.business).directory.use_up_ids();
    index.apply(objected(&bob, Class::AllScopes, 5));
    let facts = full(ask(&mut index, query("acme", &ada.identity, "offers")));
    assert_eq!(facts.quarantined, crate::index::Quarantined::Yes);
}

#[test]
fn scopes_beyond_the_flags_are_weighed_and_right() {
    let ada = subject("acme", PHONES[0]);
    let names: Vec<String> = (0..70).map(|at| format!("scope_{at}")).collect();
    let mut index = index_of(names.iter().map(|name| granted(&ada, name, 5)));
    for (at, name) in names.iter().enumerate() {
        let answer = ask(&mut index, query("acme", &ada.identity, name));
        if at < 30 {
            assert_eq!(answer, AnswerFacts::Stands);
        } else {
            assert_eq!(full(answer).to.grant.unwrap().at, Seconds(5));
        }
    }
}

#[test]
fn a_batch_is_answered_in_the_order_of_its_queries() {
    let people: Vec<_> =
        (0..1_000).map(|at| subject("acme", &format!("+9991202555{at:04}"))).collect();
    let even = people.iter().step_by(2);
    let mut index = index_of(even.map(|person| granted(person, "offers", 5)));
    let queries: Vec<Query<'_>> =
        people.iter().map(|person| query("acme", &person.identity, "offers")).collect();
    let answers = ask_all(&mut index, &queries);
    assert_eq!(answers.len(), queries.len());
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(*answer == AnswerFacts::Stands, at % 2 == 0);
    }
}

#[test]
fn no_identity_shows_in_debug() {
    let ada = subject("acme", PHONES[0]);
    let index = index_of([granted(&ada, "offers", 5)]);
    let shown = format!("{index:?} {:?} {:?}", keys(), query("acme", &ada.identity, "offers"));
    assert!(!shown.contains("120255501"), "{shown}");
}
