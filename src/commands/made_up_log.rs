//! Consent logs that are made up, for laws: two businesses, four people, and odd records among them.

use proptest::prelude::*;
use prost::Message as _;

use crate::consent::partitioner::partition_of;
use crate::consent::{BusinessId, Identity, Offset, Seconds, Subject, Topic};
use crate::stream::ports::{AppendTime, RawConsent, TopicWidth};
use crate::wire::consent::{effect_of, key_of};
use crate::wire::proto::consent::{
    Actor, ConsentEvent, Expression, Kind, Method, Place as ProtoPlace, TopicRole, VoidTarget,
};

pub(super) const PARTITIONS: i32 = 2;
pub(super) const NOW: Seconds = Seconds(10_000);
const KINDS: [Kind; 16] = [
    Kind::Grant,
    Kind::Grant,
    Kind::Confirm,
    Kind::Withdraw,
    Kind::Erase,
    Kind::Erase,
    Kind::Inbound,
    Kind::PlatformResume,
    Kind::Block,
    Kind::Unblock,
    Kind::Complaint,
    Kind::IdentityLink,
    Kind::IdentityUnlink,
    Kind::IdentityChanged,
    Kind::Pause,
    Kind::Request,
];

pub(super) fn widths() -> Vec<TopicWidth> {
    Topic::ALL.map(|topic| TopicWidth { topic, partitions: PARTITIONS }).to_vec()
}

pub(super) fn business(number: usize) -> &'static str {
    ["cafe", "shop"][number % 2]
}

pub(super) fn phone(person: usize) -> String {
    format!("+9991000000{person}")
}

pub(super) fn subject() -> Subject {
    let identity = Identity::parse(&phone(0)).expect("an identity");
    Subject { business: BusinessId::parse("cafe").expect("a business"), identity }
}

/// What a record is made of: kind, business, person, other person, time, odd.
pub(super) type Draw = (usize, usize, usize, usize, u32, u8);

fn event(&(kind, of, person, other, at, _): &Draw, number: usize) -> ConsentEvent {
    let kind = KINDS[kind];
    let mut event = ConsentEvent {
        event_id: format!("e{number}"),
        business_id: business(of).to_owned(),
        kind: kind.into(),
        effect: effect_of(kind).into(),
        scopes: vec!["offers".to_owned()],
        occurred_at_ms: Some(i64::from(at) * 1_000),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "t".to_owned(),
        text_version: "1".to_owned(),
        actor: Actor::Subject.into(),
        confirms_event_id: format!("e{}", number / 2),
        inbound_id: format!("w{at}"),
        ..ConsentEvent::default()
    };
    if kind == Kind::Pause {
        event.scopes.clear();
        return event;
    }
    event.phone = phone(person);
    if matches!(kind, Kind::IdentityLink | Kind::IdentityUnlink | Kind::IdentityChanged) {
        event.linked_phone = phone(other);
    }
    event
}

/// Records as they lie in the log; a few odd ones among them.
pub(super) fn log(draws: &[Draw]) -> Vec<RawConsent> {
    let mut ends = [0_i64; PARTITIONS as usize];
    let mut records: Vec<RawConsent> = Vec::new();
    for (number, draw) in draws.iter().enumerate() {
        let mut event = event(draw, number);
        let mut key = key_of(&event).expect("a key");
        let odd = draw.5;
        let value = match odd {
            // Nobody can read it.
            0 => b"\xff no event".to_vec(),
            // A void of the record before.
            1 if !records.is_empty() => {
                let names = records.last().expect("a record");
                let place = ProtoPlace {
                    topic: TopicRole::ConsentEvents.into(),
                    partition: names.partition.0,
                    offset: names.offset.0,
                };
                key = "/".to_owned();
                event = ConsentEvent {
                    kind: Kind::Void.into(),
                    effect: effect_of(Kind::Void).into(),
                    void: Some(VoidTarget {
                        place: Some(place),
                        drop_reason: "a test".to_owned(),
                        ..VoidTarget::default()
                    }),
                    ..ConsentEvent::default()
                };
                event.encode_to_vec()
            }
            // Under somebody else's key.
            2 => {
                key = format!("{}/{}", business(draw.1 + 1), phone(draw.3));
                event.encode_to_vec()
            }
            _ => event.encode_to_vec(),
        };
        let partition = partition_of(key.as_bytes(), PARTITIONS).expect("a partition");
        let end = &mut ends[partition.0 as usize];
        // A control record lies there, or one that was aborted.
        *end += i64::from(odd == 3);
        records.push(RawConsent {
            topic: Topic::ConsentEvents,
            partition,
            offset: Offset(*end),
            appended: AppendTime::Broker(i64::from(draw.4) * 1_000),
            key: Some(key.into_bytes()),
            value: Some(value),
        });
        *end += 1;
    }
    records
}

pub(super) fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let draw = (0..KINDS.len(), 0..2_usize, 0..4_usize, 0..4_usize, 1_u32..9_000, 0_u8..20);
    proptest::collection::vec(draw, 0..24)
}
