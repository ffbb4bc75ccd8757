//! Small worlds in which everything collides: few people, few scopes, few seconds.

mod event;
mod message;

use consentgate::consent::{
    Coded, ConsentEvent, ConsentRecord, Content, EventKind, KeyParts, Offset, Partition, Place,
    Placement, Seconds, Subject, Topic,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::log::{CARLA, MARTA, MARTA_WITH_1, business, subject};
use event::{an_event, kind, mostly, second};
pub(crate) use message::{messages, policies};

pub(crate) const BUSINESSES: [&str; 2] = ["cafe", "shop"];
pub(crate) const PEOPLE: [&str; 3] = [MARTA, MARTA_WITH_1, CARLA];
/// The last is no scope of the standard policy.
pub(crate) const SCOPES: [&str; 4] = ["offers", "order_updates", "authentication", "raffles"];
pub(crate) const CAMPAIGNS: [&str; 3] = ["", "spring", "autumn"];
pub(crate) const TEMPLATES: [&str; 2] = ["", "sale"];
pub(crate) const LANGUAGES: [&str; 4] = ["en_US", "", "de", "EN-us"];
/// Equal seconds are common, and so is a minute more or less.
pub(crate) const SECONDS: [u32; 7] = [100, 101, 102, 160, 161, 162, 163];
/// Some are when a farewell, a request, a window or the longest wait is just over for some records and
/// not yet for others.
pub(crate) const NOWS: [u32; 7] = [99, 162, 200, 462, 762, 86_562, 2_592_161];

/// So many worlds a law; `PROPTEST_CASES` asks for more, or for fewer.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig::with_cases(asked.and_then(|n| n.parse().ok()).unwrap_or(usual))
}

fn is_switch(event: &ConsentEvent) -> bool {
    matches!(event.kind, Coded::Known(EventKind::Pause | EventKind::Resume))
}

/// What mostly happens.
#[derive(Clone, Copy, Debug)]
enum Events {
    /// Every kind of event.
    All,
    /// People agree, and a platform stops marketing.
    Stops,
}

/// What a world is mostly like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mood {
    /// Out of so many choices about one is not the usual one.
    calm: u32,
    /// What most events are about.
    scope: &'static str,
    events: Events,
}

impl Mood {
    /// About offers, and of every kind.
    pub(crate) const fn usual(calm: u32) -> Self {
        Self { calm, scope: SCOPES[0], events: Events::All }
    }
}

/// What matters for a day only lies in either topic.
fn home(topic: Topic, partition: i32, event: Option<&ConsentEvent>) -> Topic {
    let kind = event.and_then(|event| event.kind.known());
    if kind == Some(EventKind::TemplateState) {
        return if topic == Topic::ConsentEvents { Topic::TemplateStates } else { topic };
    }
    let is_activity = partition > 0 && kind.is_some_and(EventKind::is_activity);
    if is_activity { Topic::ConsentActivity } else { topic }
}

fn key_of(event: Option<&ConsentEvent>, stray: Option<KeyParts>) -> KeyParts {
    let value = event.and_then(|event| event.business.clone().zip(event.identity.clone()));
    match (stray, value) {
        (Some(stray), _) => stray,
        (None, Some((business, identity))) => KeyParts::Subject(Subject { business, identity }),
        (None, None) => match event.and_then(|event| event.business.clone()) {
            Some(business) => KeyParts::Business(business),
            None if event.is_some_and(is_switch) => KeyParts::Platform,
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
pub(crate) fn record(mood: Mood) -> impl Strategy<Value = ConsentRecord> {
    record_of(mood, kind(mood))
}

/// A record of one of these kinds, or of none.
fn record_of(
    mood: Mood,
    kind: impl Strategy<Value = Coded<EventKind>>,
) -> impl Strategy<Value = ConsentRecord> {
    let calm = mood.calm;
    let event = kind.prop_flat_map(move |kind| an_event(mood, kind));
    let content = prop_oneof![2 * calm => event.prop_map(Some), 1 => Just(None)];
    let place = (mostly(calm, Topic::ConsentEvents, vec![Topic::ConsentActivity]), 0..3_i32);
    let placement = mostly(calm, Placement::Right, vec![Placement::Wrong]);
    (content, place, second(), stray_key(calm), placement).prop_map(
        |(event, (topic, partition), at, stray, placement)| ConsentRecord {
            place: Place {
                topic: home(topic, partition, event.as_ref()),
                partition: Partition(partition),
                offset: Offset(0),
            },
            appended_at: Seconds(at),
            key: key_of(event.as_ref(), stray),
            placement,
            content: event.map_or(Content::Undecodable, |event| Content::Event(Box::new(event))),
        },
    )
}

/// Records, each in a place of its own: some worlds are calm, so that much can be sent in them, and
/// some are full of doubt. In some a platform stops marketing while people agree to what is none.
pub(crate) fn world() -> impl Strategy<Value = Vec<ConsentRecord>> {
    let records = |mood, most| proptest::collection::vec(record(mood), 0..most);
    let usual = |calm, most| records(Mood::usual(calm), most);
    let stopped = |scope| records(Mood { calm: 200, scope, events: Events::Stops }, 10);
    let stopped = prop_oneof![stopped(SCOPES[1]), stopped(SCOPES[2])];
    prop_oneof![3 => usual(200, 24), 2 => usual(40, 16), 1 => usual(2, 10), 3 => stopped]
        .prop_map(placed)
}

/// Records of these kinds alone, so that they meet in many ways.
pub(crate) fn world_of(kinds: &[EventKind]) -> impl Strategy<Value = Vec<ConsentRecord>> {
    let kinds: Vec<_> = kinds.iter().copied().map(Coded::Known).collect();
    let records = move |calm| {
        let record = record_of(Mood::usual(calm), select(kinds.clone()));
        proptest::collection::vec(record, 0..12)
    };
    prop_oneof![1 => records(200), 1 => records(20), 2 => records(6)].prop_map(placed)
}

/// Numbers the records of each partition in order.
fn placed(mut records: Vec<ConsentRecord>) -> Vec<ConsentRecord> {
    let mut next = std::collections::BTreeMap::new();
    for record in &mut records {
        let slot = next.entry((record.place.topic, record.place.partition)).or_insert(0);
        record.place.offset = Offset(*slot);
        *slot += 1;
    }
    records
}
