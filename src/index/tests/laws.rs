//! After any facts, in any order and with repeats, the index answers what the state answers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::oracle;
use super::support::*;
use crate::consent::{
    BusinessId, Class, EventId, Fact, Grant, Identity, LinkChange, PauseTarget, Seconds, State,
    Strength, Subject, TextHash, TextRef,
};
use crate::index::hot::HotFlags;
use crate::index::keys::KeyedHashes;
use crate::index::{ConsentIndex, Detail, Query};

const BUSINESSES: [&str; 2] = ["acme", "globex"];

fn identities() -> Vec<Identity> {
    let texts = PHONES.iter().chain([&USER]);
    texts.map(|text| identity(text)).collect()
}

fn subjects() -> impl Strategy<Value = Subject> {
    let identity = prop::sample::select(identities());
    (prop::sample::select(&BUSINESSES[..]), identity)
        .prop_map(|(name, identity)| Subject { business: business(name), identity })
}

fn scopes() -> impl Strategy<Value = crate::consent::ScopeName> {
    prop::sample::select(&SCOPES[..]).prop_map(scope)
}

fn times() -> impl Strategy<Value = Seconds> {
    // More than a minute later is a time of its own.
    prop_oneof![4 => 0u32..6, 1 => 60u32..68].prop_map(Seconds)
}

fn marks() -> impl Strategy<Value = crate::consent::Mark> {
    (times(), 0u64..4).prop_map(|(at, event)| crate::consent::Mark { at, event: EventId(event) })
}

fn texts() -> impl Strategy<Value = TextRef> {
    prop::sample::select(vec![("a", "1"), ("a", "2"), ("b", "1"), ("c", "")])
        .prop_map(|(id, version)| TextRef::new(id, version))
}

/// What a grant may say beside: a language that is not there, a sentence of its own.
fn read_texts() -> impl Strategy<Value = TextRef> {
    let language = prop_oneof![8 => Just(""), 2 => Just("en"), 1 => Just("de")];
    let sentence = prop_oneof![8 => Just(None), 2 => Just(Some(1)), 1 => Just(Some(2))];
    (texts(), language, sentence).prop_map(|(text, language, sentence)| TextRef {
        sha256: sentence.map(|byte| TextHash([byte; 32])),
        ..text.in_language(language)
    })
}

fn grants() -> impl Strategy<Value = Grant> {
    let until = prop_oneof![3 => Just(None), 1 => times().prop_map(Some), 1 => Just(Some(Seconds(u32::MAX)))];
    let strength = prop::sample::select(vec![Strength::Single, Strength::Double]);
    (times(), strength, until, read_texts(), 0u64..4).prop_map(
        |(at, strength, valid_until, text, event)| Grant {
            at,
            strength,
            valid_until,
            text,
            event: EventId(event),
            other_texts: BTreeSet::new(),
        },
    )
}

fn subject_facts() -> impl Strategy<Value = Fact> {
    let classes = prop_oneof![
        2 => prop::sample::select(&Class::ALL[..]),
        1 => Just(Class::Erase)
    ];
    prop_oneof![
        8 => (subjects(), scopes(), grants())
            .prop_map(|(subject, scope, grant)| Fact::Grant { subject, scope, grant }),
        2 => (subjects(), 0u64..4, times())
            .prop_map(|(subject, grant, at)| Fact::Confirm { subject, grant: EventId(grant), at }),
        2 => (subjects(), scopes(), marks())
            .prop_map(|(subject, scope, mark)| Fact::ScopeObjection { subject, scope, mark }),
        3 => (subjects(), classes, marks())
            .prop_map(|(subject, class, mark)| Fact::Objection { subject, class, mark }),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::Block(subject, at)),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::Unblock(subject, at)),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::Restrict(subject, at)),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::Unrestrict(subject, at)),
        1 => (subjects(), times()).prop_map(|(subject, until)| Fact::Cooldown(subject, until)),
        1 => (subjects(), marks()).prop_map(|(subject, message)| Fact::Inbound { subject, message }),
        1 => (subjects(), 0u64..4)
            .prop_map(|(subject, id)| Fact::ObjectingInbound(subject, EventId(id))),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::Requested(subject, at)),
        1 => (subjects(), times()).prop_map(|(subject, at)| Fact::GivenUp(subject, at)),
        2 => (subjects(), identities_apart(), times(), 0u32..3).prop_map(linked),
    ]
}

/// Two identities, the lesser one first.
fn identities_apart() -> impl Strategy<Value = [Identity; 2]> {
    prop::sample::subsequence(identities(), 2).prop_map(|two| {
        let mut ends = [two[0].clone(), two[1].clone()];
        ends.sort();
        ends
    })
}

fn linked((subject, ends, at, more): (Subject, [Identity; 2], Seconds, u32)) -> Fact {
    let change = if more > 0 { LinkChange::Linked(at) } else { LinkChange::Unlinked(at) };
    Fact::Link { business: subject.business, ends, change }
}

fn targets() -> impl Strategy<Value = PauseTarget> {
    prop::sample::select(vec![
        PauseTarget::Business,
        PauseTarget::Scope(scope("offers")),
        PauseTarget::Campaign("spring".into()),
        PauseTarget::Template("spring".into()),
    ])
}

fn switched((business, target, at, on): (BusinessId, PauseTarget, Seconds, bool)) -> Fact {
    if on { Fact::Pause { business, target, at } } else { Fact::Resume { business, target, at } }
}

fn other_facts() -> impl Strategy<Value = Fact> {
    let businesses = || prop::sample::select(&BUSINESSES[..]).prop_map(business);
    let names = |names: &'static [&'static str]| {
        prop::option::weighted(0.8, prop::sample::select(names).prop_map(str::to_string))
    };
    let places = || (0i64..3).prop_map(place);
    prop_oneof![
        3 => (businesses(), names(&["a", "b", "d"]), names(&["1", "2", ""]))
            .prop_map(|(business, id, version)| Fact::InvalidText { business, id, version }),
        3 => (businesses(), names(&["a", "b", "d"]), names(&["1", "2", ""]), times()).prop_map(
            |(business, id, version, at)| {
                // So late that something is older by more than a minute.
                Fact::TextRetired { business, id, version, at: at.plus(63) }
            }
        ),
        12 => publications(),
        2 => (businesses(), targets(), times(), any::<bool>()).prop_map(switched),
        2 => (places(), businesses(), any::<bool>()).prop_map(|(place, business, subject_named)| {
            Fact::Undecodable { place, business: Some(business), subject_named }
        }),
        2 => (places(), any::<bool>()).prop_map(|(place, remedied)| Fact::Void { place, remedied }),
    ]
}

/// Mostly what is said already, so that something is proven; now and then a contradiction.
fn publications() -> impl Strategy<Value = Fact> {
    let businesses = prop::sample::select(&BUSINESSES[..]).prop_map(business);
    let usual = Just(SCOPES.to_vec());
    let some = prop::sample::subsequence(SCOPES.to_vec(), 0..=3);
    let scopes = prop_oneof![6 => usual, 1 => some];
    let sentence = prop_oneof![12 => Just(1), 1 => Just(2)];
    (businesses, texts(), scopes, sentence).prop_map(|(business, text, scopes, sentence)| {
        let mut fact = published(&business, &text, scopes);
        if let Fact::TextPublished { edition, .. } = &mut fact {
            edition.sha256 = TextHash([sentence; 32]);
        }
        fact
    })
}

/// Facts that hold nothing, since a held gate gives no answers.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact = prop_oneof![6 => subject_facts(), 1 => other_facts()];
    prop::collection::vec(fact, 0..80)
}

fn joined(facts: &[Fact], large_at: usize) -> (State, ConsentIndex) {
    let mut state = State::default();
    let mut index = ConsentIndex::with_large_at(keys(), large_at);
    for fact in facts {
        state.join(fact.clone());
        index.apply(fact.clone());
    }
    (state, index)
}

/// Every question that can be asked about the made-up world.
fn all_queries(identities: &[Identity]) -> Vec<Query<'_>> {
    let mut queries = Vec::new();
    for name in BUSINESSES.into_iter().chain(["nobody"]) {
        for name_of_scope in SCOPES.into_iter().chain(["unheard_of"]) {
            for (at, to) in identities.iter().enumerate() {
                for detail in [Detail::Quick, Detail::Full] {
                    for also in [None, identities.get((at + 1) % identities.len())] {
                        queries.push(Query {
                            business: name,
                            to: Some(to.as_ref()),
                            also: [None, also.map(Identity::as_ref)],
                            scope: name_of_scope,
                            detail,
                        });
                    }
                }
            }
        }
    }
    queries
}

fn assert_answers_equal(state: &State, index: &mut ConsentIndex) -> Result<(), TestCaseError> {
    let identities = identities();
    let queries = all_queries(&identities);
    let answers = ask_all(index, &queries);
    for (query, answer) in queries.iter().zip(&answers) {
        prop_assert_eq!(answer, &oracle::answer(state, query), "{:?}", query);
    }
    Ok(())
}

/// For each subject and scope: the flag, the bit and the fold say the same.
fn assert_flags_and_bits_equal(state: &State, index: &ConsentIndex) -> Result<(), TestCaseError> {
    let hashes = KeyedHashes::new(&keys());
    let mut known = 0;
    for subject in state.subjects.keys() {
        let identity = subject.identity.as_ref();
        let business = index.business(subject.business.as_str()).unwrap();
        let entry = business.directory.get(&hashes.identity(identity));
        let erased = state.subjects[subject].is_erased();
        prop_assert_eq!(entry.is_none(), erased);
        known += usize::from(!erased);
        for name in SCOPES {
            let folded = oracle::grant_stands(state, &subject.business, identity, name);
            let flag =
                index.names().find(name).and_then(|name| business.scopes.find(name)).is_some_and(
                    |scope| {
                        let flags = entry.map_or(HotFlags::default(), |entry| entry.flags);
                        flags.stands(scope)
                    },
                );
            let bit =
                index.names().find(name).and_then(|name| business.scopes.find(name)).is_some_and(
                    |scope| {
                        let bitmap = &business.scopes.get(scope).unwrap().standing;
                        entry.is_some_and(|entry| bitmap.contains(entry.id.0))
                    },
                );
            prop_assert_eq!(flag, folded);
            prop_assert_eq!(bit, folded && business.large);
        }
    }
    prop_assert_eq!(index.stats().subjects, known as u64);
    Ok(())
}

fn assert_counts_equal(state: &State, index: &ConsentIndex) -> Result<(), TestCaseError> {
    let stats = index.stats();
    let subjects = || state.subjects.values();
    let grants: usize = subjects().map(|subject| subject.grants.len()).sum();
    let objections: usize = subjects()
        .map(|subject| {
            let classes = Class::ALL.iter();
            let classes = classes.filter(|class| subject.objections.get(**class).is_some());
            classes.count() + subject.scope_objections.len()
        })
        .sum();
    let erased = subjects().filter(|subject| subject.is_erased()).count();
    prop_assert_eq!(stats.grants, grants as u64);
    prop_assert_eq!(stats.objections, objections as u64);
    prop_assert_eq!(stats.tombstones, erased as u64);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flags_equal_bitmaps_equal_fold(facts in facts(), large_at in 0usize..4) {
        let (state, mut index) = joined(&facts, large_at);
        assert_flags_and_bits_equal(&state, &index)?;
        assert_counts_equal(&state, &index)?;
        assert_answers_equal(&state, &mut index)?;
    }

    #[test]
    fn order_and_repetition_do_not_matter(
        (facts, shuffled) in facts().prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(facts.iter().step_by(2)).cloned().collect();
            (Just(facts), Just(twice).prop_shuffle())
        })
    ) {
        let (state, _) = joined(&facts, 1);
        let (_, mut index) = joined(&shuffled, 1);
        assert_flags_and_bits_equal(&state, &index)?;
        assert_answers_equal(&state, &mut index)?;
    }

    #[test]
    fn what_holds_the_gate_is_what_the_state_says(
        facts in prop::collection::vec(
            prop_oneof![
                2 => (0i64..4, prop::option::of(prop::sample::select(&BUSINESSES[..])), any::<bool>())
                    .prop_map(|(at, name, subject_named)| Fact::Undecodable {
                        place: place(at),
                        business: name.map(business),
                        subject_named,
                    }),
                2 => (0i64..4, any::<bool>())
                    .prop_map(|(at, remedied)| Fact::Void { place: place(at), remedied }),
                3 => (0i64..4, times())
                    .prop_map(|(at, second)| Fact::PauseAll { place: place(at), at: second }),
                2 => times().prop_map(Fact::ResumeAll),
            ],
            0..12,
        )
    ) {
        let (state, index) = joined(&facts, 1);
        prop_assert_eq!(index.holding(), state.holding());
        for name in BUSINESSES {
            let quarantined = index.business(name).is_some_and(|business| {
                business.quarantined() == crate::index::Quarantined::Yes
            });
            prop_assert_eq!(quarantined, state.quarantine.covers(&business(name)));
        }
    }
}
