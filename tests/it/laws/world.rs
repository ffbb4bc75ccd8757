//! Small worlds in which everything collides: few people, few scopes, few seconds.

use consentgate::consent::{
    Actor, Category, Coded, ConsentEvent, ConsentRecord, Content, Effect, EventId, EventKind,
    Expression, Identity, IdentityRef, KeyParts, Method, Offset, Partition, Place, Placement,
    ScopeName, Seconds, Strength, TextRef, Topic, VoidRemedy,
};
use consentgate::decision::{Message, OptOutPath};
use consentgate::policy::{Policy, ScopeClass, ScopeRule};
use proptest::prelude::*;
use proptest::sample::select;

use super::log::{ANNA, BEN, CARLA, business, subject};

pub(crate) const BUSINESSES: [&str; 2] = ["cafe", "shop"];
pub(crate) const PEOPLE: [&str; 3] = [ANNA, BEN, CARLA];
/// The last is no scope of the standard policy.
pub(crate) const SCOPES: [&str; 4] = ["offers", "order_updates", "authentication", "raffles"];
/// Equal seconds are common, and so is a minute more or less.
pub(crate) const SECONDS: [u32; 7] = [100, 101, 102, 160, 161, 162, 163];
pub(crate) const NOWS: [u32; 3] = [99, 162, 200];

/// So many worlds a law; `PROPTEST_CASES` asks for more, or for fewer.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig::with_cases(asked.and_then(|n| n.parse().ok()).unwrap_or(usual))
}

/// `usual`, now and then anything of the rest: a world full of doubt lets nothing through.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    calm: u32,
    usual: T,
    rare: Vec<T>,
) -> BoxedStrategy<T> {
    prop_oneof![calm => Just(usual), 1 => select(rare)].boxed()
}

fn second() -> impl Strategy<Value = u32> {
    select(SECONDS.to_vec())
}

fn some_millis() -> impl Strategy<Value = i64> {
    (second(), 0..1_000_i64).prop_map(|(second, more)| i64::from(second) * 1_000 + more)
}

fn scope_list() -> impl Strategy<Value = Vec<ScopeName>> {
    let some = proptest::sample::subsequence(SCOPES.to_vec(), 1..=2);
    let names = prop_oneof![10 => some, 1 => Just(vec![]), 1 => Just(vec!["offers"; 65])];
    names.prop_map(|names| super::log::scopes(&names))
}

fn kind(calm: u32) -> impl Strategy<Value = Coded<EventKind>> {
    use EventKind as K;
    let known = prop_oneof![
        20 => Just(K::Grant),
        5 => Just(K::Confirm),
        3 => Just(K::Withdraw),
        2 => Just(K::Erase),
        3 => Just(K::Void),
        10 => select(K::ALL.to_vec()),
    ];
    prop_oneof![
        2 * calm => known.prop_map(Coded::Known),
        2 => Just(Coded::Unknown(77)),
        1 => Just(Coded::Unspecified),
    ]
}

fn effect_of(calm: u32, kind: Coded<EventKind>) -> BoxedStrategy<Coded<Effect>> {
    let any = vec![
        Coded::Known(Effect::Objects),
        Coded::Known(Effect::Permits),
        Coded::Known(Effect::Neutral),
        Coded::Unspecified,
        Coded::Unknown(9),
    ];
    match kind.known() {
        Some(kind) => prop_oneof![
            2 * calm => Just(Coded::Known(kind.effect())),
            6 => Just(Coded::Unspecified),
            2 => select(any),
        ]
        .boxed(),
        None => select(any).boxed(),
    }
}

fn text() -> impl Strategy<Value = Option<TextRef>> {
    let named = [
        ("welcome", "1"),
        ("welcome", "2"),
        ("terms", "1"),
        ("welcome", ""),
        ("", "1"),
    ];
    let texts: Vec<_> = named
        .map(|(id, version)| Some(TextRef::new(id, version)))
        .to_vec();
    prop_oneof![15 => select(texts), 1 => Just(None)]
}

fn id(calm: u32) -> impl Strategy<Value = Option<EventId>> {
    mostly(calm, 0, vec![1])
        .prop_flat_map(|none| (1..5_u64).prop_map(move |n| (none == 0).then_some(EventId(n))))
}

/// How, by whom and on which text, mostly complete.
fn proof(calm: u32) -> impl Strategy<Value = ConsentEvent> {
    let methods = vec![
        Coded::Known(Method::QrCode),
        Coded::Known(Method::ClickToWhatsappAd),
        Coded::Known(Method::Import),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let expressions = vec![
        Coded::Known(Expression::BoxTicked),
        Coded::Known(Expression::Voice),
        Coded::Known(Expression::PreTicked),
        Coded::Known(Expression::Bundled),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let actors = vec![
        Coded::Known(Actor::Guardian),
        Coded::Known(Actor::Business),
        Coded::Known(Actor::Importer),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    let strengths = vec![
        Coded::Known(Strength::Double),
        Coded::Unspecified,
        Coded::Unknown(40),
    ];
    // What lacks in a proof leaves no doubt behind, it only refuses the grant: it may be common.
    let calm = calm.min(16);
    let until = prop_oneof![
        6 => Just(None),
        2 => some_millis().prop_map(Some),
        1 => select(vec![Some(-1), Some(i64::MAX), Some(0)]),
    ];
    (
        mostly(calm, Coded::Known(Method::WebsiteForm), methods),
        mostly(calm, Coded::Known(Expression::WordsWritten), expressions),
        mostly(calm, Coded::Known(Actor::Subject), actors),
        mostly(calm, Coded::Known(Strength::Single), strengths),
        until,
        text(),
        id(calm),
        (0..6_u64).prop_map(|n| (n > 0).then_some(EventId(n))),
    )
        .prop_map(
            |(method, expression, actor, strength, until, text, event_id, confirms)| ConsentEvent {
                event_id,
                method,
                expression,
                actor,
                strength,
                valid_until_ms: until,
                text,
                confirms,
                ..ConsentEvent::default()
            },
        )
}

fn occurred() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        14 => some_millis().prop_map(Some),
        1 => Just(None),
        1 => select(vec![Some(-5_000), Some(i64::MAX), Some(10_000_000)]),
    ]
}

fn historic_import() -> impl Strategy<Value = (bool, bool)> {
    prop_oneof![12 => Just((false, false)), 1 => Just((true, false)), 2 => Just((true, true))]
}

fn an_event(calm: u32, kind: Coded<EventKind>) -> impl Strategy<Value = ConsentEvent> {
    let who = (select(BUSINESSES.to_vec()), select(PEOPLE.to_vec()));
    let named = (
        mostly(calm, true, vec![false]),
        mostly(calm, true, vec![false]),
    );
    let remedies = vec![
        VoidRemedy::None,
        VoidRemedy::Replaced(vec![]),
        VoidRemedy::Replaced(vec![EventId(1)]),
        VoidRemedy::Dropped(" ".into()),
        VoidRemedy::Dropped("a test record".into()),
    ];
    let target = (0..3_i32, 0..14_i64).prop_map(|(partition, offset)| Place {
        topic: Topic::ConsentEvents,
        partition: Partition(partition),
        offset: Offset(offset),
    });
    (
        who,
        named,
        proof(calm),
        (effect_of(calm, kind), mostly(calm, 0, vec![1, 2])),
        (scope_list(), mostly(calm, true, vec![false])),
        occurred(),
        historic_import(),
        (mostly(calm, true, vec![false]), target, select(remedies)),
    )
        .prop_map(
            move |(who, named, proof, reading, scopes, occurred, old, void)| {
                let by_import = old.1;
                ConsentEvent {
                    business: named.0.then(|| business(who.0)),
                    identity: named.1.then(|| Identity::parse(who.1).unwrap()),
                    kind,
                    effect: reading.0,
                    min_reader: reading.1,
                    scopes: scopes.0,
                    scopes_complete: scopes.1,
                    occurred_at_ms: occurred,
                    historic: old.0,
                    method: if by_import {
                        Coded::Known(Method::Import)
                    } else {
                        proof.method
                    },
                    actor: if by_import {
                        Coded::Known(Actor::Importer)
                    } else {
                        proof.actor
                    },
                    voids: void.0.then_some(void.1),
                    remedy: void.2,
                    ..proof
                }
            },
        )
}

fn key_of(event: Option<&ConsentEvent>, stray: Option<KeyParts>) -> KeyParts {
    let value = event.and_then(|event| event.business.clone().zip(event.identity.clone()));
    match (stray, value) {
        (Some(stray), _) => stray,
        (None, Some((business, identity))) => {
            KeyParts::Subject(consentgate::consent::Subject { business, identity })
        }
        (None, None) => match event.and_then(|event| event.business.clone()) {
            Some(business) => KeyParts::Business(business),
            None => KeyParts::Subject(subject(BUSINESSES[0], PEOPLE[0])),
        },
    }
}

fn stray_key(calm: u32) -> impl Strategy<Value = Option<KeyParts>> {
    prop_oneof![
        3 * calm => Just(None),
        2 => (select(BUSINESSES.to_vec()), select(PEOPLE.to_vec()))
            .prop_map(|(b, p)| Some(KeyParts::Subject(subject(b, p)))),
        1 => select(BUSINESSES.to_vec()).prop_map(|b| Some(KeyParts::Business(business(b)))),
        1 => select(vec![Some(KeyParts::Platform), Some(KeyParts::Unreadable)]),
    ]
}

/// A record whose place is not yet known but for its topic and partition.
pub(crate) fn record(calm: u32) -> impl Strategy<Value = ConsentRecord> {
    let event = kind(calm).prop_flat_map(move |kind| an_event(calm, kind));
    let content = prop_oneof![2 * calm => event.prop_map(Some), 1 => Just(None)];
    let place = (
        mostly(calm, Topic::ConsentEvents, vec![Topic::ConsentActivity]),
        0..3_i32,
    );
    let placement = mostly(calm, Placement::Right, vec![Placement::Wrong]);
    (content, place, second(), stray_key(calm), placement).prop_map(
        |(event, (topic, partition), at, stray, placement)| ConsentRecord {
            place: Place {
                topic,
                partition: Partition(partition),
                offset: Offset(0),
            },
            appended_at: Seconds(at),
            key: key_of(event.as_ref(), stray),
            placement,
            content: event.map_or(Content::Undecodable, |event| {
                Content::Event(Box::new(event))
            }),
        },
    )
}

/// Records, each in a place of its own: some worlds are calm, so that much can be sent in them, and
/// some are full of doubt.
pub(crate) fn world() -> impl Strategy<Value = Vec<ConsentRecord>> {
    let records = |calm, most| proptest::collection::vec(record(calm), 0..most);
    prop_oneof![3 => records(200, 24), 2 => records(40, 16), 1 => records(2, 10)].prop_map(placed)
}

/// Numbers the records of each partition in order.
fn placed(mut records: Vec<ConsentRecord>) -> Vec<ConsentRecord> {
    let mut next = std::collections::BTreeMap::new();
    for record in &mut records {
        let slot = next
            .entry((record.place.topic, record.place.partition))
            .or_insert(0);
        record.place.offset = Offset(*slot);
        *slot += 1;
    }
    records
}

/// The standard policy, one that wants confirmed offers, and one that once had raffles.
pub(crate) fn policies() -> [Policy; 3] {
    let standard = Policy::standard();
    let scopes = || standard.scopes().map(|(name, rule)| (name.clone(), rule));
    let raffles = ScopeName::parse(SCOPES[3]).unwrap();
    let offers = ScopeName::parse(SCOPES[0]).unwrap();
    let strict = ScopeRule {
        class: ScopeClass::Marketing,
        strength: Strength::Double,
    };
    let double = scopes().chain([(offers, strict)]);
    [
        standard.clone(),
        Policy::new(double, []).unwrap(),
        Policy::new(scopes(), [raffles]).unwrap(),
    ]
}

/// Every message that can be written in such a world.
pub(crate) fn messages() -> Vec<Message<'static>> {
    let people: Vec<_> = PEOPLE
        .map(IdentityRef::parse)
        .into_iter()
        .chain([None])
        .collect();
    let mut all = Vec::new();
    for business in BUSINESSES.into_iter().chain(["bank"]) {
        for &to in &people {
            for &other in &people {
                for scope in SCOPES.into_iter().chain([""]) {
                    for category in &Category::ALL[..3] {
                        all.push(Message {
                            business,
                            to,
                            also: [other, None],
                            scope,
                            category: *category,
                            deadline: (all.len() % 5 == 4).then_some(Seconds(162)),
                            opt_out_path: match all.len() % 7 {
                                6 => OptOutPath::Missing,
                                _ => OptOutPath::Offered,
                            },
                            answers: None,
                            message_id: "m",
                            campaign_id: "",
                            template: "",
                        });
                    }
                }
            }
        }
    }
    all
}
